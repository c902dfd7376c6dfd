import { type Finding, finding } from "../findings/finding.ts";
import type { Definition, Definitions } from "../revisions/definitions.ts";
import { type Cause, causesOf, idOf, keylessIn, typeOf } from "./causes.ts";
import { distinct } from "./locations.ts";
import type { Unsatisfiable, UnsatisfiableReason } from "./satisfiability.ts";

/** What no way through the subgraphs leads to: a finding for each cause, however many fields and operations suffer from it. */
export const unreachableFindings = (all: readonly Unsatisfiable[], definitions: Definitions): Finding[] => [
  ...all.filter(({ kind }) => kind === "mutation").map((one) => mutationFinding(one, definitions)),
  ...byCause(all.filter(({ kind }) => kind === "path")).map((group) => pathFinding(group, definitions)),
];

interface Group {
  /** By their ids. */
  readonly causes: Map<string, Cause>;
  readonly members: Unsatisfiable[];
}

/** Two that share a cause belong together, and so does what shares another one with either. */
const byCause = (all: readonly Unsatisfiable[]): readonly Group[] => {
  const keyless = keylessIn(all);
  const groups = new Set<Group>();
  const groupOf = new Map<string, Group>();
  for (const one of all) {
    const own: Group = { causes: new Map(), members: [one] };
    for (const cause of causesOf(one, keyless)) own.causes.set(idOf(cause), cause);
    const [first = own, ...rest] = new Set([...own.causes.keys()].flatMap((id) => groupOf.get(id) ?? []));
    for (const other of [...rest, own]) {
      if (other === first) continue;
      for (const member of other.members) first.members.push(member);
      for (const [id, cause] of other.causes) if (!first.causes.has(id)) first.causes.set(id, cause);
      groups.delete(other);
    }
    for (const id of first.causes.keys()) groupOf.set(id, first);
    groups.add(first);
  }
  return [...groups];
};

const pathFinding = ({ causes, members }: Group, definitions: Definitions): Finding => {
  const all = [...causes.values()];
  const coordinates = [...new Set(members.map(({ coordinate }) => coordinate))].sort();
  const reasons = members.flatMap((one) => one.reasons);
  const providers = coordinates.flatMap((coordinate) => providersOf(coordinate, definitions));
  const mended = all.flatMap((cause) => mendedAt(cause, definitions));
  const [only] = coordinates;
  return finding("SATISFIABILITY_ERROR", {
    coordinate: coordinates.length === 1 && only ? only : (all[0]?.type ?? null),
    message: `${headOf(all)}${consequencesOf(members).join("; ")}.`,
    subgraphs: [...[...mended, ...providers].map(({ subgraph }) => subgraph), ...reasons.map(({ from }) => from)],
    locations: distinct([...mended, ...providers].map((one) => definitions.locationOf(one))),
    details: [...reasonLines(reasons), exampleOf(members)],
    remedy: remedyOf(all[0], providers[0] && typeAround(providers[0], definitions)),
  });
};

/** A mutation runs once: it cannot be asked of a second subgraph for what the first one lacks. */
const mutationFinding = (one: Unsatisfiable, definitions: Definitions): Finding => {
  const { coordinate, reasons } = one;
  const { subgraphs, locations } = definitions.locate(coordinate);
  const lacking = reasons.flatMap(({ from, to, text }) => {
    const [, field] = /cannot find field "([^"]+)"/.exec(text) ?? [];
    return field === undefined ? [] : [{ coordinate: field, reasons: [{ from, to, text }] }];
  });
  const providers = lacking.flatMap((field) => providersOf(field.coordinate, definitions));
  return finding("SATISFIABILITY_ERROR", {
    coordinate,
    message: `${coordinate} is sent to one subgraph only, and neither of ${sentence([...subgraphs].sort())} can answer all that it gives: ${consequencesOf(lacking).join("; ")}.`,
    subgraphs,
    locations: distinct([...locations, ...providers.map((one) => definitions.locationOf(one))]),
    details: [...reasonLines(reasons), exampleOf([one])],
    remedy: `Let one of them answer all of it, by itself or by way of a @key; or leave ${coordinate} to one subgraph.`,
  });
};

/** Where it is defined; of a type condition, the type. */
const providersOf = (coordinate: string, definitions: Definitions): readonly Definition[] => {
  const providing = definitions.providing(coordinate);
  return providing.length > 0 ? providing : definitions.of(typeOf(coordinate));
};

