import { type Finding, finding, type Side } from "../../findings/finding.ts";
import type { Element, SubgraphDirectives } from "../applied-directives.ts";
import { applied, type SubgraphChanges } from "../subgraph-changes.ts";

export interface OwnershipChanges {
  readonly findings: readonly Finding[];
  /** Fields that went from one subgraph to another, which tells why they are `@external` or not where they were. */
  readonly moved: ReadonlySet<string>;
}

/** Who resolves a field: fields that moved, with `@override` or without, and that more or fewer subgraphs resolve. */
export const ownershipChanges = (changes: SubgraphChanges): OwnershipChanges => {
  const findings: Finding[] = [];
  const moved = new Set<string>();
  for (const coordinate of fieldsOfChanged(changes)) {
    const before = changes.having("base", coordinate);
    const after = changes.having("head", coordinate);
    const was = ownersOf(before, coordinate);
    const is = ownersOf(after, coordinate);
    // What is new to the graph, or gone from it, the API diff tells.
    if (was.size === 0 || is.size === 0) continue;
    const overrides = overrideChanges(coordinate, before, after, was, is);
    findings.push(...overrides);
    const gained = after.filter(({ name }) => is.has(name) && !was.has(name));
    const lost = before.filter(({ name }) => was.has(name) && !is.has(name));
    if (gained.length > 0 && lost.length > 0) {
      moved.add(coordinate);
      if (overrides.length === 0) findings.push(moveFinding(coordinate, gained, lost));
    } else if (overrides.length === 0) findings.push(...sharingChanges(changes, coordinate, gained, lost));
  }
  findings.push(...typeSharingChanges(changes));
  return { findings, moved };
};

/** Fields of object types of which a subgraph says otherwise than before who resolves them, in the order of subgraphs and texts. */
const fieldsOfChanged = ({ changed, added, removed }: SubgraphChanges): ReadonlySet<string> => {
  const fields = new Set<string>();
  const addFields = ({ elements }: SubgraphDirectives, other: SubgraphDirectives | null): void => {
    for (const [coordinate, element] of elements) {
      if (element.kind !== "field" || !element.parent || elements.get(element.parent)?.kind !== "type") continue;
      const its = other?.elements.get(coordinate);
      if (!its || claimOf(its) !== claimOf(element)) fields.add(coordinate);
    }
  };
  for (const { before, after } of changed) {
    addFields(after, before);
    addFields(before, after);
  }
  for (const subgraph of [...added, ...removed]) addFields(subgraph, null);
  return fields;
};

/** What decides who resolves a field. */
const claimOf = ({ directives }: Element): string =>
  directives
    .filter(({ name }) => name === "external" || name === "override")
    .map(({ name, arguments: given }) => [name, ...given].join())
    .join();

/** Those that answer it: what is `@external` is another's, and what another overrides altogether no longer counts. */
const ownersOf = (subgraphs: readonly SubgraphDirectives[], coordinate: string): ReadonlySet<string> => {
  const overridden = new Set(
    subgraphs.flatMap((subgraph) => {
      const override = overrideOf(subgraph, coordinate);
      return override && override.label === null ? [override.from] : [];
    }),
  );
  return new Set(
    subgraphs
      .filter((subgraph) => applied(subgraph, coordinate, "external").length === 0 && !overridden.has(subgraph.name))
      .map(({ name }) => name),
  );
};

const overrideOf = (subgraph: SubgraphDirectives, coordinate: string) => {
  const [override] = applied(subgraph, coordinate, "override");
  return (
    override && {
      from: override.arguments.get("from") ?? "",
      label: override.arguments.get("label") ?? null,
      place: override.place,
    }
  );
};

const overrideChanges = (
  coordinate: string,
  before: readonly SubgraphDirectives[],
  after: readonly SubgraphDirectives[],
  was: ReadonlySet<string>,
  is: ReadonlySet<string>,
): Finding[] => {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].flatMap((name): Finding[] => {
    const [formerly, now] = [before, after].map((side) => side.find((subgraph) => subgraph.name === name));
    const former = formerly && overrideOf(formerly, coordinate);
    const next = now && overrideOf(now, coordinate);
    const about = { coordinate, subgraphs: [name, ...[former, next].flatMap((one) => (one ? [one.from] : []))] };
    if (!former && next)
      return [
        finding("FEDERATION_OVERRIDE_ADDED", {
          ...about,
          ...(was.has(next.from) ? {} : { severity: "info" as const }),
          message: `${name} resolves ${coordinate} instead of ${next.from}${portion(next.label)}.`,
          locations: [next.place],
        }),
      ];
    if (former && !next) {
      const isDone = [...was].every((owner) => is.has(owner)) && is.size === was.size;
      return [
        finding("FEDERATION_OVERRIDE_REMOVED", {
          ...about,
          ...(isDone ? { severity: "info" as const } : {}),
          message: isDone
            ? `${name} need no longer override ${former.from} for ${coordinate}: it resolves it as before.`
            : `${name} no longer overrides ${former.from} for ${coordinate}, which ${[...is].sort().join(", ")} resolves now.`,
          locations: [former.place, ...placesIn(now, coordinate)],
        }),
      ];
    }
    if (!former || !next) return [];
    const places = { ...about, locations: [next.place, former.place] };
    if (former.from !== next.from)
      return [
        finding("FEDERATION_OVERRIDE_SOURCE_CHANGED", {
          ...places,
          message: `${name} resolves ${coordinate} instead of ${next.from}, and did instead of ${former.from}.`,
        }),
      ];
    if (former.label === next.label) return [];
    return [
      finding("FEDERATION_OVERRIDE_LABEL_CHANGED", {
        ...places,
        message: `${name} resolves ${coordinate} instead of ${next.from}${portion(next.label) || " always"}, and did${portion(former.label) || " always"}.`,
      }),
    ];
  });
};

