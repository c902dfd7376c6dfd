import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "@supergraph/service";

/** The last supergraph that could be served, on disk: to start with while its source has none that can. */
export interface LastGood {
  read(): Promise<string | null>;
  /** Never rejects: what cannot be kept is logged. */
  keep(sdl: string): Promise<void>;
}

export const createLastGood = (path: string | undefined, log: Logger): LastGood => {
  if (path === undefined) return { read: async () => null, keep: async () => undefined };
  return {
    async read() {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      }
    },
    async keep(sdl) {
      // Whole or not at all: a crash in mid-write must not leave half a supergraph to start with.
      const unfinished = `${path}.${randomUUID()}.tmp`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(unfinished, sdl);
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => undefined);
        log.error({ err: error, path }, "the last good supergraph cannot be kept");
      }
    },
  };
};
