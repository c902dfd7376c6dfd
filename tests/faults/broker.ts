import { mkdir, rm, writeFile } from "node:fs/promises";
import { connect as openSocket } from "node:net";
import { join } from "node:path";
import { LOOPBACK, type ServerProcess, spawnServer } from "@supergraph/local-server";
import { findNatsServer } from "@supergraph/messaging/nats-server";
import { eventually } from "@supergraph/testing";
import type { Broker } from "./model.ts";

export interface RunningBroker extends Broker {
  readonly url: string;
  readonly port: number;
  readonly storeDirectory: string;
  stop(): Promise<void>;
  /** For when this process ends: without waiting. */
  abandon(): void;
}

const SHUTDOWN = [{ signal: "SIGTERM", withinMs: 10_000 }] as const;
const ANSWERS_WITHIN_MS = 30_000;

/**
 * One nats-server with JetStream on files. Not the one that `npm start` keeps alive by itself: this one stays dead when it is
 * killed, and comes back under the same URL.
 */
export const startBroker = async (directory: string, port: number): Promise<RunningBroker> => {
  const program = findNatsServer();
  if (program === null)
    throw new Error("There is no nats-server on the PATH. Install it (Debian: apt-get install nats-server).");
  const storeDirectory = join(directory, "streams");
  const configFile = join(directory, "nats.conf");
  await mkdir(directory, { recursive: true });
  await writeFile(
    configFile,
    [
      `host: "${LOOPBACK}"`,
      `port: ${port}`,
      `jetstream { store_dir: ${JSON.stringify(storeDirectory)} }`,
      `log_file: ${JSON.stringify(join(directory, "nats-server.log"))}`,
      "",
    ].join("\n"),
  );
  let server: ServerProcess | null = null;
  const start = async (): Promise<void> => {
    if (server) return;
    server = spawnServer(program, ["-c", configFile], { stdio: "ignore", env: {}, shutdown: [...SHUTDOWN] });
    await eventually(() => greets(port), { timeoutMs: ANSWERS_WITHIN_MS });
  };
  const kill = async (): Promise<void> => {
    const killed = server;
    server = null;
    if (killed?.pid === undefined) return;
    process.kill(killed.pid, "SIGKILL");
    await killed.ended;
  };
  await start();
  return {
    url: `nats://${LOOPBACK}:${port}`,
    port,
    storeDirectory,
    get running() {
      return server !== null;
    },
    kill,
    start,
    async wipe() {
      await kill();
      await rm(storeDirectory, { recursive: true, force: true });
      await start();
    },
    async stop() {
      const stopped = server;
      server = null;
      await stopped?.stop();
    },
    abandon: () => server?.requestStop(),
  };
};

/** It opens its port only after JetStream has recovered, and speaks first. */
const greets = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = openSocket({ host: LOOPBACK, port });
    socket.once("data", (greeting) => {
      socket.destroy();
      if (greeting.toString().includes('"jetstream":true')) resolve();
      else reject(new Error(`The broker has no JetStream yet: ${greeting}`));
    });
    socket.once("error", reject);
  });
