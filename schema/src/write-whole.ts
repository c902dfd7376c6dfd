import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Whole or not at all: a crash in mid-write leaves the former file. */
export const writeWhole = async (path: string, text: string): Promise<void> => {
  const unfinished = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(unfinished, text);
  await rename(unfinished, path);
};
