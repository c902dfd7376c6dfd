import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Faults } from "@supergraph/failpoints";
import { migrateOrders } from "@supergraph/orders/server";
import { migratePayments } from "@supergraph/payments/server";
import { migrateProducts } from "@supergraph/products/server";
import { migrateUsers } from "@supergraph/users/server";
import { startBroker } from "./broker.ts";
import { buildServices } from "./build.ts";
import { type EnvironmentSources, environmentOfCopy, forEachService, makeEnvironments, PEERS } from "./environment.ts";
import {
  type Link,
  type ManagedService,
  type Peer,
  SERVICES,
  type ServiceName,
  SUBGRAPHS,
  type Subgraph,
  type System,
} from "./model.ts";
import { steadyPort } from "./ports.ts";
import { type RunningPostgres, startPostgres } from "./postgres-server.ts";
import { createService, type SupervisedService } from "./process.ts";
import { type RunningProxy, startProxy } from "./proxy.ts";
import { seedShop } from "./shop.ts";

export interface SystemOptions {
  /** Of every start of every service, such as a guard that is out. */
  readonly faults?: Faults;
  /** Keeps the directory with logs and data after `stop`. */
  readonly keep?: boolean;
  /** Size of the file system that orders' database stands on, where one can be mounted. */
  readonly diskMb?: number;
  readonly environment?: EnvironmentSources["overrides"];
  readonly say?: (text: string) => void;
}

const ORDERS_DISK_MB = 8_192;

/**
 * Starts the whole shop: a Postgres server a subgraph, a broker, six services, and a proxy on every connection between
 * them. Resolves once all are ready.
 * @throws with the last lines of the log of what did not start; nothing is left running then.
 */
export const startSystem = async (options: SystemOptions = {}): Promise<System> => {
  const cleanup: (() => unknown)[] = [];
  const abandoned: (() => void)[] = [];
  // Should this program end without having stopped it.
  const abandonAll = () => {
    for (const abandon of abandoned) abandon();
  };
  process.once("exit", abandonAll);
  const undo = async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
    process.removeListener("exit", abandonAll);
  };
  try {
    return await start(options, { cleanup, abandoned }, undo);
  } catch (error) {
    await undo();
    throw error;
  }
};

interface Ending {
  /** Done in reverse order. */
  readonly cleanup: (() => unknown)[];
  /** Done when there is no time to wait. */
  readonly abandoned: (() => void)[];
}

const start = async (options: SystemOptions, ending: Ending, undo: () => Promise<void>): Promise<System> => {
  const { cleanup, abandoned } = ending;
  const { say = () => undefined, faults = {} } = options;
  const clock = stopwatch(say);
  const directory = await makeDirectory();
  if (!options.keep) cleanup.push(() => rm(directory, { recursive: true, force: true }));

  const [{ databases, broker }] = await allSettledOrThrow([
    startServers(options, directory, ending),
    buildServices(SERVICES.map(folderOf)),
  ]);
  const databaseUrls = urlsOf(databases, ({ url }) => url);
  clock("databases and broker");
  await migrate(databaseUrls);
  const shop = await seedShop(databaseUrls);
  clock("migrations and goods");

  const ports = await forEachService(() => steadyPort());
  const portOf = (name: ServiceName, peer: Peer): number =>
    peer === "nats" ? broker.port : peer === "postgres" ? database(databases, name).port : ports[peer];
  const links = await startLinks(portOf, cleanup);
  const link = (from: ServiceName, to: Peer): RunningProxy => {
    const found = links.find((candidate) => candidate.from === from && candidate.to === to);
    if (!found) throw new RangeError(`${from} has no connection to ${to}.`);
    return found.proxy;
  };
  const providerDirectory = join(directory, "provider");
  const environments = await makeEnvironments({
    ports,
    portOf: (from, to) => link(from, to).port,
    databaseUrls,
    providerDirectory,
    overrides: options.environment ?? {},
  });
  const settings = (name: ServiceName) => ({
    name,
    copy: 0,
    folder: folderOf(name),
    port: ports[name],
    environment: environments[name],
    logFile: join(directory, `${name}.log`),
    faults,
  });
  const services = SERVICES.map((name) => createService(settings(name)));
  abandoned.push(() => {
    for (const service of services) service.abandon();
  });
  cleanup.push(() => stopAll(services));
  await Promise.all(services.map((service) => service.start()));
  clock("services");

  const service = (name: ServiceName, copy = 0): SupervisedService => {
    const found = services.find((candidate) => candidate.name === name && candidate.copy === copy);
    if (!found) throw new RangeError(`There is no ${name} number ${copy}.`);
    return found;
  };
  let stopped: Promise<void> | undefined;
  return {
    endpoint: `${service("router").origin}/graphql`,
    databaseUrls,
    adminUrls: urlsOf(databases, ({ adminUrl }) => adminUrl),
    brokerUrl: broker.url,
    journal: join(providerDirectory, "journal.jsonl"),
    shop,
    directory,
    service,
    services: () => [...services],
    async addCopy(name) {
      const copy = services.filter((other) => other.name === name).length;
      const port = await steadyPort();
      const added = createService({
        ...settings(name),
        copy,
        port,
        environment: environmentOfCopy(environments[name], name, port),
        logFile: join(directory, `${name}-${copy}.log`),
      });
      services.push(added);
      await added.start();
      return added;
    },
    postgres: (name) => database(databases, name),
    broker,
    link,
    links: () => links,
    async heal() {
      for (const { proxy } of links) proxy.heal();
      await Promise.all([broker.start(), ...databases.map((server) => healServer(server))]);
      const copies = services.filter(({ copy }) => copy > 0);
      for (const copy of copies) services.splice(services.indexOf(copy), 1);
      await Promise.all(copies.map((copy) => copy.stop()));
      await Promise.all(services.map(healService));
    },
    stop() {
      stopped ??= undo();
      return stopped;
    },
  };
};

