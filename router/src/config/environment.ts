import {
  ConfigError,
  envHost,
  envInteger,
  envLogLevel,
  envPort,
  envUrl,
  IDLE_GRACE_MS,
  parseConfig,
} from "@supergraph/service";
import { z } from "zod";
import type { Layer, SettingPath } from "./complete.ts";

const envFlag = () =>
  z
    .enum(["true", "false", "1", "0"], "expected true or false")
    .transform((value) => value === "true" || value === "1")
    .meta({ example: "true" });

const envCount = (example: number) => envInteger({ what: "a whole number", min: 1, max: 1_000_000_000, example });

const envSigningKey = () =>
  z
    .string("expected a private Ed25519 JWK with a kid, as JSON")
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "expected a private Ed25519 JWK with a kid, as JSON" });
        return z.NEVER;
      }
    })
    .meta({ example: '{"kty":"OKP","crv":"Ed25519","x":"…","d":"…","kid":"…"}' });

const envOrigins = () =>
  z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .meta({ example: "https://shop.example,https://admin.shop.example" });

const envWorkers = () =>
  z.union([z.literal("auto"), envCount(4)], "expected a number of processes, or auto").meta({ example: "auto" });

/** Each variable, the setting that it overrides, and how it is read. */
export const VARIABLES = {
  SUPERGRAPH_PATH: ["supergraph.path", z.string().meta({ example: "schema/supergraph.graphql" })],
  SUPERGRAPH_URL: ["supergraph.url", envUrl(["http", "https"], "https://registry.example/supergraph.graphql")],
  SUPERGRAPH_LAST_GOOD_PATH: ["supergraph.lastGoodPath", z.string().meta({ example: "/var/cache/supergraph.graphql" })],
  SUPERGRAPH_REGISTRY_URL: [
    "supergraph.registry.url",
    z.string().meta({ example: "nats://router:secret@nats:4222, or file:/var/lib/schema-registry" }),
  ],
  SUPERGRAPH_REGISTRY_ENVIRONMENT: ["supergraph.registry.environment", z.string().meta({ example: "production" })],
  SUPERGRAPH_REGISTRY_NAMESPACE: ["supergraph.registry.namespace", z.string().meta({ example: "shop" })],
  SUPERGRAPH_REGISTRY_CREDENTIALS_FILE: [
    "supergraph.registry.credentialsFile",
    z.string().meta({ example: "/run/secrets/router.creds" }),
  ],
  SUPERGRAPH_REGISTRY_CA_FILE: ["supergraph.registry.caFile", z.string().meta({ example: "/run/secrets/nats-ca.pem" })],
  SUPERGRAPH_REGISTRY_CERT_FILE: [
    "supergraph.registry.certFile",
    z.string().meta({ example: "/run/secrets/nats-client.pem" }),
  ],
  SUPERGRAPH_REGISTRY_KEY_FILE: [
    "supergraph.registry.keyFile",
    z.string().meta({ example: "/run/secrets/nats-client-key.pem" }),
  ],
  ROUTER_HOST: ["server.host", envHost().unwrap()],
  PORT: ["server.port", envPort(4000)],
  ROUTER_PORT: ["server.port", envPort(4000)],
  ROUTER_WORKERS: ["workers", envWorkers()],
  ROUTER_METRICS_HOST: ["metrics.host", envHost().unwrap()],
  ROUTER_METRICS_PORT: ["metrics.port", envPort(9464)],
  ROUTER_SIGNING_KEY: ["signing.key", envSigningKey()],
  JWKS_URL: ["authentication.jwksUrl", envUrl(["http", "https"], "http://localhost:4001/.well-known/jwks.json")],
  ACCESS_TOKEN_ISSUER: ["authentication.issuer", z.string()],
  ACCESS_TOKEN_AUDIENCE: ["authentication.audience", z.string()],
  SUBGRAPH_TIMEOUT_MS: ["subgraphs.defaults.timeoutMs", envCount(5_000)],
  MAX_RESPONSE_BYTES: ["subgraphs.defaults.maxResponseBytes", envCount(20_000_000)],
  MAX_BODY_BYTES: ["server.maxBodyBytes", envCount(1_000_000)],
  MAX_TOKENS: ["limits.maxTokens", envCount(10_000)],
  MAX_DEPTH: ["limits.maxDepth", envCount(20)],
  MAX_FIELDS: ["limits.maxFields", envCount(2_000)],
  MAX_ALIASES: ["limits.maxAliases", envCount(50)],
  MAX_ROOT_FIELDS: ["limits.maxRootFields", envCount(20)],
  MAX_ROOT_MUTATIONS: ["limits.maxRootMutations", envCount(10)],
  MAX_DIRECTIVES: ["limits.maxDirectives", envCount(50)],
  MAX_VALUES: ["limits.maxValues", envCount(100_000)],
  MAX_SUBSCRIPTIONS: ["subscriptions.maxOpen", envCount(5_000)],
  PLAYGROUND: ["playground", envFlag()],
  INTROSPECTION: ["introspection", envFlag()],
  CORS_ORIGINS: ["server.corsOrigins", envOrigins()],
  LOG_LEVEL: ["log.level", envLogLevel().unwrap()],
} as const satisfies Readonly<Record<string, readonly [setting: string, type: z.ZodType]>>;

