import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "./usage-error.ts";

/**
 * Whole or not at all: a crash in mid-write leaves the former file.
 * @throws UsageError when it cannot be written.
 */
export const writeWhole = async (path: string, text: string): Promise<void> => {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
};
