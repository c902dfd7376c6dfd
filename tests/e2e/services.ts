import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { findNatsServer, startNatsServer } from "@supergraph/messaging/nats-server";
import { startEmbeddedPostgres } from "@supergraph/postgres/embedded";
import { SignInDocument } from "@supergraph/schema/operations";
import { generateSigningKey } from "@supergraph/service";
import { generateAccessTokenKeys } from "@supergraph/users/server";
import { signIns } from "../../embedded/src/seed/people.ts";
import { seedIfEmpty } from "../../embedded/src/seed/seed.ts";
import { runService, type Service } from "./service-process.ts";
import { freePortRange } from "./shop.ts";

export const WITHOUT_NATS_SERVER = findNatsServer() === null;
if (WITHOUT_NATS_SERVER) {
  process.stderr.write(
    "\nNOT TESTED: services as processes of their own, since there is no nats-server on the PATH (Debian: apt install nats-server).\n\n",
  );
}

export const SUBGRAPHS = ["users", "products", "orders", "payments"] as const;

/** The shop as processes of their own, with a database server and a broker of their own. */
export interface Services {
  readonly environment: Readonly<Record<string, string>>;
  readonly endpoint: string;
  /** Starts a process of this name, or starts it again; resolves once it is ready. */
  start(name: string): Promise<void>;
  /** The latest process of this name. */
  process(name: string): Service;
  /** One more process, which is stopped with the others. */
  run(name: string, environment: Readonly<Record<string, string>>): Service;
  accessToken(who?: keyof typeof signIns): Promise<string>;
  signIn(who?: keyof typeof signIns): Promise<ApolloClient>;
  /** Stops all processes, then what they use. */
  stop(): Promise<void>;
}

/** Migrates, seeds and starts all. `more` is added to every process' environment. */
export const startServices = async (more: Readonly<Record<string, string>> = {}): Promise<Services> => {
  const cleanup: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  };
  try {
    return { ...(await startAll(more, cleanup)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const startAll = async (
  more: Readonly<Record<string, string>>,
  cleanup: (() => Promise<unknown>)[],
): Promise<Omit<Services, "stop">> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-services-"));
  cleanup.push(() => rm(directory, { recursive: true, force: true }));
  const postgres = await startEmbeddedPostgres({
    directory: join(directory, "postgres"),
    databases: [...SUBGRAPHS],
    durable: false,
  });
  cleanup.push(() => postgres.stop());
  const nats = await startNatsServer({ directory: join(directory, "nats") });
  cleanup.push(() => nats.stop());
  const environment = { ...(await environmentOf(directory, nats.url, postgres.urls)), ...more };

  const latest = new Map<string, Service>();
  const all: Service[] = [];
  const run: Services["run"] = (name, others) => {
    const service = runService(name, { ...environment, ...others });
    all.push(service);
    return service;
  };
  const start: Services["start"] = async (name) => {
    const service = run(name, {});
    latest.set(name, service);
    await service.ready();
  };
  for (const name of SUBGRAPHS) {
    const { code, output } = await runService(name, environment, "migrate").ended();
    if (code !== 0) throw new Error(`The migration of ${name} failed:\n${output}`);
  }
  await seedIfEmpty(postgres.urls, join(directory, "provider"), new Date());
  cleanup.push(async () => {
    for (const service of all) await service.stop();
  });
  await Promise.all(["sandbox-provider", ...SUBGRAPHS, "router"].map(start));

  const endpoint = `http://127.0.0.1:${environment.ROUTER_PORT}/graphql`;
  const accessToken: Services["accessToken"] = async (who = "customer") => {
    const { email, password } = signIns[who];
    const { data } = await clientOf(endpoint).mutate({
      mutation: SignInDocument,
      variables: { input: { email, password } },
    });
    return data?.login.accessToken ?? "";
  };
  return {
    environment,
    endpoint,
    start,
    run,
    process(name) {
      const service = latest.get(name);
      if (!service) throw new Error(`There is no process of ${name}.`);
      return service;
    },
    accessToken,
    signIn: async (who) => clientOf(endpoint, await accessToken(who)),
  };
};

const environmentOf = async (
  directory: string,
  natsUrl: string,
  databaseUrls: Readonly<Record<string, string>>,
): Promise<Record<string, string>> => {
  const port = await freePortRange(9);
  const signing = await generateSigningKey();
  const local = (offset: number) => `http://127.0.0.1:${port + offset}`;
  return {
    LOG_LEVEL: "info",
    NATS_URL: natsUrl,
    ROUTER_PUBLIC_KEYS: JSON.stringify(signing.publicJwks),
    ROUTER_SIGNING_KEY: JSON.stringify(signing.privateJwk),
    ACCESS_TOKEN_KEYS: JSON.stringify(await generateAccessTokenKeys()),
    ROUTER_PORT: String(port),
    ROUTER_METRICS_PORT: String(port + 6),
    SUPERGRAPH_PATH: "schema/supergraph.graphql",
    JWKS_URL: `${local(1)}/.well-known/jwks.json`,
    PSP_URL: local(5),
    PSP_API_KEY: "test-api-key-of-the-sandbox",
    PSP_WEBHOOK_SECRET: "test-webhook-secret-of-the-sandbox",
    SANDBOX_PROVIDER_PORT: String(port + 5),
    SANDBOX_PROVIDER_API_KEY: "test-api-key-of-the-sandbox",
    SANDBOX_PROVIDER_WEBHOOK_SECRET: "test-webhook-secret-of-the-sandbox",
    SANDBOX_PROVIDER_WEBHOOK_URL: `${local(4)}/webhooks/psp`,
    SANDBOX_PROVIDER_DIRECTORY: join(directory, "provider"),
    ...Object.fromEntries(
      SUBGRAPHS.flatMap((name, index) => [
        [`${name.toUpperCase()}_PORT`, String(port + 1 + index)],
        [`${name.toUpperCase()}_DATABASE_URL`, databaseUrls[name] ?? ""],
        [`SUBGRAPH_URL_${name.toUpperCase()}`, `${local(1 + index)}/graphql`],
      ]),
    ),
  };
};

const clientOf = (uri: string, accessToken?: string): ApolloClient =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri, headers: accessToken ? { authorization: `Bearer ${accessToken}` } : {} }),
    defaultOptions: { query: { fetchPolicy: "no-cache", errorPolicy: "all" } },
  });