const SUBGRAPH_URL = "SUBGRAPH_URL_";

const Environment = z.object(
  Object.fromEntries(Object.entries(VARIABLES).map(([name, [, type]]) => [name, (type as z.ZodType).optional()])),
);

/**
 * What environment variables say of the configuration.
 * @throws ConfigError naming every variable that cannot be read, what was expected, and an example.
 */
export const readEnvironment = (env: Readonly<Record<string, string | undefined>>): Layer => {
  const read: Readonly<Record<string, unknown>> = parseConfig(Environment, env);
  const values: Record<string, unknown> = {};
  const variables = new Map<string, string>();
  for (const [name, [setting]] of Object.entries(VARIABLES)) {
    if (read[name] === undefined) continue;
    put(values, setting.split("."), read[name]);
    variables.set(setting, name);
  }
  return { values, locate: (path: SettingPath) => variables.get(path.map(String).join(".")) };
};

/**
 * URLs of subgraphs by `SUBGRAPH_URL_<NAME>`, see {@link variableName}. `known` are the names that other layers use.
 * @throws ConfigError for a value that is no HTTP URL.
 */
export const readSubgraphUrls = (
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): Layer => {
  const variables = new Map<string, string>();
  const overrides: Record<string, { readonly url: string }> = {};
  for (const [variable, url] of Object.entries(env)) {
    if (!variable.startsWith(SUBGRAPH_URL) || !url) continue;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new ConfigError(
        `${variable} has a value that cannot be used: expected an HTTP URL. Example: ${variable}=http://localhost:4001/graphql`,
      );
    const suffix = variable.slice(SUBGRAPH_URL.length);
    const name = known.find((one) => variableName(one) === suffix) ?? suffix;
    overrides[name] = { url };
    variables.set(name, variable);
  }
  return {
    values: { subgraphs: { overrides } },
    locate: ([, , name]) => (name === undefined ? undefined : variables.get(String(name))),
  };
};

/** How environment variables spell the name of a subgraph: `my-books` is `MY_BOOKS`. */
export const variableName = (subgraph: string): string => subgraph.toUpperCase().replace(/[^A-Z0-9]/g, "_");

/** What holds for services that are deployed, and not for routers that a test or another process starts. */
export const deploymentDefaults = (env: Readonly<Record<string, string | undefined>>): Layer => {
  const isProduction = env.NODE_ENV === "production";
  return {
    values: { introspection: !isProduction, playground: !isProduction, server: { idleGraceMs: IDLE_GRACE_MS } },
    locate: () => undefined,
  };
};

const put = (values: Record<string, unknown>, [name = "", ...below]: readonly string[], value: unknown): void => {
  if (below.length === 0) {
    values[name] = value;
    return;
  }
  const inner = (values[name] ?? {}) as Record<string, unknown>;
  values[name] = inner;
  put(inner, below, value);
};
