import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { REPLAY_SUFFIX } from "../replays.ts";
import { type LetterStore, type Outcome, readLetter, type StoredLetter } from "./letters.ts";

/**
 * The dead letters of the in-process bus. A replayed letter's file is renamed: the supergraph that runs on the folder
 * takes it up within a second, else the next one that is started.
 */
export const openFileLetters = async (directory: string): Promise<LetterStore> => {
  const pathOf = (id: string, paths: readonly string[]): string | null =>
    paths.find((path) => idOf(path) === id) ?? null;

  const paths = async (): Promise<readonly string[]> => {
    const names = await readdir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.filter((name) => name.endsWith(".json")).sort();
  };

  const read = async (path: string): Promise<StoredLetter | null> => {
    const text = await readFile(join(directory, path), "utf8").catch(nullWhenGone);
    if (text === null) return null;
    const [service = "?", consumer = "?"] = path.split(/[/\\]/);
    return readLetter(idOf(path), parse(text), {
      subject: `dlq.${service}.${consumer}`,
      at: new Date(0).toISOString(),
    });
  };

  const change = async (stored: StoredLetter, run: (path: string) => Promise<void>): Promise<Outcome> => {
    const path = pathOf(stored.id, await paths());
    if (path === null) return { kind: "failed", reason: "it is gone: somebody else replayed or discarded it" };
    try {
      await run(join(directory, path));
      return { kind: "done" };
    } catch (error) {
      return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  };

  return {
    place: directory,
    async list() {
      const letters = await Promise.all((await paths()).map(read));
      return letters.flatMap((letter) => letter ?? []);
    },
    async find(id) {
      const path = pathOf(id, await paths());
      return path === null ? null : read(path);
    },
    replay: (stored) => change(stored, (path) => rename(path, `${path.slice(0, -".json".length)}${REPLAY_SUFFIX}`)),
    discard: (stored) => change(stored, (path) => rm(path)),
    close: async () => undefined,
  };
};

/** Names of files are long, and hold what a shell would take for something else. */
const idOf = (path: string): string =>
  createHash("sha256").update(path.replaceAll("\\", "/")).digest("hex").slice(0, 10);

const nullWhenGone = (error: NodeJS.ErrnoException): null => {
  if (error.code === "ENOENT") return null;
  throw error;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
