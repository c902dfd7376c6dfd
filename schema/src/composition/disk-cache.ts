import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import type { CompositionCache } from "../check/state.ts";
import type { ParsedSubgraph } from "../revisions/definitions.ts";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** How hints and plans are read: to be raised whenever for the same subgraphs others would be kept. */
const READING = 3;

/** Of another version of composition the same subgraphs may give another text. */
const VERSION = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)("@apollo/composition/package.json")).version;

/** Enough for a base and the last proposals of a few branches, with a file each of costs; of 300 subgraphs one has about 100 kB. */
const KEPT = 64;

const Place = z.object({ path: z.string(), line: z.number(), column: z.number(), offset: z.number() });
const Entry = z.object({
  supergraphSdl: z.string(),
  hints: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      places: z.array(Place),
      subgraphs: z.array(z.string()),
      unsatisfiable: z.null(),
    }),
  ),
});

const Costs = z.array(
  z.tuple([
    z.string(),
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("refused"), reason: z.string() }),
      z.object({
        kind: z.literal("planned"),
        cost: z.object({
          fetches: z.number(),
          depth: z.number(),
          subgraphs: z.array(z.string()),
          entities: z.number(),
          steps: z.array(
            z.object({ subgraph: z.string(), step: z.number(), path: z.string().nullable(), entities: z.number() }),
          ),
        }),
      }),
    ]),
  ]),
);

/**
 * Keeps what subgraphs composed to, and what operations cost, by the hash of the subgraphs' texts, in a folder that may be deleted at any
 * time. What cannot be read or written there is made anew: a cache never makes a check fail.
 */
export const diskCache = (folder: string): CompositionCache => {
  const pathOf = (subgraphs: readonly ParsedSubgraph[], what: "supergraph" | "costs"): string =>
    join(folder, `${keyOf(subgraphs)}.${what}.json.gz`);
  return {
    get: (subgraphs) => read(pathOf(subgraphs, "supergraph"), Entry),
    put: (subgraphs, composed) => write(folder, pathOf(subgraphs, "supergraph"), composed),
    costs: async (subgraphs) => new Map(await read(pathOf(subgraphs, "costs"), Costs)),
    putCosts: (subgraphs, costs) => write(folder, pathOf(subgraphs, "costs"), [...costs]),
  };
};

const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T | null> => {
  try {
    const text = await unzip(await readFile(path));
    return schema.parse(JSON.parse(text.toString("utf8")));
  } catch {
    return null;
  }
};

const write = async (folder: string, path: string, value: unknown): Promise<void> => {
  const unfinished = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(unfinished, await zip(JSON.stringify(value)));
    await rename(unfinished, path);
    await prune(folder);
  } catch {
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
};

/** Of everything that the text of the supergraph and the places of hints follow from. */
const keyOf = (subgraphs: readonly ParsedSubgraph[]): string => {
  const parts = subgraphs.map(({ name, url, path, sdl }) => [name, url, path, sdl] as const);
  const sorted = parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([VERSION, READING, sorted]))
    .digest("hex");
};

const prune = async (folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json.gz"));
  if (names.length <= KEPT) return;
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  const old = aged.sort((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
};
