import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
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
import type { JWK } from "jose";
import { z } from "zod";
import { DEFAULT_LIMITS, type OperationLimits } from "./limits.ts";
import type { PlaygroundConfig } from "./playground.ts";

export interface RouterConfig {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The text of a federation 2 supergraph. */
  readonly supergraphSdl: string;
  /** Replaces the supergraph's own URLs, by subgraph name. */
  readonly subgraphUrls?: Readonly<Record<string, string>> | undefined;
  /** Private Ed25519 JWK with a `kid`; the subgraphs know its public part. */
  readonly signingKey: JWK;
  /** Where the keys that verify access tokens are. */
  readonly jwksUrl: string;
  /** `supergraph-users` unless given. */
  readonly accessTokenIssuer?: string | undefined;
  /** `supergraph` unless given. */
  readonly accessTokenAudience?: string | undefined;
  /** A token with an unknown key id makes the keys be loaded again, at most this often: 10,000 unless given. */
  readonly unknownKeyCooldownMs?: number | undefined;
  /** For one call of a subgraph, from connecting to the last byte: 5,000 unless given. */
  readonly subgraphTimeoutMs?: number | undefined;
  /** Of one subgraph response: 20 MB unless given. */
  readonly maxResponseBytes?: number | undefined;
  /** Of one request of a client: 1 MB unless given. */
  readonly maxBodyBytes?: number | undefined;
  readonly limits?: Partial<OperationLimits> | undefined;
  /** Streams open at once: 5,000 unless given. */
  readonly maxSubscriptions?: number | undefined;
  /** 15,000 unless given. */
  readonly heartbeatMs?: number | undefined;
  /** Requests in flight may take this long once the router stops: 10,000 unless given. */
  readonly drainMs?: number | undefined;
  /** How long clients may still use kept connections once the router stops, so that none is cut in mid-request: 0 unless given. */
  readonly idleGraceMs?: number | undefined;
  /** Whether clients may read the schema: true unless given. */
  readonly introspection?: boolean | undefined;
  /** Origins whose pages may call the endpoint; none unless given. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** What the playground at `/` offers; null for no playground. */
  readonly playground: PlaygroundConfig | null;
  /** Its built files: `router/playground/dist` unless given. */
  readonly playgroundDirectory?: string | undefined;
  /**
   * Where `/metrics` is answered, on a listener of its own: the router's is for everybody. Port 0 for any free one; null
   * for nowhere, as when it is not given.
   */
  readonly metrics?: { readonly host: string; readonly port: number } | null | undefined;
  readonly logLevel: string;
}

/** A router with nothing left open. */
export type CompleteRouterConfig = { readonly [Key in keyof RouterConfig]-?: Exclude<RouterConfig[Key], undefined> } & {
  readonly limits: OperationLimits;
};

export const withDefaults = (config: RouterConfig): CompleteRouterConfig => ({
  host: config.host,
  port: config.port,
  supergraphSdl: config.supergraphSdl,
  subgraphUrls: config.subgraphUrls ?? {},
  signingKey: config.signingKey,
  jwksUrl: config.jwksUrl,
  accessTokenIssuer: config.accessTokenIssuer ?? "supergraph-users",
  accessTokenAudience: config.accessTokenAudience ?? "supergraph",
  unknownKeyCooldownMs: config.unknownKeyCooldownMs ?? 10_000,
  subgraphTimeoutMs: config.subgraphTimeoutMs ?? 5_000,
  maxResponseBytes: config.maxResponseBytes ?? 20_000_000,
  maxBodyBytes: config.maxBodyBytes ?? 1_000_000,
  limits: { ...DEFAULT_LIMITS, ...config.limits },
  maxSubscriptions: config.maxSubscriptions ?? 5_000,
  heartbeatMs: config.heartbeatMs ?? 15_000,
  drainMs: config.drainMs ?? 10_000,
  idleGraceMs: config.idleGraceMs ?? 0,
  introspection: config.introspection ?? true,
  corsOrigins: config.corsOrigins ?? [],
  playground: config.playground,
  playgroundDirectory: config.playgroundDirectory ?? repositoryPath("../playground/dist"),
  metrics: config.metrics ?? null,
  logLevel: config.logLevel,
});

/** Correct from `src/` and from `dist/`. */
const repositoryPath = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const envFlag = () =>
  z
    .enum(["true", "false", "1", "0"], "expected true or false")
    .transform((value) => value === "true" || value === "1")
    .meta({ example: "true" });

const envCount = (example: number) => envInteger({ what: "a whole number", min: 1, max: 1_000_000_000, example });

const envSigningKey = () =>
  z
    .string("expected a private Ed25519 JWK with a kid, as JSON")
    .transform((text, context) => {
      try {
        return z
          .looseObject({
            kty: z.literal("OKP"),
            crv: z.literal("Ed25519"),
            x: z.string(),
            d: z.string(),
            kid: z.string(),
          })
          .parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: "custom", message: "expected a private Ed25519 JWK with a kid, as JSON" });
        return z.NEVER;
      }
    })
    .meta({ example: '{"kty":"OKP","crv":"Ed25519","x":"…","d":"…","kid":"…"}' });

