import { join } from "node:path";
import { LOOPBACK, type SupervisorLog, supervise } from "@supergraph/local-server";
import { asUser, choosePostgresUser, loadBinaries } from "./embedded/binaries.ts";
import {
  ensureCluster,
  lockDirectory,
  prepareDirectory,
  readOrCreateConnections,
  rememberPort,
} from "./embedded/directory.ts";
import { stopOrphan } from "./embedded/orphan.ts";
import { ensureDatabases } from "./embedded/roles.ts";
import { type ServerSettings, startServer } from "./embedded/server.ts";

export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from "./embedded/errors.ts";

export interface EmbeddedPostgresOptions<Name extends string> {
  /** Absolute or relative to the working directory; made when missing. All state lives in it. */
  readonly directory: string;
  /** Each gets a role of its own, of the same name, that owns it and can connect to no other. Lower case, digits, `_`. */
  readonly databases: readonly Name[];
  readonly log?: EmbeddedPostgresLog;
  /** A free one is chosen and remembered when not given. */
  readonly port?: number;
  /** `false` trades safety against a power cut for speed: for tests. */
  readonly durable?: boolean;
}

export type EmbeddedPostgresLog = SupervisorLog;

export interface EmbeddedPostgres<Name extends string> {
  /** By database: what its own role connects with. */
  readonly urls: Readonly<Record<Name, string>>;
  /** The superuser's, to the database `postgres`. */
  readonly adminUrl: string;
  readonly port: number;
  /** Fast shutdown: rolls back what runs, writes everything, ends. Safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres server on 127.0.0.1 with everything that it needs in `directory`, and keeps it running until
 * `stop`: should it die, it is started again. A server that an earlier, killed process left behind is stopped first.
 * @throws EmbeddedPostgresError with what to do; nothing is left running then.
 */
export const startEmbeddedPostgres = async <const Name extends string>(
  options: EmbeddedPostgresOptions<Name>,
): Promise<EmbeddedPostgres<Name>> => {
  const { databases, durable = true, log } = options;
  for (const name of databases)
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name) || name === "postgres" || name.startsWith("template"))
      throw new TypeError(`"${name}" cannot be the name of a database and its role: use a-z, 0-9 and _.`);

  const directory = await prepareDirectory(options.directory);
  const unlock = await lockDirectory(directory);
  try {
    const cluster = join(directory, "cluster");
    const binaries = await loadBinaries();
    const user = await choosePostgresUser();
    const run = await asUser(user, [cluster, binaries.postgres]);
    const connections = await readOrCreateConnections(directory, databases);
    await stopOrphan(cluster, log);
    await ensureCluster({ directory, binaries, run, user, password: connections.superuser, durable, log });

    const settings: ServerSettings = {
      directory,
      cluster,
      postgres: binaries.postgres,
      run,
      durable,
    };
    const server = await startServer(settings, options.port ?? { preferred: connections.port });
    const { port } = server;
    try {
      if (port !== connections.port) await rememberPort(directory, { ...connections, port });
      const adminUrl = urlOf("postgres", connections.superuser, port);
      await ensureDatabases({ adminUrl, databases, passwords: connections.roles });

      const supervised = supervise({
        name: "Postgres",
        first: server.process,
        launch: async () => (await startServer(settings, port)).process,
        log,
      });
      const stop = async () => {
        await supervised.stop();
        await unlock();
      };
      let stopped: Promise<void> | undefined;
      return {
        urls: urlsOf(databases, connections.roles, port),
        adminUrl,
        port,
        stop() {
          stopped ??= stop();
          return stopped;
        },
      };
    } catch (error) {
      await server.process.stop();
      throw error;
    }
  } catch (error) {
    await unlock();
    throw error;
  }
};

/**
 * Makes sure that no server runs on `directory`, which may then be deleted: stops one that a killed process left behind.
 * @throws EmbeddedPostgresError DATA_DIR_IN_USE while a running process owns the directory.
 */
export const stopLeftPostgres = async (directory: string): Promise<void> => {
  const path = await prepareDirectory(directory);
  const unlock = await lockDirectory(path);
  try {
    await stopOrphan(join(path, "cluster"), undefined);
  } finally {
    await unlock();
  }
};

const urlOf = (name: string, password: string, port: number): string =>
  `postgres://${name}:${password}@${LOOPBACK}:${port}/${name}`;

const urlsOf = <Name extends string>(
  databases: readonly Name[],
  passwords: Readonly<Record<string, string>>,
  port: number,
): Record<Name, string> => {
  const urls: Partial<Record<Name, string>> = {};
  for (const name of databases) urls[name] = urlOf(name, passwords[name] ?? "", port);
  return urls as Record<Name, string>;
};
