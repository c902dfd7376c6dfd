import { readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { SubgraphSource } from "./compose.ts";

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

/** The configuration cannot be read or is not what rover's format asks for. The message is for a person. */
export class SupergraphConfigError extends Error {
  override readonly name = "SupergraphConfigError";
}

/**
 * Reads the subgraphs that a `supergraph.yaml` lists. Files are relative to it; the sources' paths are relative to
 * `root`, so that messages can be clicked wherever the command was started.
 * @throws SupergraphConfigError when the configuration or one of its files is missing or malformed.
 */
export const readSubgraphs = async (configPath: string, root: string): Promise<SubgraphSource[]> => {
  const config = SupergraphConfig.safeParse(parseYaml(await read(configPath), configPath));
  if (!config.success) throw new SupergraphConfigError(`${configPath}: ${z.prettifyError(config.error)}`);
  return Promise.all(
    Object.entries(config.data.subgraphs).map(async ([name, { routing_url, schema }]) => {
      const file = resolve(dirname(configPath), schema.file);
      return { name, url: routing_url, sdl: await read(file), path: relative(root, file) };
    }),
  );
};

const read = async (path: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new SupergraphConfigError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const parseYaml = (text: string, path: string): unknown => {
  try {
    return parse(text);
  } catch (error) {
    throw new SupergraphConfigError(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
};
