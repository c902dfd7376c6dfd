import { envHost, envLogLevel, envMilliseconds, envPort, envSecret, envUrl, parseConfig } from "@supergraph/service";
import { z } from "zod";

export interface SandboxProviderConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** What callers send as `Authorization: Bearer …`. */
  readonly apiKey: string;
  /** Signs webhooks. */
  readonly webhookSecret: string;
  /** Null until somebody tells the running provider, see `sendWebhooksTo`: events wait for it. */
  readonly webhookUrl: string | null;
  /** Holds the journal; made when it is missing. */
  readonly directory: string;
  /** Origin of the customer's action pages; null is the provider's own address. */
  readonly publicUrl: string | null;
  readonly logLevel: string;
  /** How late `tok_slow` answers; 3,000 unless given. */
  readonly slowAnswerMs?: number;
  /** How long after the charge the webhook of `tok_timeout_after_charge` comes; 5,000 unless given. */
  readonly lateWebhookMs?: number;
  /** Pause before the second delivery of a webhook, doubled each time up to `maxMs`; 500 and 30,000 unless given. */
  readonly webhookRetry?: { readonly firstMs: number; readonly maxMs: number };
}

const milliseconds = (standard: number) =>
  envMilliseconds({ min: 0, max: 600_000, example: standard }).default(standard);

/** @throws ConfigError naming each variable that is missing or malformed. */
export const parseSandboxProviderConfig = (
  env: Readonly<Record<string, string | undefined>>,
): SandboxProviderConfig => {
  const parsed = parseConfig(
    z.object({
      SANDBOX_PROVIDER_HOST: envHost(),
      SANDBOX_PROVIDER_PORT: envPort(4005).default(4005).meta({ example: 4005 }),
      SANDBOX_PROVIDER_API_KEY: envSecret("the key that callers present", "sk_sandbox_2f1c7c0de5b14a"),
      SANDBOX_PROVIDER_WEBHOOK_SECRET: envSecret("the key that signs webhooks", "whsec_9a8d3c5e7f1b2046"),
      SANDBOX_PROVIDER_WEBHOOK_URL: envUrl(["http", "https"], "http://localhost:4004/webhooks/psp").optional(),
      SANDBOX_PROVIDER_DIRECTORY: z.string("expected a directory").meta({ example: "./.data/sandbox-provider" }),
      SANDBOX_PROVIDER_PUBLIC_URL: envUrl(["http", "https"], "http://localhost:4005").optional(),
      SANDBOX_PROVIDER_SLOW_ANSWER_MS: milliseconds(3_000),
      SANDBOX_PROVIDER_LATE_WEBHOOK_MS: milliseconds(5_000),
      LOG_LEVEL: envLogLevel(),
    }),
    env,
  );
  return {
    host: parsed.SANDBOX_PROVIDER_HOST,
    port: parsed.SANDBOX_PROVIDER_PORT,
    apiKey: parsed.SANDBOX_PROVIDER_API_KEY,
    webhookSecret: parsed.SANDBOX_PROVIDER_WEBHOOK_SECRET,
    webhookUrl: parsed.SANDBOX_PROVIDER_WEBHOOK_URL ?? null,
    directory: parsed.SANDBOX_PROVIDER_DIRECTORY,
    publicUrl: parsed.SANDBOX_PROVIDER_PUBLIC_URL ?? null,
    logLevel: parsed.LOG_LEVEL,
    slowAnswerMs: parsed.SANDBOX_PROVIDER_SLOW_ANSWER_MS,
    lateWebhookMs: parsed.SANDBOX_PROVIDER_LATE_WEBHOOK_MS,
  };
};
