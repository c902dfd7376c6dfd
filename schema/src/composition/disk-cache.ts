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

/** How hints are read from composition: to be raised whenever the same subgraphs would be kept with others. */
const READING = 2;

/** Of another version of composition the same subgraphs may give another text. */
const VERSION = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)("@apollo/composition/package.json")).version;

/** Enough for a base and the last proposals of a few branches; of 300 subgraphs each has about 100 kB. */
const KEPT = 32;

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

/**
 * Keeps what subgraphs composed to, by the hash of their texts, in a folder that may be deleted at any time. What cannot be read or
 * written there is composed anew: a cache never makes a check fail.
 */
export const diskCache = (folder: string): CompositionCache => {
  const pathOf = (subgraphs: readonly ParsedSubgraph[]): string => join(folder, `${keyOf(subgraphs)}.json.gz`);
  return {
    async get(subgraphs) {
      try {
        const text = await unzip(await readFile(pathOf(subgraphs)));
        return Entry.parse(JSON.parse(text.toString("utf8")));
      } catch {
        return null;
      }
    },
    async put(subgraphs, composed) {
      const path = pathOf(subgraphs);
      const unfinished = `${path}.${randomUUID()}.tmp`;
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(unfinished, await zip(JSON.stringify(composed)));
        await rename(unfinished, path);
        await prune(folder);
      } catch {
        await rm(unfinished, { force: true }).catch(() => undefined);
      }
    },
  };
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
