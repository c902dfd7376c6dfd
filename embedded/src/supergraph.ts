import type { Bus } from "@supergraph/messaging";
import { type Cleanup, createLogger, type Logger, type Running, startAll, startWithCleanup } from "@supergraph/service";
import type { EmbeddedConfig } from "./config.ts";
import { expectFreePorts, prepareDataDirectory } from "./data-directory.ts";
import { layout } from "./layout.ts";
import { playgroundConfig } from "./playground.ts";
import type { Progress } from "./progress.ts";
import { loadSecrets, type Secrets } from "./secrets.ts";
import { ofEachSubgraph, PROVIDER_PORT, SUBGRAPH_NAMES, SUBGRAPHS, type SubgraphName } from "./subgraphs.ts";

export interface EmbeddedSupergraph extends Running {
  /** Where GraphQL is answered. */
  readonly endpoint: string;
  /** Null where the playground is off or was not built. */
  readonly playground: string | null;
  /** "NATS JetStream" or "in-process". */
  readonly bus: string;
  readonly log: Logger;
  /** Connection URLs by subgraph, for tools and tests that look from outside. */
  readonly databaseUrls: Readonly<Record<SubgraphName, string>>;
}

/**
 * Starts databases, bus, provider, subgraphs and the router in this process, each over its own sockets as if it
 * were alone; migrates, and seeds a first start. Throws errors with a `code` for what a person can mend.
 */
export const startEmbeddedSupergraph = (
  config: EmbeddedConfig,
  progress: Progress,
  { onQuery }: { readonly onQuery?: (subgraph: SubgraphName, sql: string) => void } = {},
): Promise<EmbeddedSupergraph> =>
  startWithCleanup(async (cleanup) => {
    const { host, port, dataDirectory } = config;
    const ports = {
      router: port,
      ...ofEachSubgraph((name) => port + SUBGRAPHS[name].port),
      provider: port + PROVIDER_PORT,
    };
    const log = createLogger({ service: "embedded", level: config.logLevel });
    await prepareDataDirectory(dataDirectory);
    await expectFreePorts(host, ports);

    // Postgres locks the folder for this process, so whatever else lives in it comes after. Loading the services' code
    // takes about as long: neither waits for the other.
    const databasesAndBus = progress
      .step("Postgres", () => startDatabases(dataDirectory, log, cleanup))
      .then(async (databases) => ({
        databases,
        secrets: await loadSecrets(dataDirectory),
        bus: await progress.step("event bus", async () => (await import("./bus.ts")).openBus(config, log, cleanup)),
      }));
    const [{ databases, bus, secrets }, supergraphSdl, code] = await startAll([
      databasesAndBus,
      progress.step("composing the supergraph", composeShop),
      progress.step("loading the services", loadServices),
    ]);
    await progress.step("migrating the databases", () => migrateAll(code, databases));
    await progress.step("example data", () =>
      code.seed.seedIfEmpty(databases, layout(dataDirectory).provider, new Date(secrets.createdAt)),
    );

    const services = { config, ports, log, secrets, databases, code, cleanup, onQuery };
    await progress.step("payment provider and subgraphs", () => startServices(services, bus.bus));
    const router = await progress.step("router", () => startRouter(services, supergraphSdl));
    // Stopped first of all: what a handler publishes while the services stop stays in its outbox for the next start.
    cleanup.add(() => bus.bus.stop());
    bus.deliver();

    return {
      endpoint: `${router.url}/graphql`,
      playground: router.playground ? `${router.url}/` : null,
      bus: bus.description,
      log,
      databaseUrls: databases,
    };
  });

type Databases = Readonly<Record<SubgraphName, string>>;

