import { fileURLToPath } from "node:url";
import { generateSigningKey } from "@supergraph/service";
import { generateAccessTokenKeys } from "@supergraph/users/server";
import { type Peer, SERVICES, type ServiceName, SUBGRAPHS, type Subgraph } from "./model.ts";

/** Whom each service talks to. */
export const PEERS: Readonly<Record<ServiceName, readonly Peer[]>> = {
  users: ["postgres", "nats"],
  products: ["postgres", "nats"],
  orders: ["postgres", "nats"],
  payments: ["postgres", "nats", "sandbox-provider"],
  "sandbox-provider": ["payments"],
  router: SUBGRAPHS,
};

export interface EnvironmentSources {
  /** Where each service listens. */
  readonly ports: Readonly<Record<ServiceName, number>>;
  /** The port of the proxy that stands between a service and its peer. */
  readonly portOf: (from: ServiceName, to: Peer) => number;
  /** With credentials; host and port are replaced. */
  readonly databaseUrls: Readonly<Record<Subgraph, string>>;
  readonly providerDirectory: string;
  /** Added to what a service gets, or in its place. */
  readonly overrides: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
}

export type Environments = Readonly<Record<ServiceName, Readonly<Record<string, string>>>>;

/** Deadlines and pauses as short as the faults: what takes 30 s of patience in production takes 5 s here. */
const IMPATIENT: Readonly<Record<string, string>> = {
  NATS_ACK_WAIT_MS: "3000",
  NATS_MAX_DELIVERIES: "7",
  ORDERS_RESEND_AFTER: "4s",
  ORDERS_RESEND_AT_MOST: "20s",
  ORDERS_ACTION_TIMEOUT: "3s",
  ORDERS_DEADLINE_POLL: "200ms",
  PSP_TIMEOUT_MS: "1000",
  SANDBOX_PROVIDER_SLOW_ANSWER_MS: "700",
  SANDBOX_PROVIDER_LATE_WEBHOOK_MS: "1500",
};

export const makeEnvironments = async (sources: EnvironmentSources): Promise<Environments> => {
  const { ports, portOf, databaseUrls, providerDirectory } = sources;
  const through = (from: ServiceName, to: Peer) => `http://127.0.0.1:${portOf(from, to)}`;
  const signing = await generateSigningKey();
  const secrets = { key: "key-of-the-fault-suite-at-the-provider", webhook: "webhook-secret-of-the-fault-suite" };
  const subgraph = (name: Subgraph): Record<string, string> => ({
    [`${name.toUpperCase()}_PORT`]: String(ports[name]),
    [`${name.toUpperCase()}_DATABASE_URL`]: withPort(databaseUrls[name], portOf(name, "postgres")),
    NATS_URL: `nats://127.0.0.1:${portOf(name, "nats")}`,
    ROUTER_PUBLIC_KEYS: JSON.stringify(signing.publicJwks),
  });
  const own: Record<ServiceName, Record<string, string>> = {
    users: { ...subgraph("users"), ACCESS_TOKEN_KEYS: JSON.stringify(await generateAccessTokenKeys()) },
    products: subgraph("products"),
    orders: subgraph("orders"),
    payments: {
      ...subgraph("payments"),
      PSP_URL: through("payments", "sandbox-provider"),
      PSP_API_KEY: secrets.key,
      PSP_WEBHOOK_SECRET: secrets.webhook,
    },
    "sandbox-provider": {
      SANDBOX_PROVIDER_PORT: String(ports["sandbox-provider"]),
      SANDBOX_PROVIDER_API_KEY: secrets.key,
      SANDBOX_PROVIDER_WEBHOOK_SECRET: secrets.webhook,
      SANDBOX_PROVIDER_WEBHOOK_URL: `${through("sandbox-provider", "payments")}/webhooks/psp`,
      SANDBOX_PROVIDER_DIRECTORY: providerDirectory,
    },
    router: {
      SUPERGRAPH_PATH: fileURLToPath(new URL("../../schema/supergraph.graphql", import.meta.url)),
      ROUTER_PORT: String(ports.router),
      ROUTER_SIGNING_KEY: JSON.stringify(signing.privateJwk),
      JWKS_URL: `${through("router", "users")}/.well-known/jwks.json`,
      PLAYGROUND: "false",
      ...Object.fromEntries(
        SUBGRAPHS.map((name) => [`SUBGRAPH_URL_${name.toUpperCase()}`, `${through("router", name)}/graphql`]),
      ),
    },
  };
  const complete = (name: ServiceName) => ({
    LOG_LEVEL: "info",
    ...IMPATIENT,
    ...own[name],
    ...sources.overrides[name],
  });
  return {
    users: complete("users"),
    products: complete("products"),
    orders: complete("orders"),
    payments: complete("payments"),
    "sandbox-provider": complete("sandbox-provider"),
    router: complete("router"),
  };
};

/** For one more process of a subgraph beside the first. */
export const environmentOfCopy = (
  environment: Readonly<Record<string, string>>,
  name: Subgraph,
  port: number,
): Readonly<Record<string, string>> => ({ ...environment, [`${name.toUpperCase()}_PORT`]: String(port) });

/** By name: what `make` answers for each service. */
export const forEachService = async <T>(
  make: (name: ServiceName) => Promise<T> | T,
): Promise<Record<ServiceName, T>> => {
  const made = new Map<ServiceName, T>();
  await Promise.all(SERVICES.map(async (name) => made.set(name, await make(name))));
  const of = (name: ServiceName): T => {
    const value = made.get(name);
    if (value === undefined) throw new Error(`Nothing was made for ${name}.`);
    return value;
  };
  return {
    users: of("users"),
    products: of("products"),
    orders: of("orders"),
    payments: of("payments"),
    "sandbox-provider": of("sandbox-provider"),
    router: of("router"),
  };
};

const withPort = (url: string, port: number): string => {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
};
