import { posix } from "node:path";
import type { CheckConfig } from "../check/config.ts";
import type { SubgraphSource } from "../composition/compose.ts";
import type { FileTree } from "./file-tree.ts";
import { type KnownOperations, readOperations } from "./operations.ts";
import { readSubgraphsOf } from "./supergraph-config.ts";

/** One state of a graph and of what is known about its use, as texts. */
export interface Revision {
  /** For people: `working tree`, `git:main`, `registry:production`. */
  readonly name: string;
  readonly subgraphs: readonly SubgraphSource[];
  readonly operations: KnownOperations;
  /** The committed event contracts; null where there are none. */
  readonly events: { readonly path: string; readonly text: string } | null;
}

/**
 * Reads a revision of a tree. `configPath` is that of the `supergraph.yaml`, relative to the tree's root; the paths of `config` are
 * relative to its folder.
 * @throws UsageError when a file that must be there is missing or malformed.
 */
export const readRevision = async (tree: FileTree, configPath: string, config: CheckConfig): Promise<Revision> => {
  const folder = posix.dirname(configPath);
  const eventsPath = config.events === undefined ? null : posix.join(folder, config.events);
  const [subgraphs, operations, events] = await Promise.all([
    readSubgraphsOf(tree, configPath),
    readOperations(tree, posix.join(folder, config.operations)),
    eventsPath === null ? null : tree.read([eventsPath]),
  ]);
  const text = events?.[0];
  return {
    name: tree.name,
    subgraphs,
    operations,
    events: eventsPath !== null && text !== null && text !== undefined ? { path: eventsPath, text } : null,
  };
};
