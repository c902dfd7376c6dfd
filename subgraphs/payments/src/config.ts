import {
  type createRequestVerifier,
  envJwks,
  envLogLevel,
  envNatsUrl,
  envPort,
  envPostgresUrl,
  envUrl,
  parseConfig,
} from "@supergraph/service";
import { z } from "zod";

const minSecretLength = 16;

const secret = (what: string, example: string) =>
  z
    .string(`expected ${what}`)
    .min(minSecretLength, `expected ${what} of at least ${minSecretLength} characters`)
    .meta({ example });

const schema = z.object({
  PAYMENTS_HOST: z.string().default("127.0.0.1").meta({ example: "127.0.0.1" }),
  PAYMENTS_PORT: envPort(4004).default(4004).meta({ example: 4004 }),
  PAYMENTS_DATABASE_URL: envPostgresUrl("payments"),
  ROUTER_PUBLIC_KEYS: envJwks(),
  PSP_URL: envUrl(["http", "https"], "http://localhost:4005"),
  PSP_API_KEY: secret("the payment provider's API key", "sk_sandbox_2f1c7c0de5b14a"),
  PSP_WEBHOOK_SECRET: secret("the key that the payment provider signs webhooks with", "whsec_9a8d3c5e7f1b2046"),
  PSP_TIMEOUT_MS: z.coerce
    .number("expected a number of milliseconds from 100 to 60000")
    .int()
    .min(100)
    .max(60_000)
    .default(2_000)
    .meta({ example: 2_000 }),
  LOG_LEVEL: envLogLevel(),
});

export interface PaymentsConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly databaseUrl: string;
  readonly routerPublicKeys: Parameters<typeof createRequestVerifier>[0]["keys"];
  readonly logLevel: string;
  /** The payment provider: where it is, our key there, how its webhooks are signed, how long a request may take. */
  readonly psp: {
    readonly url: string;
    readonly apiKey: string;
    readonly webhookSecret: string;
    readonly timeoutMs: number;
  };
}

/** @throws ConfigError naming each variable that is missing or malformed. */
export const parsePaymentsConfig = (env: Readonly<Record<string, string | undefined>>): PaymentsConfig => {
  const parsed = parseConfig(schema, env);
  return {
    host: parsed.PAYMENTS_HOST,
    port: parsed.PAYMENTS_PORT,
    databaseUrl: parsed.PAYMENTS_DATABASE_URL,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    logLevel: parsed.LOG_LEVEL,
    psp: {
      url: parsed.PSP_URL,
      apiKey: parsed.PSP_API_KEY,
      webhookSecret: parsed.PSP_WEBHOOK_SECRET,
      timeoutMs: parsed.PSP_TIMEOUT_MS,
    },
  };
};

/** What only the process of its own needs: where the bus is. */
export const parseNatsUrl = (env: Readonly<Record<string, string | undefined>>): string =>
  parseConfig(z.object({ NATS_URL: envNatsUrl() }), env).NATS_URL;