const startDatabases = async (dataDirectory: string, log: Logger, cleanup: Cleanup): Promise<Databases> => {
  const { startEmbeddedPostgres } = await import("@supergraph/postgres/embedded");
  const postgres = await startEmbeddedPostgres({
    directory: layout(dataDirectory).postgres,
    databases: SUBGRAPH_NAMES,
    log,
  });
  cleanup.add(() => postgres.stop());
  return ofEachSubgraph((name) => postgres.urls[name]);
};

const composeShop = async (): Promise<string> => {
  const { composeShopSupergraph } = await import("./compose.ts");
  return composeShopSupergraph();
};

const loadServices = async () => {
  const [provider, router, seed, ...subgraphs] = await Promise.all([
    import("@supergraph/sandbox-provider/server"),
    import("@supergraph/router/server"),
    import("./seed/seed.ts"),
    ...SUBGRAPH_NAMES.map(async (name) => ({ name, ...(await SUBGRAPHS[name].load()) })),
  ]);
  return { provider, router, seed, subgraphs };
};

type Code = Awaited<ReturnType<typeof loadServices>>;

const migrateAll = ({ subgraphs }: Code, databases: Databases): Promise<unknown> =>
  Promise.all(subgraphs.map(({ name, migrate }) => migrate(databases[name])));

interface Services {
  readonly config: EmbeddedConfig;
  readonly ports: Readonly<Record<SubgraphName | "router" | "provider", number>>;
  readonly log: Logger;
  readonly secrets: Secrets;
  readonly databases: Databases;
  readonly code: Code;
  readonly cleanup: Cleanup;
  /** Sees each SQL statement of a subgraph; for tests and benchmarks that count. */
  readonly onQuery: ((subgraph: SubgraphName, sql: string) => void) | undefined;
}

const startServices = async (
  { config, ports, log, secrets, databases, code, cleanup, onQuery }: Services,
  bus: Bus,
): Promise<void> => {
  const { host, logLevel } = config;
  const keep = async (starting: Promise<Running>): Promise<void> => {
    const running = await starting;
    cleanup.add(() => running.stop());
  };
  const providerUrl = `http://${host}:${ports.provider}`;
  await startAll([
    keep(
      code.provider.startSandboxProvider(
        {
          host,
          port: ports.provider,
          apiKey: secrets.providerApiKey,
          webhookSecret: secrets.providerWebhookSecret,
          webhookUrl: `http://${host}:${ports.payments}/webhooks/psp`,
          directory: layout(config.dataDirectory).provider,
          publicUrl: providerUrl,
          logLevel,
        },
        { log: log.child({ service: "sandbox-provider" }) },
      ),
    ),
    ...code.subgraphs.map(({ name, start }) =>
      keep(
        start({
          config: {
            host,
            port: ports[name],
            databaseUrl: databases[name],
            routerPublicKeys: secrets.routerPublicKeys,
            logLevel,
          },
          deps: {
            bus,
            log: log.child({ service: name }),
            ...(onQuery ? { onQuery: (sql: string) => onQuery(name, sql) } : {}),
          },
          secrets,
          providerUrl,
        }),
      ),
    ),
  ]);
};

const startRouter = async ({ config, ports, log, secrets, code, cleanup }: Services, supergraphSdl: string) => {
  const { host, logLevel } = config;
  const playground = await playgroundConfig();
  const router = await code.router.startRouter(
    {
      server: { host, port: ports.router },
      supergraph: { sdl: supergraphSdl },
      subgraphs: {
        overrides: Object.fromEntries(
          SUBGRAPH_NAMES.map((name) => [name, { url: `http://${host}:${ports[name]}/graphql` }]),
        ),
      },
      signing: { key: secrets.routerSigningKey },
      authentication: { jwksUrl: `http://${host}:${ports.users}/.well-known/jwks.json` },
      playground: playground ?? false,
      // One process has little to do, and another copy of the planner would take long to load.
      planning: { thread: false },
      log: { level: logLevel },
    },
    { log: log.child({ service: "router" }) },
  );
  cleanup.add(() => router.stop());
  return { url: router.url, playground: playground !== null };
};
