import type { CompositionCache } from "../check/state.ts";
import type { SubgraphSource } from "../composition/compose.ts";

/** Keeps what a check has composed, so that it is published as it was checked, and is not composed once more. */
export const rememberCompositions = (below: CompositionCache | null) => {
  const composed = new Map<string, Awaited<ReturnType<CompositionCache["get"]>>>();
  const cache: CompositionCache = {
    async get(subgraphs) {
      const found = composed.get(keyOf(subgraphs)) ?? (await below?.get(subgraphs)) ?? null;
      if (found) composed.set(keyOf(subgraphs), found);
      return found;
    },
    async put(subgraphs, its) {
      composed.set(keyOf(subgraphs), its);
      await below?.put(subgraphs, its);
    },
    costs: async (subgraphs) => (await below?.costs(subgraphs)) ?? new Map(),
    putCosts: async (subgraphs, costs) => below?.putCosts(subgraphs, costs),
  };
  return {
    cache,
    /** Null for what no check has composed. */
    supergraphOf: (subgraphs: readonly SubgraphSource[]): string | null =>
      composed.get(keyOf(subgraphs))?.supergraphSdl ?? null,
  };
};

const keyOf = (subgraphs: readonly SubgraphSource[]): string =>
  JSON.stringify(
    subgraphs.map(({ name, url, path, sdl }) => [name, url, path, sdl]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
  );
