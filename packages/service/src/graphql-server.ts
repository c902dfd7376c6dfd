import { setMaxListeners } from "node:events";
import { ApolloServer, HeaderMap } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, parse } from "graphql";
import { enforceAuthorization } from "./authorization.ts";
import { maskError } from "./errors.ts";
import { createHealth, type ReadinessCheck, type ServiceState } from "./health.ts";
import { errorResponse, type HttpRequest, type HttpResponse, parseJson, type Route, startHttpServer } from "./http.ts";
import { type Caller, type RequestVerifier, ROUTER_SIGNATURE_HEADER, type Viewer } from "./identity.ts";
import type { Running } from "./lifecycle.ts";
import type { Logger } from "./log.ts";
import { createLogLevelSwitch } from "./log-level.ts";
import type { MetricSource } from "./metric-sources.ts";
import { createMetrics, type OperationKind } from "./metrics.ts";
import { createOutages, type OutageOf } from "./outages.ts";
import { isEventStreamRequest, subscriptionHandler } from "./subscriptions.ts";
import { enableTracing, inPart, inServerSpan, setSpanAttribute } from "./tracing.ts";

/** What every resolver finds in its context besides the subgraph's own loaders and commands. */
export interface CallerContext {
  readonly viewer: Viewer | null;
  readonly correlationId: string;
  readonly log: Logger;
}

export interface SubgraphServerOptions<Context extends CallerContext> {
  /** The subgraph's name in the supergraph; also the audience that the router's signature must name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The subgraph's SDL. */
  readonly typeDefs: string;
  /** The generated `Resolvers` of the subgraph. */
  readonly resolvers: object;
  /** Made anew for every request, so that loaders never outlive one. */
  readonly createContext: (caller: CallerContext) => Context;
  readonly verifier: RequestVerifier;
  readonly readiness: readonly ReadinessCheck[];
  /** Told beside the readiness, without deciding it: what queries can be answered without. */
  readonly reported?: readonly ReadinessCheck[];
  readonly state?: () => ServiceState;
  /** Routes beside `/graphql` and the health endpoints: webhooks, key sets. */
  readonly routes?: readonly Route[];
  /** Told at `/metrics` beside the numbers of requests and of the process. */
  readonly metrics?: readonly MetricSource[];
  /** Tells errors of what the subgraph needs and does not have now, such as its database, from faults. */
  readonly outageOf?: OutageOf;
  /** How a stop treats kept connections, see `startHttpServer`. */
  readonly idleGraceMs?: number | undefined;
  readonly log: Logger;
}

export interface SubgraphServer extends Running {
  /** Where GraphQL is answered: `http://host:port/graphql`. */
  readonly url: string;
  readonly port: number;
}

/** One fetch of the router may carry thousands of representations. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Attributes of its span. */
const GRAPHQL_REQUEST = { "http.request.method": "POST", "http.route": "/graphql", "url.path": "/graphql" };

/**
 * Serves a federation 2 subgraph at `/graphql`, to requests that the router signed and to nobody else; subscriptions
 * as server-sent events (graphql-sse, distinct connections) at the same path. Resolvers are guarded by what the SDL
 * declares with `@authenticated` and `@requiresScopes`.
 */
