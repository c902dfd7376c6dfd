import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProcess, isRunning, type ProcessIdentity } from "./processes.ts";

/** Another process, or another start in this one, runs a server on the directory. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
  /** Null when several processes contend for the directory and none of them could be told. */
  readonly pid: number | null;

  constructor(directory: string, pid: number | null) {
    super(`${directory} is used by ${pid === null ? "another process" : `process ${pid}`}.`);
    this.pid = pid;
  }
}

const FILE = "owner.json";
const ATTEMPTS = 10;

/**
 * Makes this process the owner of `directory`, which exists, until the returned function is called or the process ends.
 * @throws DirectoryInUse; and what the file system refuses.
 */
export const takeDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const file = join(directory, FILE);
  const mine = `${file}.${process.pid}.${crypto.randomUUID()}`;
  const me = await findProcess(process.pid);
  const content = JSON.stringify({ pid: process.pid, startedAt: me?.startedAt ?? "", nonce: crypto.randomUUID() });
  try {
    await writeFile(mine, content, { mode: 0o600 });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // A link is made with its content or not at all, and by one process only.
      if (await linked(mine, file)) return () => releaseIfMine(file, content);
      await removeIfAbandoned(directory, file);
    }
    throw new DirectoryInUse(directory, null);
  } finally {
    await rm(mine, { force: true }).catch(() => undefined);
  }
};

const linked = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
};

const removeIfAbandoned = async (directory: string, file: string): Promise<void> => {
  const found = await readFile(file, "utf8").catch(() => null);
  if (found === null) return;
  const owner = parseOwner(found);
  if (owner && (await isRunning(owner))) throw new DirectoryInUse(directory, owner.pid);
  // Another process may be at this very point and already own the file anew: look at what was really taken away.
  const taken = `${file}.abandoned.${process.pid}.${crypto.randomUUID()}`;
  await rename(file, taken).catch(() => undefined);
  const content = await readFile(taken, "utf8").catch(() => null);
  if (content !== null && content !== found) await linked(taken, file);
  await rm(taken, { force: true });
};

const releaseIfMine = async (file: string, content: string): Promise<void> => {
  if ((await readFile(file, "utf8").catch(() => null)) === content) await rm(file, { force: true });
};

const parseOwner = (text: string): ProcessIdentity | null => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("pid" in value) || !("startedAt" in value)) return null;
    if (typeof value.pid !== "number" || typeof value.startedAt !== "string") return null;
    return { pid: value.pid, startedAt: value.startedAt };
  } catch {
    return null;
  }
};
