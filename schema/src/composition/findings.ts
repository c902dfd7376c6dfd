import { CATALOGUE, type FindingCode, isFindingCode } from "../findings/catalogue.ts";
import { type Finding, finding, type Location, type Side } from "../findings/finding.ts";
import type { Definitions } from "../revisions/definitions.ts";
import type { Place, Problem } from "./compose.ts";
import type { Unsatisfiable, UnsatisfiableReason } from "./satisfiability.ts";

/** What composition refuses, located. What cannot be satisfied for one and the same reason is one finding. */
export const composeErrorFindings = (errors: readonly Problem[], definitions: Definitions): Finding[] => {
  const located = errors.filter(({ unsatisfiable }) => unsatisfiable === null);
  const unsatisfiable = errors.flatMap((error) => error.unsatisfiable ?? []);
  return [
    ...located.map((error) => problemFinding(error, "COMPOSITION_ERROR", definitions)),
    ...byCause(unsatisfiable).map((group) => unsatisfiableFinding(group, definitions)),
  ];
};

export const composeHintFindings = (hints: readonly Problem[], definitions: Definitions): Finding[] =>
  hints.map((hint) => problemFinding(hint, "COMPOSITION_HINT", definitions));

const problemFinding = (
  { code, message, places, subgraphs }: Problem,
  otherwise: FindingCode,
  definitions: Definitions,
): Finding => {
  const [first] = places;
  const known = isFindingCode(code);
  const [headline = "", ...more] = message.split("\n");
  return finding(known ? code : otherwise, {
    message: known ? headline : `${code}: ${headline}`,
    coordinate: (first && definitions.at(first.path, first.offset)) ?? coordinateIn(message, definitions),
    subgraphs: subgraphs.length > 0 ? subgraphs : subgraphsNamedIn(message),
    locations: places.map((place) => locationOf(place, "head")),
    details: more,
    // Composition never blocks for a hint, and always for an error, whatever the table says of a code that is both.
    ...(otherwise === "COMPOSITION_ERROR"
      ? { severity: "error" as const }
      : known
        ? {}
        : { severity: CATALOGUE.COMPOSITION_HINT.severity }),
  });
};

const locationOf = ({ path, line, column }: Place, side: Side): Location => ({ path, line, column, side });

/** What composition says without a node it says with the coordinate in quotes. */
const coordinateIn = (message: string, definitions: Definitions): string | null => {
  for (const [, quoted = ""] of message.matchAll(/"(@?[A-Za-z_][\w.():]*)"/g))
    if (definitions.of(quoted).length > 0) return quoted;
  return null;
};

const subgraphsNamedIn = (message: string): string[] => {
  const named = [...message.matchAll(/subgraphs? "([^"]+)"/g), ...message.matchAll(/^\[([^\]]+)\]/g)];
  return named.flatMap(([, name]) => name ?? []);
};

/** Fields of one type that lack the same way are lacking for one cause: a key, mostly. */
const byCause = (all: readonly Unsatisfiable[]): (readonly [Unsatisfiable, ...Unsatisfiable[]])[] => {
  const groups = new Map<string, [Unsatisfiable, ...Unsatisfiable[]]>();
  for (const one of all) {
    const type = typeOf(one.coordinate);
    const causes = one.reasons.map(({ from, text }) => `${from}: ${text.replaceAll(`"${one.coordinate}"`, "it")}`);
    const key = JSON.stringify([type, [...new Set(causes)].sort()]);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
};

const typeOf = (coordinate: string): string => coordinate.split(".")[0] ?? coordinate;

const unsatisfiableFinding = (
  group: readonly [Unsatisfiable, ...Unsatisfiable[]],
  definitions: Definitions,
): Finding => {
  const [first] = group;
  const coordinates = [...new Set(group.map(({ coordinate }) => coordinate))].sort();
  const reasons = first.reasons;
  const origins = [...new Set(reasons.map(({ from }) => from))].sort();
  const type = typeOf(first.coordinate);
  // The field that is out of reach, then the type where the way to it ends: there a key is missing, or here.
  const fields = coordinates.map((coordinate) => definitions.locate(coordinate));
  const ends = definitions.of(type).filter(({ subgraph }) => origins.includes(subgraph));
  return finding("SATISFIABILITY_ERROR", {
    coordinate: coordinates.length === 1 ? first.coordinate : type,
    message: `${sentence(coordinates)} cannot be reached from ${sentence(origins)}, where clients can come to ${type}.`,
    subgraphs: [...fields.flatMap(({ subgraphs }) => subgraphs), ...origins],
    locations: [
      ...fields.flatMap(({ locations }) => locations),
      ...ends.map((definition) => definitions.locationOf(definition)),
    ],
    details: [
      ...new Set(reasons.map(({ from, text }) => `from ${from}: ${text}`)),
      `for example: ${first.query.replaceAll(/\s+/g, " ").trim()}`,
      ...(group.length > coordinates.length ? [`and ${group.length - coordinates.length} more operations`] : []),
    ],
    remedy: remedyOf(type, reasons),
  });
};

const remedyOf = (type: string, reasons: readonly UnsatisfiableReason[]): string => {
  const reason = (pattern: RegExp) => reasons.find(({ text }) => pattern.test(text));
  const withoutKey = reason(/has no @key defined in subgraph/);
  if (withoutKey?.to)
    return `Give ${type} a @key in ${withoutKey.to} that ${withoutKey.from} can answer, or resolve the field in ${withoutKey.from} too (@shareable in both).`;
  const keyOutOfReach = reason(/the key field\(s\) cannot be resolved/);
  if (keyOutOfReach?.to)
    return `Let ${keyOutOfReach.from} resolve the fields of the key of ${type} that ${keyOutOfReach.to} asks for, or give ${type} in ${keyOutOfReach.to} a @key that ${keyOutOfReach.from} has.`;
  if (reason(/resolvable/))
    return `Make a @key of ${type} resolvable where the field is, and implement its reference resolver.`;
  if (reason(/@requires? conditions/))
    return "Let the fields that @requires names be reachable from wherever the field is.";
  if (reason(/marked @external/)) return "Take @external off where the field is to be resolved.";
  return `Give ${type} a @key by which the subgraphs that have it can be reached from each other.`;
};

const sentence = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
