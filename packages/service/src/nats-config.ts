import { z } from "zod";
import { ConfigError, envInteger, envMilliseconds, envNatsUrl } from "./config.ts";

/** How to reach the broker and what it keeps: what `connectNats` takes, told here by its shape since this package knows no bus. */
export interface NatsConfig {
  /** Comma-separated. */
  readonly servers: string;
  readonly replicas: number;
  readonly maxAgeMs: number;
  /** Undefined for no limit but the broker's own. */
  readonly maxBytes: number | undefined;
  readonly maxMessageBytes: number;
  readonly ackWaitMs: number;
  readonly maxDeliveries: number;
  readonly namespace: string | undefined;
  readonly credentialsFile: string | undefined;
  readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined;
}

const HOUR_MS = 60 * 60 * 1_000;

const envFile = (what: string, example: string) =>
  z.string(`expected the path of ${what}`).optional().meta({ example });

/**
 * The variables of whatever connects to the broker; spread them into the schema of a process, and make the settings of
 * them with {@link natsConfig}. All services of one broker have the same values.
 */
export const natsVariables = {
  NATS_URL: envNatsUrl(),
  /** More than one needs a cluster of at least so many nodes. */
  NATS_REPLICAS: envInteger({ what: "a number of copies", min: 1, max: 5, example: 3 }).default(1),
  // Inboxes remember for 7 days: a consumer that is made anew reads its stream from the start, and must know it all.
  NATS_MAX_AGE_HOURS: envInteger({ what: "hours", min: 1, max: 167, example: 144 }).default(144),
  NATS_MAX_BYTES: envInteger({ what: "bytes a stream", min: 1_048_576, max: 1e14, example: 10_737_418_240 }).optional(),
  NATS_MAX_MESSAGE_BYTES: envInteger({ what: "bytes", min: 4_096, max: 67_108_864, example: 524_288 }).default(524_288),
  /** After so long without a sign of life a message is delivered again: what a killed process had in hand waits for it. */
  NATS_ACK_WAIT_MS: envMilliseconds({ min: 1_000, max: 600_000, example: 10_000 }).default(10_000),
  /** After so many failures a message becomes a dead letter. */
  NATS_MAX_DELIVERIES: envInteger({ what: "a number of deliveries", min: 2, max: 1_000, example: 20 }).default(20),
  NATS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, "expected letters, digits, _ and - only, 32 at the most")
    .optional()
    .meta({ example: "staging" }),
  NATS_CREDENTIALS_FILE: envFile("a .creds file", "/run/secrets/orders.creds"),
  NATS_TLS_CA_FILE: envFile("certificates in PEM", "/run/secrets/nats-ca.pem"),
  NATS_TLS_CERT_FILE: envFile("a certificate in PEM", "/run/secrets/nats-client.pem"),
  NATS_TLS_KEY_FILE: envFile("a private key in PEM", "/run/secrets/nats-client-key.pem"),
};

type NatsVariables = z.output<z.ZodObject<typeof natsVariables>>;

/** @throws ConfigError when a certificate comes without its key, or a key without its certificate. */
export const natsConfig = (parsed: NatsVariables): NatsConfig => ({
  servers: parsed.NATS_URL,
  replicas: parsed.NATS_REPLICAS,
  maxAgeMs: parsed.NATS_MAX_AGE_HOURS * HOUR_MS,
  maxBytes: parsed.NATS_MAX_BYTES,
  maxMessageBytes: parsed.NATS_MAX_MESSAGE_BYTES,
  ackWaitMs: parsed.NATS_ACK_WAIT_MS,
  maxDeliveries: parsed.NATS_MAX_DELIVERIES,
  namespace: parsed.NATS_NAMESPACE,
  credentialsFile: parsed.NATS_CREDENTIALS_FILE,
  tls: tlsOf(parsed),
});

const tlsOf = (parsed: NatsVariables): NatsConfig["tls"] => {
  const { NATS_TLS_CA_FILE: caFile, NATS_TLS_CERT_FILE: certFile, NATS_TLS_KEY_FILE: keyFile } = parsed;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [missing, given] =
      certFile === undefined
        ? ["NATS_TLS_CERT_FILE", "NATS_TLS_KEY_FILE"]
        : ["NATS_TLS_KEY_FILE", "NATS_TLS_CERT_FILE"];
    throw new ConfigError(
      `${missing} is not set: ${given} needs it. Example: ${missing}=/run/secrets/nats-client${missing.includes("KEY") ? "-key" : ""}.pem`,
    );
  }
  if (caFile === undefined && certFile === undefined) return undefined;
  return { ...(caFile && { caFile }), ...(certFile && keyFile && { certFile, keyFile }) };
};
