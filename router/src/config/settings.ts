import type { JWK } from "jose";
import { z } from "zod";
import { HeaderRules } from "../subgraphs/headers.ts";
import { SubgraphSettings } from "../subgraphs/settings.ts";

const milliseconds = (min = 1) => z.int().min(min).max(86_400_000);
const count = (min = 1) => z.int().min(min).max(1_000_000_000);
const port = () => z.int().min(0).max(65_535);
const httpUrl = () =>
  z.url({ protocol: /^https?$/, error: "expected an HTTP URL, such as http://localhost:4001/graphql" });
const isOrigin = (text: string): boolean => text === "*" || (URL.canParse(text) && new URL(text).origin === text);

const Registry = z.strictObject({
  url: z
    .string()
    .regex(/^(file:.|(nats|tls):\/\/[^/])/, {
      error: "expected nats://host:4222, tls://host:4222 or file:<directory>",
    })
    .describe(
      "Where the registry distributes: `nats://user:password@host:4222`, several comma-separated, or `file:<directory>`.",
    ),
  environment: z
    .string("expected the environment to serve, such as production")
    .regex(/^[a-z][a-z0-9_-]{0,62}$/i, "expected a letter, then letters, digits, - and _, 63 at the most")
    .describe("What is live there is served, and whether it is served is told to who published it."),
  namespace: z.string().min(1).optional().describe("`NATS_NAMESPACE` of the publishers."),
  credentialsFile: z.string().min(1).optional().describe("A `.creds` file of NATS."),
  caFile: z.string().min(1).optional().describe("Certificates in PEM that the broker's is checked by, over TLS."),
  certFile: z.string().min(1).optional().describe("This router's own certificate in PEM."),
  keyFile: z.string().min(1).optional().describe("The key of `certFile`."),
});

const Supergraph = z
  .strictObject(
    {
      path: z.string().min(1).optional().describe("File of the supergraph. It is looked at again whenever it changes."),
      url: httpUrl().optional().describe("Where the supergraph is asked for, by ETag, every `pollIntervalMs`."),
      registry: Registry.optional().describe("A registry's environment: what is published reaches the router at once."),
      sdl: z.string().min(1).optional().describe("Its text itself, for who starts a router in a process of their own."),
      headers: z.record(z.string(), z.string()).default({}).describe("Sent to `url`, such as an authorization."),
      pollIntervalMs: milliseconds(100).default(10_000).describe("How often `url` is asked, in milliseconds."),
      lastGoodPath: z
        .string()
        .min(1)
        .optional()
        .describe("Where the last supergraph that could be served is kept, to start with while its source gives none."),
    },
    "expected a supergraph: give --supergraph, SUPERGRAPH_PATH, SUPERGRAPH_URL or SUPERGRAPH_REGISTRY_URL, or a configuration file with supergraph.path",
  )
  .refine(
    ({ path, url, registry, sdl }) => [path, url, registry, sdl].filter((one) => one !== undefined).length === 1,
    {
      error: "expected exactly one of path, url and registry",
    },
  );

const Server = z.strictObject({
  host: z.string().default("127.0.0.1").describe("Address to listen on: 0.0.0.0 for all."),
  port: port().default(4000).describe("0 for any free one."),
  maxBodyBytes: count().default(1_000_000).describe("Of a request of a client; more is answered 413."),
  corsOrigins: z
    .array(z.string().refine(isOrigin, "expected an origin, such as https://shop.example, or *"))
    .default([])
    .describe("Origins whose pages may call the endpoint; `*` for all."),
  compressFromBytes: z
    .union([count(), z.literal(false)])
    .default(2_048)
    .describe("Answers of so many bytes go compressed to who accepts that; false for never."),
  drainMs: milliseconds(0)
    .default(10_000)
    .describe("How long requests in flight may take once the router stops, in milliseconds."),
  idleGraceMs: milliseconds(0)
    .default(0)
    .describe("How long clients may still use kept connections once the router stops, in milliseconds."),
  fastPath: z
    .boolean()
    .default(true)
    .describe("Whether whole operations pass Apollo Server by. It then answers persisted ones only, otherwise all."),
});

const Authentication = z.strictObject({
  jwksUrl: httpUrl().describe("Key set that verifies access tokens (JWT, EdDSA or ES256)."),
  issuer: z.string().default("supergraph-users").describe("What a token's `iss` must be."),
  audience: z.string().default("supergraph").describe("What a token's `aud` must have."),
  unknownKeyCooldownMs: milliseconds(0)
    .default(10_000)
    .describe("A token with an unknown key has the keys loaded again, at most this often, in milliseconds."),
});

const PrivateKey = z.looseObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  d: z.string(),
  kid: z.string(),
});

const Signing = z.strictObject({
  key: z
    .custom<JWK>((value) => PrivateKey.safeParse(value).success, "expected a private Ed25519 JWK with a kid")
    .describe("Private Ed25519 JWK with a `kid`: subgraphs that know its public part know who asks."),
});

const Limits = z.strictObject({
  maxTokens: count().default(10_000).describe("Lexical tokens of a document."),
  maxDepth: count().default(20).describe("Fields below fields. The standard introspection query has 15."),
  maxFields: count().default(2_000).describe("Fields of an operation; fragments count wherever they are spread."),
  maxAliases: count().default(50).describe("Aliases of an operation."),
  maxRootFields: count().default(20).describe("Root fields of an operation."),
  maxRootMutations: count()
    .default(10)
    .describe("Root fields of a mutation: each is a step of its own, such as an attempt to sign in."),
  maxDirectives: count().default(50).describe("Directives of an operation."),
  maxValues: count().default(100_000).describe("Values of the largest possible answer."),
});

