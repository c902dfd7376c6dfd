import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, statSync, writeFileSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, connect as openSocket } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { backoffDelay } from "./backoff.ts";
import type { Log } from "./log.ts";
import { connectNats } from "./nats.ts";
import { configFile, logFile, NatsServerError, pidFile, stopOrphan, takeDirectory } from "./nats-server-directory.ts";

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
const STOP_TIMEOUT_MS = 5_000;
const END_AFTER_REFUSAL_MS = 2_000;
const PORT_ATTEMPTS = 5;
const POLL_MS = 10;
const RESTART_BACKOFF_MS = { first: 100, max: 5_000 };
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
  const release = await takeDirectory(directory);
  try {
    await stopOrphan(directory, log);
    const password = randomBytes(24).toString("hex");
    const { child, port } = await launchOnFreePort({ binary, directory, password, port: options.port });
    return supervise({ binary, directory, password, port, child, log, release });
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
  const release = await takeDirectory(path);
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
const urlOf = ({ password, port }: Pick<Launch, "password" | "port">) => `nats://${USER}:${password}@127.0.0.1:${port}`;

/** Between choosing a free port and listening on it somebody else may take it: then the next one. */
const launchOnFreePort = async (
  wish: Omit<Launch, "port"> & { port: number | undefined },
): Promise<{ child: ChildProcess; port: number }> => {
  for (let attempt = 1; ; attempt += 1) {
    const port = wish.port ?? (await freePort());
    try {
      return { child: await launch({ ...wish, port }), port };
    } catch (error) {
      const taken = error instanceof NatsServerError && error.code === "NATS_SERVER_PORT_TAKEN";
      if (!taken || wish.port !== undefined || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
};

const launch = async (options: Launch): Promise<ChildProcess> => {
  const { binary, directory } = options;
  await writeFile(configFile(directory), configOf(options), { mode: 0o600 });
  const logged = await stat(logFile(directory)).then(
    ({ size }) => size,
    () => 0,
  );
  // In a session of its own: Ctrl-C in the terminal is for us, and we stop it when nobody needs it any more.
  const child = spawn(binary, ["-c", configFile(directory)], { detached: true, stdio: "ignore", env: {} });
  child.unref();
  // At once, and not by the server itself: a kill between would leave an orphan that nobody finds.
  if (child.pid !== undefined) writeFileSync(pidFile(directory), String(child.pid));
  const ended = new Promise<never>((_, reject) => {
    child.once("error", (error) => {
      reject(new NatsServerError("NATS_SERVER_FAILED", `${binary} cannot be run: ${error.message}`, error));
    });
    child.once("exit", async (code, signal) => reject(await startFailure(options, logged, code ?? signal)));
  });
  ended.catch(() => undefined);
  try {
    await Promise.race([answering(options), ended]);
    return child;
  } catch (error) {
    if (error instanceof NatsServerError) throw error;
    // Somebody else who has the port answered before our server found it taken: wait for what it says.
    await Promise.race([ended, pause(END_AFTER_REFUSAL_MS)]);
    await endProcess(child);
    throw await startFailure(options, logged, "no answer");
  }
};

const configOf = ({ directory, password, port }: Launch): string => `# Written at each start.
host: "127.0.0.1"
port: ${port}
authorization { user: ${USER}, password: ${JSON.stringify(password)} }
jetstream { store_dir: ${JSON.stringify(join(directory, "streams"))} }
log_file: ${JSON.stringify(logFile(directory))}
logfile_size_limit: 10485760
`;

const startFailure = async ({ directory, port }: Launch, logged: number, status: unknown): Promise<NatsServerError> => {
  const lines = await readFile(logFile(directory)).then(
    (text) => text.subarray(logged).toString("utf8").trim().split("\n"),
    () => [],
  );
  if (lines.some((line) => line.includes("address already in use"))) {
    const message = `Port ${port} on 127.0.0.1 is taken: choose another for nats-server, or none for any free one.`;
    return new NatsServerError("NATS_SERVER_PORT_TAKEN", message);
  }
  const line = lines.findLast((text) => text.includes("[FTL]") || text.includes("[ERR]")) ?? lines.at(-1) ?? "";
  const reason = line.replace(/^\[\d+\] [\d/]+ [\d:.]+ /, "");
  const message = `nats-server ended with ${String(status)} while it started: ${reason}. Its log is ${logFile(directory)}.`;
  return new NatsServerError("NATS_SERVER_FAILED", message);
};

/** First the port, which a server that recovers its streams opens late, then JetStream itself. */
const answering = async (options: Pick<Launch, "password" | "port">): Promise<void> => {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(options.port)) && Date.now() < deadline) await pause(POLL_MS);
  const bus = await connectNats({ servers: urlOf(options), log: quiet, connectTimeoutMs: 5_000 });
  await bus.stop();
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = openSocket({ host: "127.0.0.1", port });
    const finish = (result: boolean) => {
      socket.destroy();
      done(result);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });

const supervise = (options: Launch & { child: ChildProcess; log: Log; release: () => Promise<void> }): NatsServer => {
  const { log, port, release } = options;
  const stopping = new AbortController();
  let child = options.child;
  let restarting: Promise<void> = Promise.resolve();

  const restart = async (): Promise<void> => {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        child = await launch(options);
        watch();
        log.warn({ port, pid: child.pid }, "nats-server runs again");
        return;
      } catch (error) {
        log.error({ port, err: error }, "nats-server could not be started again, will retry");
        const delayMs = backoffDelay(RESTART_BACKOFF_MS, attempt, Math.random);
        await pause(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const watch = () => {
    const onEnd = () => {
      if (stopping.signal.aborted) return;
      log.error({ port, code: child.exitCode, signal: child.signalCode }, "nats-server ended: starting it again");
      restarting = restart();
    };
    // It may have ended between answering and here.
    if (hasEnded(child)) onEnd();
    else child.once("exit", onEnd);
  };
  const stopWithProcess = () => void child.kill("SIGTERM");
  process.once("exit", stopWithProcess);
  watch();

  let stopped: Promise<void> | null = null;
  const stop = async () => {
    stopping.abort();
    await restarting;
    await endProcess(child);
    process.removeListener("exit", stopWithProcess);
    await rm(pidFile(options.directory), { force: true });
    await release();
  };

  return {
    url: urlOf(options),
    port,
    get pid() {
      return child.pid ?? 0;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const endProcess = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  child.ref();
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(force);
};

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === "object" ? done(address.port) : fail(new Error("No port.")),
      );
    });
  });

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
