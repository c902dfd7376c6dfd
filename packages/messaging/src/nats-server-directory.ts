import { chmod, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "./log.ts";
import { findProcess, isRunning, type ProcessIdentity } from "./processes.ts";

/** Why no private server could be started. The message says what to do. */
export class NatsServerError extends Error {
  override readonly name = "NatsServerError";
  readonly code:
    | "NATS_SERVER_NOT_FOUND"
    | "NATS_SERVER_PORT_TAKEN"
    | "NATS_SERVER_DIRECTORY_IN_USE"
    | "NATS_SERVER_DIRECTORY_UNUSABLE"
    | "NATS_SERVER_FAILED";
  constructor(code: NatsServerError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export const configFile = (directory: string): string => join(directory, "nats-server.conf");
export const logFile = (directory: string): string => join(directory, "nats-server.log");
export const pidFile = (directory: string): string => join(directory, "nats-server.pid");
const ownerFile = (directory: string): string => join(directory, "owner.json");

const ORPHAN_TIMEOUT_MS = 5_000;
const POLL_MS = 10;

/** Makes this process the one that runs a server on `directory`; resolves to how it is given up again. */
export const takeDirectory = async (directory: string): Promise<() => Promise<void>> => {
  const me = findProcess(process.pid);
  const identity: ProcessIdentity = { pid: process.pid, startedAt: me?.startedAt ?? "" };
  const file = ownerFile(directory);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    for (;;) {
      const handle = await open(file, "wx", 0o600).catch(nullWhenItExists);
      if (handle) {
        await handle.writeFile(JSON.stringify(identity));
        await handle.close();
        return () => rm(file, { force: true });
      }
      const owner = await readOwner(file);
      if (owner && isRunning(owner)) {
        const message = `${directory} is used by process ${owner.pid}: stop that, or choose another directory.`;
        throw new NatsServerError("NATS_SERVER_DIRECTORY_IN_USE", message);
      }
      await rm(file, { force: true });
    }
  } catch (error) {
    if (error instanceof NatsServerError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${directory} cannot be used for nats-server: ${reason}`;
    throw new NatsServerError("NATS_SERVER_DIRECTORY_UNUSABLE", message, error);
  }
};

const readOwner = async (file: string): Promise<ProcessIdentity | null> => {
  try {
    const { pid, startedAt }: Record<string, unknown> = JSON.parse(await readFile(file, "utf8"));
    return typeof pid === "number" && typeof startedAt === "string" ? { pid, startedAt } : null;
  } catch {
    return null;
  }
};

/** The server of a run that was killed. What has the pid now is left alone unless it is a nats-server on this directory. */
export const stopOrphan = async (directory: string, log: Log): Promise<void> => {
  const text = await readFile(pidFile(directory), "utf8").catch(() => "");
  const orphan = findProcess(Number.parseInt(text, 10));
  const isOurs = orphan?.command.includes("nats-server") && orphan.command.includes(configFile(directory));
  if (orphan && isOurs) {
    log.info({ pid: orphan.pid }, "stopping the nats-server that an earlier run left behind");
    const forceAt = Date.now() + ORPHAN_TIMEOUT_MS;
    process.kill(orphan.pid, "SIGTERM");
    while (isRunning(orphan)) {
      await pause(POLL_MS);
      if (Date.now() > forceAt) process.kill(orphan.pid, "SIGKILL");
    }
  }
  await rm(pidFile(directory), { force: true });
};

const nullWhenItExists = (error: NodeJS.ErrnoException): null => {
  if (error.code === "EEXIST") return null;
  throw error;
};
