import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EmbeddedPostgresError, errnoOf, messageOf } from "./errors.ts";
import { startOf } from "./processes.ts";

const FILE = "owner.json";
const ATTEMPTS = 10;

/**
 * Makes this process the owner of `directory`, until the returned function is called or the process ends.
 * @throws EmbeddedPostgresError DATA_DIR_IN_USE while another process, or another start in this one, owns it.
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const file = join(directory, FILE);
  const mine = `${file}.${process.pid}.${crypto.randomUUID()}`;
  const content = JSON.stringify({
    pid: process.pid,
    startedAt: await startOf(process.pid),
    nonce: crypto.randomUUID(),
  });
  try {
    await writeFile(mine, content, { mode: 0o600 });
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // A link is made with its content or not at all, and by one process only.
      if (await linked(mine, file)) return () => releaseIfMine(file, content);
      await removeIfAbandoned(directory, file);
    }
    throw inUse(directory, "another process");
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(
      "DATA_DIR_UNWRITABLE",
      `Cannot write into the data directory ${directory} (${messageOf(error)}). Make it writable, or choose another one.`,
      { cause: error },
    );
  } finally {
    await rm(mine, { force: true }).catch(() => undefined);
  }
};

const linked = async (from: string, to: string): Promise<boolean> => {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
};

const removeIfAbandoned = async (directory: string, file: string): Promise<void> => {
  const found = await readFile(file, "utf8").catch(() => null);
  if (found === null) return;
  const owner = parseOwner(found);
  if (owner && (await startOf(owner.pid)) === owner.startedAt) throw inUse(directory, `process ${owner.pid}`);
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

const inUse = (directory: string, by: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    "DATA_DIR_IN_USE",
    `The data directory ${directory} is in use by ${by}. Stop that one first, or choose another directory.`,
  );

const parseOwner = (text: string): { pid: number; startedAt: string | null } | null => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("pid" in value) || !("startedAt" in value)) return null;
    if (typeof value.pid !== "number" || typeof value.startedAt !== "string") return null;
    return { pid: value.pid, startedAt: value.startedAt };
  } catch {
    return null;
  }
};
