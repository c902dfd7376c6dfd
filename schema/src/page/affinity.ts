import type { GraphMap, MapSubgraph } from "./map.ts";

/** Up to here every order is tried: 720 of them. */
const TRY_ALL = 6;

/**
 * The subgraphs such that those with much between them stand side by side; of equally good orders, the one nearest to the graph's.
 * Of many, those that changed come first: they are what is looked for.
 */
export const inAffinityOrder = ({ subgraphs, links }: GraphMap): readonly MapSubgraph[] => {
  const weights = weightsOf(subgraphs, links);
  const weight = (a: number, b: number): number => weights.get(a)?.get(b) ?? 0;
  const indices = subgraphs.map((_, index) => index);
  const best =
    indices.length <= TRY_ALL
      ? shortestOrder(indices, weight)
      : greedyOrder(indices, weight, (index) => subgraphs[index]?.status !== "same");
  return best.flatMap((index) => subgraphs[index] ?? []);
};

type Weight = (a: number, b: number) => number;

const weightsOf = (
  subgraphs: readonly MapSubgraph[],
  links: GraphMap["links"],
): ReadonlyMap<number, ReadonlyMap<number, number>> => {
  const owners = new Map(subgraphs.flatMap(({ cards }, index) => cards.map(({ id }) => [id, index] as const)));
  const weights = new Map<number, Map<number, number>>();
  const add = (a: number, b: number): void => {
    const row = weights.get(a) ?? new Map<number, number>();
    row.set(b, (row.get(b) ?? 0) + 1);
    weights.set(a, row);
  };
  for (const { from, to } of links) {
    const [a, b] = [owners.get(from), owners.get(to)];
    if (a === undefined || b === undefined) continue;
    add(a, b);
    add(b, a);
  }
  return weights;
};

const shortestOrder = (indices: readonly number[], weight: Weight): readonly number[] => {
  let best = indices;
  let shortest = Number.POSITIVE_INFINITY;
  for (const order of permutations(indices)) {
    let length = 0;
    for (const [at, a] of order.entries())
      for (const [further, b] of order.slice(at + 1).entries()) length += weight(a, b) * (further + 1);
    if (length < shortest) {
      best = order;
      shortest = length;
    }
  }
  return best;
};

/** In lexicographic order: the graph's own first. */
function* permutations(items: readonly number[]): Generator<readonly number[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries())
    for (const rest of permutations([...items.slice(0, at), ...items.slice(at + 1)])) yield [item, ...rest];
}

/** Begins with who has most to do with others, then takes whoever has most to do with the last few. */
const greedyOrder = (
  indices: readonly number[],
  weight: Weight,
  isFirst: (index: number) => boolean,
): readonly number[] => {
  const left = new Set(indices);
  const order: number[] = [];
  const total = (index: number): number => indices.reduce((sum, other) => sum + weight(index, other), 0);
  while (left.size > 0) {
    const near = order.slice(-NEAR);
    const value = (index: number): number =>
      near.length === 0 ? total(index) : near.reduce((sum, other) => sum + weight(index, other), 0);
    const first = [...left].filter(isFirst);
    const candidates = first.length > 0 ? first : [...left];
    let [next] = candidates;
    for (const index of candidates) if (next === undefined || value(index) > value(next)) next = index;
    if (next === undefined) break;
    order.push(next);
    left.delete(next);
  }
  return order;
};

const NEAR = 3;