const Environment = z.object({
  ROUTER_HOST: envHost(),
  PORT: envPort(4000).optional(),
  ROUTER_PORT: envPort(4000).optional(),
  ROUTER_METRICS_HOST: envHost(),
  ROUTER_METRICS_PORT: envPort(9464).optional(),
  SUPERGRAPH_PATH: z.string().optional().meta({ example: "schema/supergraph.graphql" }),
  ROUTER_SIGNING_KEY: envSigningKey(),
  JWKS_URL: envUrl(["http", "https"], "http://localhost:4001/.well-known/jwks.json"),
  ACCESS_TOKEN_ISSUER: z.string().optional(),
  ACCESS_TOKEN_AUDIENCE: z.string().optional(),
  SUBGRAPH_TIMEOUT_MS: envCount(5_000).optional(),
  MAX_RESPONSE_BYTES: envCount(20_000_000).optional(),
  MAX_BODY_BYTES: envCount(1_000_000).optional(),
  MAX_TOKENS: envCount(DEFAULT_LIMITS.maxTokens).optional(),
  MAX_DEPTH: envCount(DEFAULT_LIMITS.maxDepth).optional(),
  MAX_FIELDS: envCount(DEFAULT_LIMITS.maxFields).optional(),
  MAX_ALIASES: envCount(DEFAULT_LIMITS.maxAliases).optional(),
  MAX_ROOT_FIELDS: envCount(DEFAULT_LIMITS.maxRootFields).optional(),
  MAX_ROOT_MUTATIONS: envCount(DEFAULT_LIMITS.maxRootMutations).optional(),
  MAX_DIRECTIVES: envCount(DEFAULT_LIMITS.maxDirectives).optional(),
  MAX_VALUES: envCount(DEFAULT_LIMITS.maxValues).optional(),
  MAX_SUBSCRIPTIONS: envCount(5_000).optional(),
  NODE_ENV: z.string().optional(),
  PLAYGROUND: envFlag().optional(),
  INTROSPECTION: envFlag().optional(),
  CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .refine((origins) => origins.every(isOrigin), "expected comma-separated origins, or *")
    .optional()
    .meta({ example: "https://shop.example,https://admin.shop.example" }),
  LOG_LEVEL: envLogLevel(),
});

const isOrigin = (text: string): boolean => text === "*" || (URL.canParse(text) && new URL(text).origin === text);

const SUBGRAPH_URL = "SUBGRAPH_URL_";

/**
 * Reads the router's configuration from environment variables, and the supergraph from its file.
 * @throws ConfigError naming every variable that is wrong, or the file that cannot be read.
 */
export const parseRouterConfig = (env: Readonly<Record<string, string | undefined>>): RouterConfig => {
  const read = parseConfig(Environment, env);
  const production = read.NODE_ENV === "production";
  const introspection = read.INTROSPECTION ?? !production;
  return {
    host: read.ROUTER_HOST,
    port: read.ROUTER_PORT ?? read.PORT ?? 4000,
    supergraphSdl: readSupergraph(read.SUPERGRAPH_PATH),
    subgraphUrls: subgraphUrls(env),
    signingKey: read.ROUTER_SIGNING_KEY,
    jwksUrl: read.JWKS_URL,
    accessTokenIssuer: read.ACCESS_TOKEN_ISSUER,
    accessTokenAudience: read.ACCESS_TOKEN_AUDIENCE,
    subgraphTimeoutMs: read.SUBGRAPH_TIMEOUT_MS,
    maxResponseBytes: read.MAX_RESPONSE_BYTES,
    maxBodyBytes: read.MAX_BODY_BYTES,
    limits: {
      maxTokens: read.MAX_TOKENS ?? DEFAULT_LIMITS.maxTokens,
      maxDepth: read.MAX_DEPTH ?? DEFAULT_LIMITS.maxDepth,
      maxFields: read.MAX_FIELDS ?? DEFAULT_LIMITS.maxFields,
      maxAliases: read.MAX_ALIASES ?? DEFAULT_LIMITS.maxAliases,
      maxRootFields: read.MAX_ROOT_FIELDS ?? DEFAULT_LIMITS.maxRootFields,
      maxRootMutations: read.MAX_ROOT_MUTATIONS ?? DEFAULT_LIMITS.maxRootMutations,
      maxDirectives: read.MAX_DIRECTIVES ?? DEFAULT_LIMITS.maxDirectives,
      maxValues: read.MAX_VALUES ?? DEFAULT_LIMITS.maxValues,
    },
    maxSubscriptions: read.MAX_SUBSCRIPTIONS,
    idleGraceMs: IDLE_GRACE_MS,
    introspection,
    corsOrigins: read.CORS_ORIGINS,
    playground:
      (read.PLAYGROUND ?? !production)
        ? { title: "Supergraph", endpoint: "/graphql", signIn: null, operations: [] }
        : null,
    metrics:
      read.ROUTER_METRICS_PORT === undefined
        ? null
        : { host: read.ROUTER_METRICS_HOST, port: read.ROUTER_METRICS_PORT },
    logLevel: read.LOG_LEVEL,
  };
};

const readSupergraph = (given: string | undefined): string => {
  const path = given ?? repositoryPath("../../schema/supergraph.graphql");
  if (!given && !existsSync(path))
    throw new ConfigError(
      "SUPERGRAPH_PATH is not set: expected the file of a supergraph. Example: SUPERGRAPH_PATH=schema/supergraph.graphql",
    );
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`SUPERGRAPH_PATH cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const subgraphUrls = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      if (!name.startsWith(SUBGRAPH_URL) || !value) return [];
      if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
        throw new ConfigError(
          `${name} has a value that cannot be used: expected an HTTP URL. Example: ${name}=http://localhost:4001/graphql`,
        );
      return [[name.slice(SUBGRAPH_URL.length), value]];
    }),
  );
