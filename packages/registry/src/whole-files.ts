import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Creates a file with all of its text, or not at all. `exists` where there is one already, which stays as it is. */
export const createWhole = async (path: string, contents: string | Uint8Array): Promise<"created" | "exists"> => {
  const unfinished = await writeUnfinished(path, contents);
  try {
    // Unlike a rename it fails when the name is taken: who comes second learns of it.
    await link(unfinished, path);
    await syncDirectory(dirname(path));
    return "created";
  } catch (error) {
    if (hasCode(error, "EEXIST")) return "exists";
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
};

/** Puts a file in the place of what is there: readers see one or the other, whole. */
export const replaceWhole = async (path: string, contents: string | Uint8Array): Promise<void> => {
  const unfinished = await writeUnfinished(path, contents);
  try {
    await rename(unfinished, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
};

export const readIfThere = async (path: string): Promise<Buffer | null> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
};

/** Names that end with `.json`, sorted; none where there is no such directory. */
export const listJson = async (directory: string): Promise<string[]> => {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(".json")).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
};

/** Files of versions sort as numbers do. */
export const versionFile = (version: number): string => `${String(version).padStart(8, "0")}.json`;

const writeUnfinished = async (path: string, contents: string | Uint8Array): Promise<string> => {
  const unfinished = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(unfinished, "wx");
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
  return unfinished;
};

/** So that the name, too, survives the loss of power. */
const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
};

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