/** Below the root. */
const folderOf = (name: ServiceName): string => (isSubgraph(name) ? `subgraphs/${name}` : name);

const isSubgraph = (name: string): name is Subgraph => SUBGRAPHS.some((subgraph) => subgraph === name);

/** Others may enter it: Postgres runs as a user of its own. */
const makeDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-faults-"));
  await chmod(directory, 0o755);
  await mkdir(join(directory, "provider"));
  return directory;
};

const startServers = async (options: SystemOptions, directory: string, { cleanup, abandoned }: Ending) => {
  const startDatabase = async (name: Subgraph) => {
    const server = await startPostgres({
      database: name,
      directory: join(directory, `postgres-${name}`),
      diskMb: name === "orders" ? (options.diskMb ?? ORDERS_DISK_MB) : undefined,
    });
    abandoned.push(() => server.abandon());
    cleanup.push(() => server.stop());
    return server;
  };
  const startNats = async () => {
    const server = await startBroker(join(directory, "nats"), await steadyPort());
    abandoned.push(() => server.abandon());
    cleanup.push(() => server.stop());
    return server;
  };
  const [broker, ...databases] = await allSettledOrThrow([startNats(), ...SUBGRAPHS.map(startDatabase)]);
  return { broker, databases };
};

/** Waits for all of them, also when one fails: what starts meanwhile must be there to be stopped. */
const allSettledOrThrow = async <First, Rest>(
  work: readonly [Promise<First>, ...Promise<Rest>[]],
): Promise<[First, ...Rest[]]> => {
  await Promise.allSettled(work);
  const [first, ...rest] = work;
  return [await first, ...(await Promise.all(rest))];
};

type Databases = readonly RunningPostgres<Subgraph>[];

const database = (databases: Databases, name: ServiceName): RunningPostgres<Subgraph> => {
  const found = databases.find((server) => server.database === name);
  if (!found) throw new RangeError(`${name} has no database.`);
  return found;
};

const urlsOf = (
  databases: Databases,
  url: (server: RunningPostgres<Subgraph>) => string,
): Readonly<Record<Subgraph, string>> => ({
  users: url(database(databases, "users")),
  products: url(database(databases, "products")),
  orders: url(database(databases, "orders")),
  payments: url(database(databases, "payments")),
});

const migrate = (urls: Readonly<Record<Subgraph, string>>): Promise<unknown> =>
  Promise.all([
    migrateUsers(urls.users),
    migrateProducts(urls.products),
    migrateOrders(urls.orders),
    migratePayments(urls.payments),
  ]);

const startLinks = async (
  portOf: (from: ServiceName, to: Peer) => number,
  cleanup: (() => unknown)[],
): Promise<readonly (Link & { readonly proxy: RunningProxy })[]> =>
  await Promise.all(
    SERVICES.flatMap((from) =>
      PEERS[from].map(async (to) => {
        const proxy = await startProxy(portOf(from, to));
        cleanup.push(() => proxy.stop());
        return { from, to, proxy };
      }),
    ),
  );

const healServer = async (server: RunningPostgres<Subgraph>): Promise<void> => {
  await server.disk?.free();
  await server.start();
};

const healService = async (service: SupervisedService): Promise<void> => {
  service.resume();
  if (!service.asMeant) await service.start();
  await service.ready();
};

const stopAll = async (services: readonly ManagedService[]): Promise<void> => {
  await Promise.all(services.map((service) => service.stop()));
};

const stopwatch = (say: (text: string) => void) => {
  let since = performance.now();
  return (what: string) => {
    const now = performance.now();
    say(`${what}: ${((now - since) / 1_000).toFixed(1)} s`);
    since = now;
  };
};
