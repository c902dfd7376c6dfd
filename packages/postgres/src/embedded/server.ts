import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, LOOPBACK, type ServerProcess, type Shutdown, spawnServer } from "@supergraph/local-server";
import type { RunAs } from "./binaries.ts";
import { corrupt } from "./directory.ts";
import { EmbeddedPostgresError } from "./errors.ts";

export interface ServerSettings {
  readonly directory: string;
  readonly cluster: string;
  readonly postgres: string;
  readonly run: RunAs;
  readonly durable: boolean;
}

export interface Server {
  readonly process: ServerProcess;
  readonly port: number;
}

const READY_WITHIN_MS = 60_000;
/** They notice at once, and then may have to wait for a busy machine. */
const OLD_BACKENDS_END_WITHIN_MS = 30_000;
/** Fast: rolls back what runs and writes everything; then immediate. */
const SHUTDOWN: readonly [Shutdown, ...Shutdown[]] = [
  { signal: "SIGINT", withinMs: 15_000 },
  { signal: "SIGQUIT", withinMs: 15_000 },
];
const MAX_LOG_BYTES = 1_000_000;
const PORT_ATTEMPTS = 5;

/**
 * Starts the server and waits until it takes connections. `port` is a must, or what to prefer to a free one.
 * @throws EmbeddedPostgresError; the process has ended then.
 */
export const startServer = async (
  settings: ServerSettings,
  port: number | { preferred: number | null },
): Promise<Server> => {
  const mayMove = typeof port !== "number";
  const oldBackendsDeadline = Date.now() + OLD_BACKENDS_END_WITHIN_MS;
  for (let portAttempts = 1; ; ) {
    const chosen = mayMove ? await freePort(portAttempts === 1 ? port.preferred : null) : port;
    const outcome = await launch(settings, chosen);
    if (outcome.kind === "ready") return outcome.server;
    const { log } = outcome;
    if (/pre-existing shared memory block/.test(log) && Date.now() < oldBackendsDeadline) {
      // The backends of a server that was killed notice it only after a moment.
      await pause(100);
      continue;
    }
    if (/Address already in use|could not create any TCP\/IP sockets/.test(log)) {
      portAttempts += 1;
      if (mayMove && portAttempts <= PORT_ATTEMPTS) continue;
      throw new EmbeddedPostgresError(
        "START_FAILED",
        `Port ${chosen} on ${LOOPBACK}, meant for Postgres, is taken. Free it, or choose another port.`,
      );
    }
    throw failureOf(settings.directory, outcome);
  }
};

/** Ordered by what Postgres says, not by its exit code, which is always 1. */
const failureOf = (directory: string, { log, reason }: Failed): EmbeddedPostgresError => {
  if (/lock file .* already exists/.test(log))
    return new EmbeddedPostgresError(
      "DATA_DIR_IN_USE",
      `Another Postgres server uses ${directory}. Stop that one first, or choose another directory.`,
    );
  const damage = log.split("\n").find((line) => /(PANIC|FATAL): /.test(line) && DAMAGE.test(line));
  if (damage) return corrupt(directory, `Postgres says "${damage.replace(/^.*?(PANIC|FATAL): +/, "")}"`);
  return new EmbeddedPostgresError(
    "START_FAILED",
    `Postgres in ${directory} did not start: ${reason}. Its log, ${join(directory, "server.log")}, ends with:\n${log.trim().split("\n").slice(-5).join("\n")}`,
  );
};

const DAMAGE =
  /PANIC|could not (open|read|find|locate|access|stat)|checkpoint|control file|invalid|incompatible|corrupt|not a valid data directory|not initialized|No such file/i;

interface Failed {
  readonly kind: "failed";
  readonly reason: string;
  /** What the server logged during this attempt. */
  readonly log: string;
}

const launch = async (settings: ServerSettings, port: number): Promise<{ kind: "ready"; server: Server } | Failed> => {
  const logPath = join(settings.directory, "server.log");
  const isLarge = await stat(logPath).then(
    ({ size }) => size > MAX_LOG_BYTES,
    () => false,
  );
  // A file, not a pipe: an orphan must be able to go on writing.
  const logFile = await open(logPath, isLarge ? "w" : "a", 0o600);
  const logStart = (await logFile.stat()).size;
  const [program = settings.postgres, ...args] = [...settings.run.prefix, ...commandLine(settings, port)];
  const server = spawnServer(program, args, {
    ...settings.run.options,
    cwd: "/",
    env: { PATH: process.env.PATH, TZ: "UTC" },
    stdio: ["ignore", logFile.fd, logFile.fd],
    shutdown: SHUTDOWN,
  });
  await logFile.close();

  const deadline = Date.now() + READY_WITHIN_MS;
  while (server.describeEnd() === null && Date.now() < deadline) {
    if (await isReady(settings.cluster, server.pid)) return { kind: "ready", server: { process: server, port } };
    await server.endsWithin(10);
  }
  const reason = server.describeEnd() ?? `it was not ready within ${READY_WITHIN_MS / 1000} s`;
  await server.stop();
  const log = (await readFile(logPath)).subarray(logStart).toString();
  return { kind: "failed", reason, log };
};

/** The postmaster's own word, as pg_ctl reads it: its pid in the first line, its state in the eighth. */
const isReady = async (cluster: string, pid: number | undefined): Promise<boolean> => {
  const lines = (await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
};

const commandLine = ({ postgres, cluster, durable }: ServerSettings, port: number): string[] => [
  postgres,
  "-D",
  cluster,
  "-p",
  String(port),
  ...Object.entries({
    listen_addresses: LOOPBACK,
    unix_socket_directories: "",
    max_connections: "200",
    password_encryption: "scram-sha-256",
    // Our passwords are random and long: stretching them would only cost each new connection time.
    scram_iterations: "1",
    // Lean: a developer's machine runs everything else, too.
    shared_buffers: "32MB",
    io_method: "sync",
    max_parallel_workers_per_gather: "0",
    max_worker_processes: "2",
    max_logical_replication_workers: "0",
    wal_level: "minimal",
    max_wal_senders: "0",
    min_wal_size: "16MB",
    max_wal_size: "256MB",
    autovacuum_max_workers: "1",
    jit: "off",
    // Statements that fail are the services' to log; theirs may hold personal data.
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_checkpoints: "off",
    timezone: "UTC",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
];
