import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "./usage-error.ts";

export interface WholeFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes all files or none: only when each stands beside its place are they put there. A crash in mid-write leaves the former ones.
 * @throws UsageError when one cannot be written: says which, and what it would have been.
 */
export const writeWhole = async (files: readonly WholeFile[], what = "A file"): Promise<void> => {
  const unfinished = files.map((file) => ({ ...file, beside: `${file.path}.${process.pid}.tmp` }));
  try {
    for (const { path, beside, text } of unfinished) {
      await mkdir(dirname(path), { recursive: true });
      if ((await stat(path).catch(() => null))?.isDirectory()) throw new Error(`${path} is a folder`);
      await writeFile(beside, text);
    }
    for (const { path, beside } of unfinished) await rename(beside, path);
  } catch (error) {
    await Promise.all(unfinished.map(({ beside }) => rm(beside, { force: true }).catch(() => undefined)));
    throw new UsageError(`${what} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
};
