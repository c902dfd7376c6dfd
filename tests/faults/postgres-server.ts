import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@supergraph/postgres/embedded";
import type { PostgresServer } from "./model.ts";
import { mountDisk, type SmallDisk } from "./small-disk.ts";

export interface RunningPostgres<Name extends string> extends PostgresServer {
  readonly port: number;
  /** Direct. */
  readonly url: string;
  readonly adminUrl: string;
  readonly database: Name;
  stop(): Promise<void>;
  /** For when this process ends: without waiting, without a word. */
  abandon(): void;
}

export interface PostgresSettings<Name extends string> {
  readonly database: Name;
  readonly directory: string;
  /** With a file system of its own of so many MB, where this process may mount one. */
  readonly diskMb?: number | undefined;
}

/** A durable server of one database, as in production: what it acknowledged is on the disk. */
export const startPostgres = async <const Name extends string>(
  settings: PostgresSettings<Name>,
): Promise<RunningPostgres<Name>> => {
  const { database, directory } = settings;
  await mkdir(directory, { recursive: true });
  const disk: SmallDisk | null = settings.diskMb === undefined ? null : await mountDisk(directory, settings.diskMb);
  const launch = (port?: number) =>
    startEmbeddedPostgres({ directory, databases: [database], ...(port === undefined ? {} : { port }) });
  let server: EmbeddedPostgres<Name> | null;
  try {
    server = await launch();
  } catch (error) {
    await disk?.unmount();
    throw error;
  }
  const { port, adminUrl, urls } = server;

  const kill = async (): Promise<void> => {
    const killed = server;
    server = null;
    if (!killed) return;
    killAll(directory);
    // At once, so that its supervisor does not start it again.
    await killed.stop();
  };
  const stop = async (): Promise<void> => {
    await disk?.free();
    const stopped = server;
    server = null;
    await stopped?.stop();
    await disk?.unmount();
  };
  return {
    database,
    port,
    url: urls[database],
    adminUrl,
    logFile: join(directory, "server.log"),
    disk,
    get running() {
      return server !== null;
    },
    kill,
    async start() {
      server ??= await launch(port);
    },
    stop,
    abandon() {
      killAll(directory);
      disk?.unmountNow();
    },
  };
};

/** The postmaster first, so that it starts no new backend, then those that it had. */
const killAll = (directory: string): void => {
  try {
    const postmaster = Number.parseInt(readFileSync(join(directory, "cluster", "postmaster.pid"), "utf8"), 10);
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8").split(" ");
    for (const pid of [postmaster, ...children.filter(Boolean).map(Number)]) endNow(pid);
  } catch {
    // Nothing of it runs.
  }
};

const endNow = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
};