const mendedAt = (cause: Cause, definitions: Definitions): readonly Definition[] => {
  const at = (coordinate: string, subgraph: string) =>
    definitions.of(coordinate).filter((definition) => definition.subgraph === subgraph);
  switch (cause.kind) {
    case "keyless":
    case "unresolvable":
      return at(cause.type, cause.subgraph);
    case "noCommonKey":
      return [...at(cause.type, cause.from), ...at(cause.type, cause.to)];
    case "unmetRequirement":
      return at(cause.field, cause.subgraph);
    case "unknown":
      return [];
  }
};

const headOf = (causes: readonly Cause[]): string => {
  const keyless = new Map<string, string[]>();
  const others: string[] = [];
  for (const cause of causes) {
    if (cause.kind === "keyless") keyless.set(cause.type, [...(keyless.get(cause.type) ?? []), cause.subgraph]);
    if (cause.kind === "unresolvable") others.push(`no @key of ${cause.type} is resolvable in ${cause.subgraph}`);
    if (cause.kind === "unmetRequirement")
      others.push(`what ${cause.field} requires cannot be had in ${cause.subgraph}`);
    if (cause.kind === "noCommonKey")
      others.push(`no key of ${cause.type} is common to ${sentence([cause.from, cause.to].sort())}`);
  }
  const told = [
    ...[...keyless].map(([type, subgraphs]) => `${type} has no @key in ${sentence(subgraphs.sort())}`),
    ...others.sort(),
  ].join("; ");
  return told === "" ? "" : `${told.replace(/^(no|what) /, (word) => word.charAt(0).toUpperCase() + word.slice(1))}: `;
};

/** `T.a and T.b cannot be reached from x`, for each set of subgraphs that one can come from. */
const consequencesOf = (members: readonly Pick<Unsatisfiable, "coordinate" | "reasons">[]): string[] => {
  const originsOf = new Map<string, Set<string>>();
  for (const { coordinate, reasons } of members) {
    const origins = originsOf.get(coordinate) ?? new Set();
    for (const { from } of reasons) origins.add(from);
    originsOf.set(coordinate, origins);
  }
  const coordinatesFrom = new Map<string, string[]>();
  for (const [coordinate, origins] of originsOf) {
    const from = sentence([...origins].sort());
    coordinatesFrom.set(from, [...(coordinatesFrom.get(from) ?? []), coordinate]);
  }
  return [...coordinatesFrom]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, coordinates]) => `${few([...coordinates].sort())} cannot be reached from ${from}`);
};

/** What is out of reach is in the message; here is why, once for all fields. */
const reasonLines = (reasons: readonly UnsatisfiableReason[]): string[] => {
  const lines = reasons.map(({ from, text }) => `from ${from}: ${text.replace(/, which has field "[^"]+",/, "")}`);
  const telling = lines.filter((line) => !/: cannot find field "[^"]+"$/.test(line));
  const told = [...new Set(telling.length > 0 ? telling : lines)];
  if (told.length <= MAX_REASONS) return told;
  return [...told.slice(0, MAX_REASONS - 1), `and ${told.length - MAX_REASONS + 1} more reasons of the kind`];
};

/** A cause in a graph of hundreds of subgraphs has hundreds of consequences. */
const MAX_REASONS = 12;

const exampleOf = ([first, ...more]: readonly Unsatisfiable[]): string =>
  `for example: ${first?.query ?? ""}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;

const typeAround = ({ path, node }: Definition, definitions: Definitions): string =>
  typeOf(definitions.at(path, node.name.loc?.start ?? 0) ?? "");

const remedyOf = (cause: Cause | undefined, type: string | undefined): string => {
  switch (cause?.kind) {
    case "keyless":
      return `Give ${cause.type} in ${cause.subgraph} a @key that its other subgraphs have too, or let every subgraph that gives ${cause.type} resolve all of it (@shareable).`;
    case "unresolvable":
      return `Make a @key of ${cause.type} in ${cause.subgraph} resolvable, and implement its reference resolver.`;
    case "noCommonKey":
      return `Let ${cause.from} resolve ${JSON.stringify(cause.fields)} of ${cause.type}, which is the key in ${cause.to}; or give ${cause.type} in ${cause.to} a @key that ${cause.from} has.`;
    case "unmetRequirement":
      return `Let what ${cause.field} requires be reachable from wherever clients come to it, or do without its @requires.`;
    default:
      return `Give ${type ?? cause?.type ?? "the type"} a @key by which the subgraphs that have it can be reached from each other.`;
  }
};

const few = (names: readonly string[]): string =>
  names.length <= 4 ? sentence(names) : sentence([...names.slice(0, 3), `${names.length - 3} more`]);

const sentence = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
