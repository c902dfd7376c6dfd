import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  DirectoryInUse,
  findProcess,
  LOOPBACK,
  type Shutdown,
  stopProcess,
  takeDirectory,
} from "@supergraph/local-server";
import type { Log } from "./log.ts";

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

/** JetStream writes what it acknowledged before it ends, and survives a kill, too. */
export const SHUTDOWN: readonly [Shutdown, ...Shutdown[]] = [
  { signal: "SIGTERM", withinMs: 5_000 },
  { signal: "SIGKILL", withinMs: 5_000 },
];

/** Makes this process the one that runs a server on `directory`; resolves to how it is given up again. */
export const claimDirectory = async (directory: string): Promise<() => Promise<void>> => {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    return await takeDirectory(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof DirectoryInUse) {
      const message = `${reason} Stop that, or choose another directory for nats-server.`;
      throw new NatsServerError("NATS_SERVER_DIRECTORY_IN_USE", message);
    }
    const message = `${directory} cannot be used for nats-server: ${reason}`;
    throw new NatsServerError("NATS_SERVER_DIRECTORY_UNUSABLE", message, error);
  }
};

/** How to connect to the server that runs on `directory`; null when none does. */
export const runningNatsServerUrl = async (directory: string): Promise<string | null> => {
  const path = resolve(directory);
  const pid = Number.parseInt(await readFile(pidFile(path), "utf8").catch(() => ""), 10);
  const server = await findProcess(pid);
  if (!server?.command.includes(configFile(path))) return null;
  const config = await readFile(configFile(path), "utf8");
  const [, port] = /^port: (\d+)$/m.exec(config) ?? [];
  const [, user, password] = /user: (\S+), password: "(\w+)"/.exec(config) ?? [];
  return port && user && password ? `nats://${user}:${password}@${LOOPBACK}:${port}` : null;
};

/** The server of a run that was killed. What has the pid now is left alone unless it is a nats-server on this directory. */
export const stopOrphan = async (directory: string, log: Log): Promise<void> => {
  const text = await readFile(pidFile(directory), "utf8").catch(() => "");
  const orphan = await findProcess(Number.parseInt(text, 10));
  const isOurs = orphan?.command.includes("nats-server") && orphan.command.includes(configFile(directory));
  if (orphan && isOurs) {
    log.info({ pid: orphan.pid }, "stopping the nats-server that an earlier run left behind");
    if ((await stopProcess(orphan, SHUTDOWN)) !== "ended") {
      const message = `A nats-server of an earlier run (process ${orphan.pid}) still uses ${directory} and cannot be stopped. End it, then start again.`;
      throw new NatsServerError("NATS_SERVER_DIRECTORY_IN_USE", message);
    }
  }
  await rm(pidFile(directory), { force: true });
};
