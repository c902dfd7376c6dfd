import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect as openSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, LOOPBACK, type ServerProcess, spawnServer } from "@supergraph/local-server";
import { eventually } from "@supergraph/testing";
import { findNatsServer } from "../../nats-server.ts";

const SHUTDOWN = [{ signal: "SIGTERM", withinMs: 5_000 }] as const;
const START_TIMEOUT_MS = 20_000;

/** A nats-server as an operator would configure it. */
export interface NatsNode {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** kill -9. */
  kill(): Promise<void>;
  /** The same node again, on its own data; nothing where it runs. */
  startAgain(): Promise<void>;
  log(): Promise<string>;
}

export interface NatsNodes {
  /** An empty folder for keys and certificates. */
  readonly directory: string;
  start(options: { readonly name: string; readonly port?: number; readonly config: string }): Promise<NatsNode>;
  /** Stops all and removes what they kept. */
  stop(): Promise<void>;
}

/** Nodes on the loopback interface, without credentials or JetStream unless their configuration says so. */
export const natsNodes = async (): Promise<NatsNodes> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-nats-nodes-"));
  const running = new Map<string, ServerProcess>();

  const launch = async (name: string, port: number): Promise<void> => {
    const log = join(directory, name, "log");
    const server = spawnServer(findNatsServer() ?? "nats-server", ["-c", join(directory, name, "conf"), "-l", log], {
      stdio: "ignore",
      shutdown: SHUTDOWN,
    });
    running.set(name, server);
    await eventually(
      async () => {
        const end = server.describeEnd();
        if (end !== null) throw new Error(`${name}: ${end}: ${await readFile(log, "utf8").catch(() => "")}`);
        await accepts(port);
      },
      { timeoutMs: START_TIMEOUT_MS },
    );
  };

  return {
    directory,
    async start({ name, port: wanted, config }) {
      const port = wanted ?? (await freePort());
      await mkdir(join(directory, name));
      await writeFile(join(directory, name, "conf"), `server_name: ${name}\nlisten: "${LOOPBACK}:${port}"\n${config}`);
      await launch(name, port);
      return {
        name,
        port,
        get pid() {
          return running.get(name)?.pid ?? 0;
        },
        async kill() {
          const server = running.get(name);
          if (server?.pid !== undefined) process.kill(server.pid, "SIGKILL");
          await server?.ended;
        },
        async startAgain() {
          if (running.get(name)?.describeEnd() !== null) await launch(name, port);
        },
        log: () => readFile(join(directory, name, "log"), "utf8"),
      };
    },
    async stop() {
      await Promise.all([...running.values()].map((server) => server.stop()));
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** JetStream of a node; `memory` and disk are small, so that a test cannot fill the machine's. */
export const jetStream = (nodes: NatsNodes, name: string): string =>
  `jetstream { store_dir: ${JSON.stringify(join(nodes.directory, `${name}-streams`))}, max_mem: 64MB, max_file: 1GB }\n`;

/** Three nodes with JetStream that elect leaders among themselves. */
export const natsCluster = async (nodes: NatsNodes): Promise<readonly NatsNode[]> => {
  const names = ["n1", "n2", "n3"];
  const routes = await Promise.all(names.map(() => freePort()));
  const urls = routes.map((port) => `nats://${LOOPBACK}:${port}`).join(", ");
  return Promise.all(
    names.map((name, index) =>
      nodes.start({
        name,
        config: `${jetStream(nodes, name)}cluster { name: shop, listen: "${LOOPBACK}:${routes[index]}", routes: [${urls}] }\n`,
      }),
    ),
  );
};

const accepts = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = openSocket({ host: LOOPBACK, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
