import {
  type BusConfig,
  envHost,
  envInteger,
  envJwks,
  envLogLevel,
  envMilliseconds,
  envPort,
  envPostgresUrl,
  envSecret,
  envUrl,
  IDLE_GRACE_MS,
  natsConfig,
  natsVariables,
  parseConfig,
  type SubgraphConfig,
} from "@supergraph/service";
import { z } from "zod";

export const DEFAULT_PSP_CONCURRENCY = 256;

const Environment = z.object({
  PAYMENTS_HOST: envHost(),
  PAYMENTS_PORT: envPort(4004).default(4004).meta({ example: 4004 }),
  PAYMENTS_DATABASE_URL: envPostgresUrl("payments"),
  ROUTER_PUBLIC_KEYS: envJwks(),
  PSP_URL: envUrl(["http", "https"], "http://localhost:4005"),
  PSP_API_KEY: envSecret("the payment provider's API key", "sk_sandbox_2f1c7c0de5b14a"),
  PSP_WEBHOOK_SECRET: envSecret("the key that the payment provider signs webhooks with", "whsec_9a8d3c5e7f1b2046"),
  PSP_TIMEOUT_MS: envMilliseconds({ min: 100, max: 60_000, example: 2_000 }).default(2_000),
  PSP_CONCURRENCY: envInteger({
    what: "requests at once",
    min: 2,
    max: 4_096,
    example: DEFAULT_PSP_CONCURRENCY,
  }).default(DEFAULT_PSP_CONCURRENCY),
  ...natsVariables,
  LOG_LEVEL: envLogLevel(),
});

export interface PaymentsConfig extends SubgraphConfig {
  /** The payment provider: where it is, our key there, how its webhooks are signed, how long a request may take. */
  readonly psp: {
    readonly url: string;
    readonly apiKey: string;
    readonly webhookSecret: string;
    readonly timeoutMs: number;
    /**
     * Requests at once, each with a connection of its own: as many as new payments may come while others hang for their
     * whole timeout. 256 unless given.
     */
    readonly concurrency?: number;
  };
}

/** @throws ConfigError naming every variable that is missing or malformed. */
export const parsePaymentsConfig = (env: Readonly<Record<string, string | undefined>>): PaymentsConfig & BusConfig => {
  const parsed = parseConfig(Environment, env);
  return {
    host: parsed.PAYMENTS_HOST,
    port: parsed.PAYMENTS_PORT,
    databaseUrl: parsed.PAYMENTS_DATABASE_URL,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    idleGraceMs: IDLE_GRACE_MS,
    nats: natsConfig(parsed),
    maxMessageBytes: parsed.NATS_MAX_MESSAGE_BYTES,
    logLevel: parsed.LOG_LEVEL,
    psp: {
      url: parsed.PSP_URL,
      apiKey: parsed.PSP_API_KEY,
      webhookSecret: parsed.PSP_WEBHOOK_SECRET,
      timeoutMs: parsed.PSP_TIMEOUT_MS,
      concurrency: parsed.PSP_CONCURRENCY,
    },
  };
};
