import { randomBytes } from "node:crypto";
import { accessSync, constants, statSync, writeFileSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect as openSocket } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, LOOPBACK, type ServerProcess, spawnServer, supervise } from "@supergraph/local-server";
import type { Log } from "./log.ts";
import { connectNats } from "./nats/bus.ts";
import {
  claimDirectory,
  configFile,
  logFile,
  NatsServerError,
  pidFile,
  SHUTDOWN,
  stopOrphan,
} from "./nats-server-directory.ts";

export { NatsServerError } from "./nats-server-directory.ts";

export interface NatsServer {
  /** With the credentials of this run: nobody else on the machine can connect. */
  readonly url: string;
  readonly port: number;
  /** Of the server process; another one after a restart by itself. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface NatsServerOptions {
  /** Holds the streams, which the next start finds again, the configuration and the log. Created when missing. */
  readonly directory: string;
  /** Any free one unless given. */
  readonly port?: number;
  readonly log?: Log;
}

const START_TIMEOUT_MS = 30_000;
const END_AFTER_REFUSAL_MS = 2_000;
const PORT_ATTEMPTS = 5;
const POLL_MS = 10;
const quiet: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The path of `nats-server`, or null when the PATH has none. */
export const findNatsServer = (path = process.env.PATH ?? ""): string | null => {
  const candidates = path.split(delimiter).filter((folder) => folder !== "");
  return candidates.map((folder) => join(folder, "nats-server")).find(isExecutable) ?? null;
};

/**
 * Starts a private `nats-server` with JetStream on the loopback interface, and again whenever it ends by itself, on the
 * same port. Resolves once JetStream answers.
 *
 * After a kill -9 of this process the server goes on as an orphan; the next start on the same directory stops it first.
 * @throws NatsServerError when there is no nats-server, the port is taken, the directory is used by a running process or
 *   cannot be written, or the server ends at once.
 */
export const startNatsServer = async (options: NatsServerOptions): Promise<NatsServer> => {
  const { log = quiet } = options;
  const directory = resolve(options.directory);
  const binary = findNatsServer();
  if (binary === null) {
    const message = "There is no nats-server on the PATH. Install it (Debian: apt-get install nats-server).";
    throw new NatsServerError("NATS_SERVER_NOT_FOUND", message);
  }
  const release = await claimDirectory(directory);
  try {
    await stopOrphan(directory, log);
    const password = randomBytes(24).toString("hex");
    const { server, port } = await launchOnFreePort({ binary, directory, password, port: options.port });
    const launchAgain = () => launch({ binary, directory, password, port });
    const supervised = supervise({ name: "nats-server", first: server, launch: launchAgain, log });
    const stop = async () => {
      await supervised.stop();
      await rm(pidFile(directory), { force: true });
      await release();
    };
    let stopped: Promise<void> | undefined;
    return {
      url: urlOf({ password, port }),
      port,
      get pid() {
        return supervised.process.pid ?? 0;
      },
      stop() {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
};

/**
 * Makes sure that no server runs on `directory`, which may then be deleted: stops one that a killed process left behind.
 * @throws NatsServerError when a running process uses the directory.
 */
export const stopLeftNatsServer = async (directory: string): Promise<void> => {
  const path = resolve(directory);
  const release = await claimDirectory(path);
  try {
    await stopOrphan(path, quiet);
  } finally {
    await release();
  }
};

interface Launch {
  readonly binary: string;
  readonly directory: string;
  readonly password: string;
  readonly port: number;
}

const USER = "supergraph";
const urlOf = ({ password, port }: Pick<Launch, "password" | "port">) =>
  `nats://${USER}:${password}@${LOOPBACK}:${port}`;

/** Between choosing a free port and listening on it somebody else may take it: then the next one. */
const launchOnFreePort = async (
  wish: Omit<Launch, "port"> & { port: number | undefined },
): Promise<{ server: ServerProcess; port: number }> => {
  for (let attempt = 1; ; attempt += 1) {
    const port = wish.port ?? (await freePort());
    try {
      return { server: await launch({ ...wish, port }), port };
    } catch (error) {
      const taken = error instanceof NatsServerError && error.code === "NATS_SERVER_PORT_TAKEN";
      if (!taken || wish.port !== undefined || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
};

const launch = async (options: Launch): Promise<ServerProcess> => {
  const { binary, directory } = options;
  await writeFile(configFile(directory), configOf(options), { mode: 0o600 });
  const logged = await stat(logFile(directory)).then(
    ({ size }) => size,
    () => 0,
  );
  const server = spawnServer(binary, ["-c", configFile(directory)], { stdio: "ignore", env: {}, shutdown: SHUTDOWN });
  // At once, and not by the server itself: a kill between would leave an orphan that nobody finds.
  if (server.pid !== undefined) writeFileSync(pidFile(directory), String(server.pid));
  if (await Promise.race([answers(server, options), server.ended.then(() => false)])) return server;
  // Somebody else who has the port may answer before our server finds it taken: wait for what it says.
  await server.endsWithin(END_AFTER_REFUSAL_MS);
  const end = server.describeEnd() ?? "it did not answer";
  await server.stop();
  throw await startFailure(options, logged, end);
};

const configOf = ({ directory, password, port }: Launch): string => `# Written at each start.
host: "${LOOPBACK}"
port: ${port}
authorization { user: ${USER}, password: ${JSON.stringify(password)} }
jetstream { store_dir: ${JSON.stringify(join(directory, "streams"))} }
log_file: ${JSON.stringify(logFile(directory))}
logfile_size_limit: 10485760
`;

const startFailure = async ({ directory, port }: Launch, logged: number, end: string): Promise<NatsServerError> => {
  const lines = await readFile(logFile(directory)).then(
    (text) => text.subarray(logged).toString("utf8").trim().split("\n"),
    () => [],
  );
  if (lines.some((line) => line.includes("address already in use"))) {
    const message = `Port ${port} on ${LOOPBACK} is taken: choose another for nats-server, or none for any free one.`;
    return new NatsServerError("NATS_SERVER_PORT_TAKEN", message);
  }
  const line = lines.findLast((text) => text.includes("[FTL]") || text.includes("[ERR]")) ?? lines.at(-1) ?? "";
  const reason = line.replace(/^\[\d+\] [\d/]+ [\d:.]+ /, "");
  const message = `nats-server could not be started: ${end}: ${reason}. Its log is ${logFile(directory)}.`;
  return new NatsServerError("NATS_SERVER_FAILED", message);
};

/** First the port, which a server that recovers its streams opens late, then JetStream itself. */
const answers = async (server: ServerProcess, { password, port }: Launch): Promise<boolean> => {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (server.describeEnd() !== null || Date.now() > deadline) return false;
    await pause(POLL_MS);
  }
  try {
    const bus = await connectNats({ servers: urlOf({ password, port }), log: quiet, connectTimeoutMs: 5_000 });
    await bus.stop();
    return true;
  } catch {
    return false;
  }
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = openSocket({ host: LOOPBACK, port });
    const finish = (result: boolean) => {
      socket.destroy();
      done(result);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
