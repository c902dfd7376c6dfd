import type { Comparison } from "../check/comparison.ts";
import type { FindingFacts, Location } from "../findings/finding.ts";

export interface Placed extends Pick<FindingFacts, "locations"> {
  readonly subgraphs: readonly string[];
  /** Of what is gone from the API and still in subgraphs, that it is. */
  readonly hidden: readonly string[];
}

/** Where a coordinate of the API is, and whose: in the head, or in the base for what is gone. */
export const placed = (comparison: Comparison, coordinate: string | null, isGone: boolean): Placed => {
  const { head, base } = comparison;
  if (coordinate === null) return { subgraphs: [], locations: [], hidden: [] };
  if (!isGone)
    return { ...changedFirst(comparison, head.definitions.locate(inSubgraphs(head, coordinate))), hidden: [] };
  const before = base.definitions.locate(inSubgraphs(base, coordinate));
  const still = head.definitions.of(inSubgraphs(head, coordinate));
  if (still.length === 0) return { ...before, hidden: [] };
  const subgraphs = [...new Set(still.map(({ subgraph }) => subgraph))].sort();
  return {
    subgraphs: [...before.subgraphs, ...subgraphs],
    locations: [...still.map((definition) => head.definitions.locationOf(definition)), ...before.locations],
    hidden: [
      `Still in ${subgraphs.join(", ")}, and not in the API: it is @inaccessible, or not in every subgraph that must have it.`,
    ],
  };
};

/** A subgraph may have named its root types otherwise; where none has the API's name, the other is looked for. */
const inSubgraphs = ({ definitions, subgraphs }: Comparison["head"], coordinate: string): string => {
  const root = /^(Query|Mutation|Subscription)(?=$|\.)/.exec(coordinate)?.[0];
  if (root === undefined || definitions.of(coordinate).length > 0) return coordinate;
  for (const { document } of subgraphs)
    for (const node of document.definitions) {
      if (!("operationTypes" in node)) continue;
      const its = node.operationTypes?.find(({ operation }) => operation === root.toLowerCase())?.type.name.value;
      const renamed = its === undefined ? coordinate : coordinate.replace(root, its);
      if (definitions.of(renamed).length > 0) return renamed;
    }
  return coordinate;
};

/** Of several places those in files that changed tell most. */
const changedFirst = (
  comparison: Comparison,
  { subgraphs, locations }: { readonly subgraphs: readonly string[]; readonly locations: readonly Location[] },
): { readonly subgraphs: readonly string[]; readonly locations: readonly Location[] } => {
  if (locations.length < 2) return { subgraphs, locations };
  const changed = changedPaths(comparison);
  const [first, then] = [true, false].map((is) => locations.filter(({ path }) => changed.has(path) === is));
  return { subgraphs, locations: [...(first ?? []), ...(then ?? [])] };
};

const changedPaths = ({ base, head }: Comparison): ReadonlySet<string> => {
  const former = new Map(base.subgraphs.map(({ name, sdl }) => [name, sdl]));
  return new Set(head.subgraphs.flatMap(({ name, sdl, path }) => (former.get(name) === sdl ? [] : [path])));
};
