import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findProcess, isRunning, type ProcessIdentity } from "./processes.ts";

/** Another process, or another start in this one, runs a server on the directory. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(`${directory} is used by process ${pid}.`);
    this.pid = pid;
  }
}

/** `owner.<unique>.json`, a file a claim. No name is ever used twice, so removing one can hit no other claim. */
const isClaim = (name: string): boolean => /^owner(\..+)?\.json$/.test(name);

const YIELD_TIMEOUT_MS = 1_000;
const POLL_MS = 10;

/**
 * Makes this process the owner of `directory`, which exists, until the returned function is called or the process ends.
 *
 * Whoever finds its claim to be the only one of a living process owns the directory: of two, the one that looks later
 * sees the other. Of several that claim at once the first by name stays and waits for the others to withdraw, so that
 * one of them gets it; an owner does not withdraw, which a claim that stays finds out within a second.
 * @throws DirectoryInUse; and what the file system refuses.
 */
export const takeDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const name = `owner.${crypto.randomUUID()}.json`;
  const claim = join(directory, name);
  const draft = `${claim}.draft`;
  const me = await findProcess(process.pid);
  const release = () => rm(claim, { force: true });
  try {
    await writeFile(draft, JSON.stringify({ pid: process.pid, startedAt: me?.startedAt ?? "" }), { mode: 0o600 });
    // Renamed, so that nobody ever reads half a claim and takes it for an abandoned one.
    await rename(draft, claim);
    const deadline = performance.now() + YIELD_TIMEOUT_MS;
    for (;;) {
      const [rival, ...others] = await rivalsOf(directory, name);
      if (!rival) return release;
      const isFirst = [rival, ...others].every((each) => name < each.name);
      if (!isFirst || performance.now() > deadline) throw new DirectoryInUse(directory, rival.pid);
      await pause(POLL_MS);
    }
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    await release().catch(() => undefined);
    throw error;
  }
};

/** The claims of living processes but for `name`; those of others are removed. */
const rivalsOf = async (directory: string, name: string): Promise<{ name: string; pid: number }[]> => {
  const rivals: { name: string; pid: number }[] = [];
  for (const other of await readdir(directory)) {
    if (!isClaim(other) || other === name) continue;
    const path = join(directory, other);
    const text = await readFile(path, "utf8").catch(() => null);
    // Withdrawn in between.
    if (text === null) continue;
    const owner = parseOwner(text);
    if (owner && (await isRunning(owner))) rivals.push({ name: other, pid: owner.pid });
    else await rm(path, { force: true });
  }
  return rivals;
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
