import { dirname, join, posix } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { SubgraphSource } from "../composition/compose.ts";
import { UsageError } from "../usage-error.ts";
import { diskTree, type FileTree } from "./file-tree.ts";

/** The part of rover's supergraph configuration that is read here; unknown keys are refused, so that a typo is told. */
const SupergraphConfig = z.strictObject({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z
    .record(
      z.string().regex(/^[A-Za-z][\w-]*$/, "a subgraph's name starts with a letter and has letters, digits, - and _"),
      z.strictObject({ routing_url: z.url(), schema: z.strictObject({ file: z.string().min(1) }) }),
    )
    .refine((subgraphs) => Object.keys(subgraphs).length > 0, "expected at least one subgraph"),
});

/**
 * Reads the subgraphs that a `supergraph.yaml` on disk lists. Files are relative to it; the sources' paths are relative to
 * `root`, so that messages can be clicked wherever the command was started.
 * @throws UsageError when the configuration or one of its files is missing or malformed.
 */
export const readSubgraphs = (configPath: string, root: string): Promise<SubgraphSource[]> =>
  readSubgraphsOf(diskTree(root), posix.relative(root, configPath));

/**
 * As {@link readSubgraphs}, of any tree; `configPath` is relative to its root.
 * @throws UsageError
 */
export const readSubgraphsOf = async (tree: FileTree, configPath: string): Promise<SubgraphSource[]> => {
  const [text] = await tree.read([configPath]);
  if (text === null || text === undefined)
    throw new UsageError(
      `There is no ${configPath} in the ${tree.name}: expected a list of subgraphs in rover's format.`,
    );
  const config = SupergraphConfig.safeParse(parseYaml(text, configPath));
  if (!config.success) throw new UsageError(`${configPath}: ${z.prettifyError(config.error)}`);
  const listed = Object.entries(config.data.subgraphs).map(([name, { routing_url, schema }]) => ({
    name,
    url: routing_url,
    path: join(dirname(configPath), schema.file),
  }));
  const texts = await tree.read(listed.map(({ path }) => path));
  return listed.map((subgraph, index) => {
    const sdl = texts[index];
    if (sdl === null || sdl === undefined)
      throw new UsageError(
        `${configPath}: the schema of ${subgraph.name} cannot be read: there is no ${subgraph.path} in the ${tree.name}.`,
      );
    return { ...subgraph, sdl };
  });
};

/** Two subgraphs of one name are a mistake that YAML itself tells of. */
const parseYaml = (text: string, path: string): unknown => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length === 0) return document.toJS();
  const problems = document.errors.map(({ message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `${path}:${line}:${col}: ${message}`;
  });
  throw new UsageError(problems.join("\n"));
};
