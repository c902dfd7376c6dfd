import {
  type createRequestVerifier,
  envJwks,
  envLogLevel,
  envPort,
  envPostgresUrl,
  parseConfig,
} from "@supergraph/service";
import { z } from "zod";

export const DEFAULT_EXPIRY_INTERVAL_MS = 1_000;

const Environment = z.object({
  PRODUCTS_HOST: z.string().default("127.0.0.1").meta({ example: "127.0.0.1" }),
  PRODUCTS_PORT: envPort(4002).default(4002).meta({ example: 4002 }),
  PRODUCTS_DATABASE_URL: envPostgresUrl("products"),
  PRODUCTS_EXPIRY_INTERVAL_MS: z.coerce
    .number("expected milliseconds")
    .int("expected whole milliseconds")
    .min(10, "expected at least 10 ms")
    .max(60_000, "expected at most 60000 ms")
    .default(DEFAULT_EXPIRY_INTERVAL_MS)
    .meta({ example: 1_000 }),
  ROUTER_PUBLIC_KEYS: envJwks(),
  LOG_LEVEL: envLogLevel(),
});

export interface ProductsConfig {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly databaseUrl: string;
  /** How often reservations that have run out are looked for; every second unless given. */
  readonly expiryIntervalMs?: number;
  /** What verifies the router's signatures. */
  readonly routerPublicKeys: Parameters<typeof createRequestVerifier>[0]["keys"];
  readonly logLevel: z.output<ReturnType<typeof envLogLevel>>;
}

/** @throws ConfigError naming every variable that is wrong. */
export const parseProductsConfig = (env: Readonly<Record<string, string | undefined>>): Required<ProductsConfig> => {
  const parsed = parseConfig(Environment, env);
  return {
    host: parsed.PRODUCTS_HOST,
    port: parsed.PRODUCTS_PORT,
    databaseUrl: parsed.PRODUCTS_DATABASE_URL,
    expiryIntervalMs: parsed.PRODUCTS_EXPIRY_INTERVAL_MS,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    logLevel: parsed.LOG_LEVEL,
  };
};
