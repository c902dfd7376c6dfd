import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { UsageError } from "../usage-error.ts";

/** The files of one state: those on disk, or those of a commit. Paths are relative to its root, with `/`. */
export interface FileTree {
  /** For people: `working tree`, `git:main`. */
  readonly name: string;
  /** In the order of `paths`; null where there is no such file. */
  read(paths: readonly string[]): Promise<readonly (string | null)[]>;
  /** All files below a folder, sorted; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

/** What is on the disk now. */
export const diskTree = (root: string, name = "working tree"): FileTree => ({
  name,
  read: (paths) => Promise.all(paths.map((path) => readIfThere(join(root, path)))),
  async list(folder) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(noneIfMissing);
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => posix.join(folder, posix.relative(join(root, folder), join(entry.parentPath, entry.name))))
      .sort();
  },
});

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    const reason =
      error instanceof Error && "code" in error && error.code === "EISDIR" ? "it is a folder" : String(error);
    throw new UsageError(`${path} cannot be read: ${reason}.`);
  }
};

const noneIfMissing = (error: unknown): [] => {
  if (isMissing(error)) return [];
  throw error;
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
