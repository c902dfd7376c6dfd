import type { LiveOptions } from "@supergraph/registry";
import { ConfigError, natsVariables, parseConfig } from "@supergraph/service";
import { z } from "zod";
import { UsageError } from "../usage-error.ts";

const Variables = z.object({
  SCHEMA_REGISTRY: z
    .string()
    .regex(/^(postgres(ql)?:\/\/|file:.)/, "expected postgres://user:password@host:5432/database or file:<directory>")
    .meta({ example: "file:/var/lib/schema-registry" })
    .optional(),
  NATS_URL: natsVariables.NATS_URL.optional(),
  NATS_NAMESPACE: natsVariables.NATS_NAMESPACE,
  NATS_REPLICAS: natsVariables.NATS_REPLICAS,
  NATS_CREDENTIALS_FILE: natsVariables.NATS_CREDENTIALS_FILE,
  NATS_TLS_CA_FILE: natsVariables.NATS_TLS_CA_FILE,
  NATS_TLS_CERT_FILE: natsVariables.NATS_TLS_CERT_FILE,
  NATS_TLS_KEY_FILE: natsVariables.NATS_TLS_KEY_FILE,
});

/** Where a registry is. */
export interface RegistrySettings {
  /** Null where only what is distributed can be read. */
  readonly records: string | null;
  readonly live: Pick<LiveOptions, "url" | "namespace" | "replicas" | "credentialsFile" | "tls">;
}

/** @throws UsageError naming the variables that are missing or malformed; never their values, which may hold a password. */
export const readRegistrySettings = (env: Readonly<Record<string, string | undefined>>): RegistrySettings => {
  const given = parse(env);
  const { SCHEMA_REGISTRY: records = null, NATS_URL: broker } = given;
  const url = broker ?? (records?.startsWith("file:") ? records : undefined);
  if (url === undefined)
    throw new UsageError(
      records === null
        ? "No registry is configured: set SCHEMA_REGISTRY to where its records are, such as file:/var/lib/schema-registry or postgres://user:password@host:5432/registry, and NATS_URL to what tells routers."
        : "NATS_URL is not set: with records in Postgres it says what tells routers, such as nats://localhost:4222.",
    );
  const { NATS_TLS_CA_FILE: caFile, NATS_TLS_CERT_FILE: certFile, NATS_TLS_KEY_FILE: keyFile } = given;
  const tls = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
  return {
    records,
    live: {
      url,
      namespace: given.NATS_NAMESPACE,
      replicas: given.NATS_REPLICAS,
      credentialsFile: given.NATS_CREDENTIALS_FILE,
      ...(Object.keys(tls).length > 0 ? { tls } : {}),
    },
  };
};

const parse = (env: Readonly<Record<string, string | undefined>>): z.output<typeof Variables> => {
  try {
    return parseConfig(Variables, env);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
};