const portion = (label: string | null): string => (label === null ? "" : ` where ${label} holds`);

const moveFinding = (
  coordinate: string,
  gained: readonly SubgraphDirectives[],
  lost: readonly SubgraphDirectives[],
): Finding =>
  finding("FEDERATION_FIELD_MOVED", {
    coordinate,
    message: `${coordinate} is resolved by ${namesOf(gained)}, and was by ${namesOf(lost)}, without @override.`,
    subgraphs: [...gained, ...lost].map(({ name }) => name),
    locations: [...gained, ...lost].flatMap((subgraph) => placesIn(subgraph, coordinate)),
  });

/** Of a field whose type was in the subgraph before and still is; elsewhere the whole type is told. `@external` is told as such. */
const sharingChanges = (
  changes: SubgraphChanges,
  coordinate: string,
  gained: readonly SubgraphDirectives[],
  lost: readonly SubgraphDirectives[],
): Finding[] => {
  const type = coordinate.split(".")[0] ?? "";
  const pairOf = (name: string) => changes.changed.find((pair) => pair.name === name);
  const isTold = ({ name }: SubgraphDirectives): boolean => {
    const pair = pairOf(name);
    if (!pair?.before.elements.has(type) || !pair.after.elements.has(type)) return false;
    // A key that came or went tells of its fields.
    if (isKeyField(pair.before, type, coordinate) || isKeyField(pair.after, type, coordinate)) return false;
    return pair.before.elements.has(coordinate) !== pair.after.elements.has(coordinate);
  };
  return [
    ...gained.filter(isTold).map((subgraph) =>
      finding("FEDERATION_FIELD_SHARED", {
        coordinate,
        message: `${subgraph.name} resolves ${coordinate} too.`,
        subgraphs: [subgraph.name],
        locations: placesIn(subgraph, coordinate),
      }),
    ),
    ...lost.filter(isTold).map((subgraph) =>
      finding("FEDERATION_FIELD_NO_LONGER_SHARED", {
        coordinate,
        message: `${subgraph.name} no longer resolves ${coordinate}; others do.`,
        subgraphs: [subgraph.name],
        locations: placesIn(subgraph, coordinate),
      }),
    ),
  ];
};

const isKeyField = (subgraph: SubgraphDirectives, type: string, coordinate: string): boolean =>
  applied(subgraph, type, "key").some(({ arguments: given }) =>
    (given.get("fields") ?? "").split(/\W+/).includes(coordinate.slice(type.length + 1)),
  );

/** Types without keys that a subgraph has too now, or no longer. Of entities their keys tell; root types are everywhere. */
const typeSharingChanges = (changes: SubgraphChanges): Finding[] => {
  const elsewhere = (side: Side, type: string, name: string): boolean =>
    changes.having(side, type).some((subgraph) => subgraph.name !== name);
  const isValue = ({ kind, parent, coordinate, directives }: Element): boolean =>
    kind === "type" && parent === null && !ROOTS.has(coordinate) && !directives.some(({ name }) => name === "key");
  return changes.changed.flatMap(({ name, before, after }) => {
    const news = [...after.elements.values()].filter(
      (one) => isValue(one) && !before.elements.has(one.coordinate) && elsewhere("base", one.coordinate, name),
    );
    const gone = [...before.elements.values()].filter(
      (one) => isValue(one) && !after.elements.has(one.coordinate) && elsewhere("head", one.coordinate, name),
    );
    return [
      ...news.map(({ coordinate, place }) =>
        finding("FEDERATION_TYPE_SHARED", {
          coordinate,
          message: `${name} has ${coordinate} too.`,
          subgraphs: [name],
          locations: [place],
        }),
      ),
      ...gone.map(({ coordinate, place }) =>
        finding("FEDERATION_TYPE_NO_LONGER_SHARED", {
          coordinate,
          message: `${name} no longer has ${coordinate}; others do.`,
          subgraphs: [name],
          locations: [place],
        }),
      ),
    ];
  });
};

const ROOTS: ReadonlySet<string> = new Set(["Query", "Mutation", "Subscription"]);

const placesIn = (subgraph: SubgraphDirectives | undefined, coordinate: string) => {
  const place = subgraph?.elements.get(coordinate)?.place;
  return place ? [place] : [];
};

const namesOf = (subgraphs: readonly SubgraphDirectives[]): string =>
  subgraphs
    .map(({ name }) => name)
    .sort()
    .join(", ");