const Caches = z.strictObject({
  documentCharacters: count()
    .default(500_000)
    .describe(
      "Of all operations that are kept parsed, validated, planned and compiled: some 300 bytes of memory each.",
    ),
  documentLength: count().default(20_000).describe("Operations of more characters are prepared each time anew."),
  programsPerOperation: count()
    .default(32)
    .describe("Ways through one operation, by what its @skip and @include say, that are kept compiled."),
  persistedQueryBytes: count().default(30_000_000).describe("Of texts of automatic persisted queries."),
});

const Planning = z.strictObject({
  thread: z
    .boolean()
    .default(true)
    .describe("Whether supergraphs are loaded and operations planned in a thread of their own, beside what is served."),
  timeoutMs: milliseconds()
    .default(10_000)
    .describe("Operations that take longer to plan are refused, in milliseconds. Kept with a thread only."),
});

const Generations = z.strictObject({
  warmOperations: count(0)
    .default(200)
    .describe("So many of the most used operations are planned for a new supergraph before it serves."),
  drainMs: milliseconds(0)
    .default(30_000)
    .describe("What began on the former supergraph, streams too, may last so long, in milliseconds."),
});

const Subscriptions = z.strictObject({
  maxOpen: count().default(5_000).describe("Streams open at once."),
  heartbeatMs: milliseconds().default(15_000).describe("Silent streams get a sign of life so often, in milliseconds."),
});

const Plans = z.strictObject({
  everybody: z.boolean().default(false).describe("Whether everybody may ask for plans: for development only."),
  scope: z.string().min(1).default("router:plans").describe("Access tokens with this scope may."),
});

export const PlaygroundConfig = z.strictObject({
  title: z.string().default("Supergraph"),
  endpoint: z.string().default("/graphql").describe("Where GraphQL is answered, from the page's own origin."),
  signIn: z
    .strictObject({
      operation: z.string().describe("A mutation document."),
      accounts: z.array(z.strictObject({ label: z.string(), variables: z.record(z.string(), z.unknown()) })),
      tokenPath: z.array(z.string()).describe("Where the access token is in `data`."),
    })
    .nullable()
    .default(null)
    .describe("How to get an access token; null where tokens come from elsewhere."),
  operations: z
    .array(
      z.strictObject({
        name: z.string(),
        query: z.string(),
        variables: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .default([]),
});

const Override = z.strictObject({
  ...SubgraphSettings.shape,
  url: httpUrl().optional().describe("Replaces the supergraph's own."),
  urls: z.array(httpUrl()).min(1).optional().describe("Several replicas, in place of `url`."),
  headers: HeaderRules.default([]).describe("Added to the `headers` of all subgraphs."),
});

const Subgraphs = z.strictObject({
  defaults: SubgraphSettings.prefault({}).describe("For every subgraph."),
  overrides: z
    .record(z.string(), Override)
    .default({})
    .describe("By the subgraph's name: what differs from `defaults`."),
});

/** Everything that a router is told, in the shape of its configuration file. */
export const RouterSettings = z.strictObject({
  supergraph: Supergraph,
  server: Server.prefault({}),
  workers: z
    .union([count(), z.literal("auto")])
    .default(1)
    .describe("Processes that serve; `auto` for one a core."),
  authentication: Authentication.nullable()
    .default(null)
    .describe("Who signs in how; with null everybody is a guest, and tokens go where `headers` say."),
  signing: Signing.nullable()
    .default(null)
    .describe("With it every request to a subgraph is signed, with time, nonce, hash of the body and who asks."),
  headers: HeaderRules.default([]).describe("What of a client's headers goes to subgraphs."),
  subgraphs: Subgraphs.prefault({}),
  limits: Limits.prefault({}),
  caches: Caches.prefault({}),
  planning: Planning.prefault({}),
  generations: Generations.prefault({}),
  subscriptions: Subscriptions.prefault({}),
  introspection: z.boolean().optional().describe("Whether clients may read the schema: unless in production."),
  playground: z
    .union([z.boolean(), PlaygroundConfig])
    .optional()
    .describe("What is offered at `/`: unless in production."),
  playgroundDirectory: z.string().optional().describe("Its built files; those of this package unless given."),
  plans: Plans.prefault({}).describe("Who may see how an operation is executed, and how long each fetch takes."),
  metrics: z
    .strictObject({ host: z.string().default("127.0.0.1"), port: port().describe("0 for any free one.") })
    .nullable()
    .default(null)
    .describe("Where `/metrics` is answered: a listener of its own, since the router's is for everybody."),
  log: z
    .strictObject({
      level: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
      operations: z.boolean().default(true).describe("Whether every operation is logged, in a line."),
    })
    .prefault({}),
});

/** What is to be given; all else has a default. */
export type RouterConfig = z.input<typeof RouterSettings>;

/** A router's configuration with nothing left open. */
export type CompleteRouterConfig = z.output<typeof RouterSettings>;

export type OperationLimits = CompleteRouterConfig["limits"];
export type PlaygroundConfig = z.output<typeof PlaygroundConfig>;