export const startSubgraphServer = async <Context extends CallerContext>(
  options: SubgraphServerOptions<Context>,
): Promise<SubgraphServer> => {
  const { log, name, verifier } = options;
  enableTracing();
  const schema = buildSchema(options.typeDefs, options.resolvers);
  const metrics = createMetrics({ log, sources: options.metrics ?? [] });
  const outages = createOutages(options.outageOf ?? (() => null), log);
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: false,
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    formatError(formatted, error) {
      const masked = outages.told(formatted, error) ?? maskError(withOwnCode(formatted, error), error, log);
      metrics.countError(masked.extensions?.code);
      return masked;
    },
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginInlineTraceDisabled(), outages.plugin],
    logger: log,
  });
  await apollo.start();
  const answerQuery = queryHandler(apollo);
  const stopping = new AbortController();
  // Every open stream listens.
  setMaxListeners(0, stopping.signal);
  const answerSubscription = subscriptionHandler<Context>(schema, stopping.signal);
  const logLevel = createLogLevelSwitch({ loggers: [log] });
  const health = createHealth(options.readiness, options.reported, log, options.state);

  const server = await startHttpServer({
    host: options.host,
    port: options.port,
    maxBodyBytes: MAX_BODY_BYTES,
    idleGraceMs: options.idleGraceMs,
    log,
    routes: [
      ...health.routes,
      metrics.route,
      ...logLevel.routes,
      ...(options.routes ?? []),
      {
        method: "POST",
        path: "/graphql",
        handle: (request) =>
          inServerSpan(
            "POST /graphql",
            request.headers,
            () =>
              metrics.requests.measure(async (tellMeter) => {
                const tell = (kind: OperationKind) => {
                  setSpanAttribute("graphql.operation.type", kind);
                  tellMeter(kind);
                };
                const signature = request.headers[ROUTER_SIGNATURE_HEADER];
                const verified = await verifier.verify({
                  signature: typeof signature === "string" ? signature : undefined,
                  body: request.body,
                });
                if (verified.kind === "refused") {
                  log.warn({ reason: verified.reason }, "refused a request that the router did not sign");
                  return errorResponse(401, "UNAUTHENTICATED", `The ${name} subgraph answers the router only.`);
                }
                const context = options.createContext(callerContext(verified.caller, log));
                if (!isEventStreamRequest(request)) return answerQuery(request, context, tell);
                tell("subscription");
                return answerSubscription(request, context);
              }),
            GRAPHQL_REQUEST,
          ),
      },
    ],
  });

  return {
    url: `${server.url}/graphql`,
    port: server.port,
    async stop() {
      health.drain();
      // Streams never finish by themselves: waiting for them would be waiting for the deadline.
      stopping.abort();
      await server.stop();
      metrics.stop();
      logLevel.stop();
      await apollo.stop();
    },
  };
};

/** The subgraph's executable schema with its guards; also what tests execute against without a server. */
export const buildSchema = (typeDefs: string, resolvers: object): GraphQLSchema =>
  enforceAuthorization(buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolvers as never }));

/**
 * A scalar that refuses a literal does so while Apollo Server validates, which puts its own code over the scalar's. The
 * router has no such scalar to check with: to it, an operation that is not valid would be its own fault.
 */
const withOwnCode = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError =>
  error instanceof GraphQLError &&
  error.originalError instanceof GraphQLError &&
  error.originalError.extensions.code === "BAD_USER_INPUT"
    ? { ...formatted, extensions: { ...formatted.extensions, code: "BAD_USER_INPUT" } }
    : formatted;

const callerContext = ({ viewer, correlationId }: Caller, log: Logger): CallerContext => ({
  viewer,
  correlationId,
  log: log.child({ correlationId }),
});

const queryHandler =
  <Context extends CallerContext>(apollo: ApolloServer<Context>) =>
  async (request: HttpRequest, context: Context, tell: (kind: OperationKind) => void): Promise<HttpResponse> => {
    const body = parseJson(request.body);
    if (body === undefined) return errorResponse(400, "BAD_REQUEST", "The request body is not valid JSON.");
    tell(kindOf(body));
    setSpanAttribute("graphql.operation.name", nameOf(body));
    const response = await inPart("graphql.execute", () =>
      apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: "POST", headers: headerMap(request), search: request.url.search, body },
        context: async () => context,
      }),
    );
    return {
      status: response.status ?? 200,
      headers: Object.fromEntries(response.headers),
      body: response.body.kind === "complete" ? response.body.string : response.body.asyncIterator,
    };
  };

/** The router sends one operation a request, and begins with what it is. */
const kindOf = (body: unknown): OperationKind => {
  const query = typeof body === "object" && body !== null && "query" in body ? body.query : undefined;
  if (typeof query !== "string") return "none";
  const [, keyword] = /^\s*(query|mutation|subscription)?/.exec(query) ?? [];
  return keyword === "mutation" || keyword === "subscription" ? keyword : "query";
};

const nameOf = (body: unknown): string | undefined => {
  const name = typeof body === "object" && body !== null && "operationName" in body ? body.operationName : undefined;
  return typeof name === "string" ? name : undefined;
};

export const headerMap = ({ headers }: Pick<HttpRequest, "headers">): HeaderMap => {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  return map;
};
