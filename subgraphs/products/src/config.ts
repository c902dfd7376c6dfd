import {
  type BusConfig,
  envHost,
  envJwks,
  envLogLevel,
  envMilliseconds,
  envPort,
  envPostgresUrl,
  IDLE_GRACE_MS,
  natsConfig,
  natsVariables,
  parseConfig,
  type SubgraphConfig,
} from "@supergraph/service";
import { z } from "zod";

export const DEFAULT_EXPIRY_INTERVAL_MS = 1_000;

const Environment = z.object({
  PRODUCTS_HOST: envHost(),
  PRODUCTS_PORT: envPort(4002).default(4002).meta({ example: 4002 }),
  PRODUCTS_DATABASE_URL: envPostgresUrl("products"),
  PRODUCTS_EXPIRY_INTERVAL_MS: envMilliseconds({ min: 10, max: 60_000, example: 1_000 }).default(
    DEFAULT_EXPIRY_INTERVAL_MS,
  ),
  ROUTER_PUBLIC_KEYS: envJwks(),
  ...natsVariables,
  LOG_LEVEL: envLogLevel(),
});

export interface ProductsConfig extends SubgraphConfig {
  /** How often reservations that have run out are looked for; every second unless given. */
  readonly expiryIntervalMs?: number;
}

/** @throws ConfigError naming every variable that is missing or malformed. */
export const parseProductsConfig = (env: Readonly<Record<string, string | undefined>>): ProductsConfig & BusConfig => {
  const parsed = parseConfig(Environment, env);
  return {
    host: parsed.PRODUCTS_HOST,
    port: parsed.PRODUCTS_PORT,
    databaseUrl: parsed.PRODUCTS_DATABASE_URL,
    expiryIntervalMs: parsed.PRODUCTS_EXPIRY_INTERVAL_MS,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    idleGraceMs: IDLE_GRACE_MS,
    nats: natsConfig(parsed),
    maxMessageBytes: parsed.NATS_MAX_MESSAGE_BYTES,
    logLevel: parsed.LOG_LEVEL,
  };
};
