import "./telemetry-off.ts";
import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import {
  beginServerSpan,
  type Cleanup,
  createHealth,
  createMetrics,
  createRequestSigner,
  enableTracing,
  type Logger,
  type Metrics,
  type ReadinessCheck,
  type Running,
  startHttpServer,
  startWithCleanup,
} from "@supergraph/service";
import { createAuthenticator } from "./authentication.ts";
import { createFormatError } from "./client-errors.ts";
import { type CompleteRouterConfig, type RouterConfig, withDefaults } from "./config.ts";
import { withCors } from "./cors.ts";
import { createPrepareDocument } from "./documents.ts";
import { graphqlRoutes } from "./endpoint.ts";
import { createExecutionCore, createGateway } from "./gateway.ts";
import { playgroundRoutes } from "./playground.ts";
import type { RequestContext } from "./request-context.ts";
import { writeResult } from "./result.ts";
import { createSubgraphClient, type SubgraphClient } from "./subgraph-client.ts";
import { createSubscribe } from "./subscriptions.ts";
import { type LoadedSupergraph, loadSupergraph } from "./supergraph.ts";

export { parseRouterConfig, type RouterConfig } from "./config.ts";
export type { PlaygroundConfig } from "./playground.ts";

export interface Router extends Running {
  /** The router's origin, `http://host:port`; GraphQL is answered at `/graphql` below it. */
  readonly url: string;
  readonly port: number;
  /** Where the metrics are, `http://host:port/metrics`; null where they are not served. */
  readonly metricsUrl: string | null;
}

/**
 * Starts a router for the supergraph that `config` holds. Subgraphs need not answer yet, nor the source of the keys:
 * `/health/ready` tells.
 * @throws ConfigError when the supergraph cannot be served; ListenError when the port cannot be had.
 */
export const startRouter = (config: RouterConfig, { log }: { log: Logger }): Promise<Router> =>
  startWithCleanup(async (cleanup) => {
    enableTracing();
    const complete = withDefaults(config);
    const supergraph = loadSupergraph(complete.supergraphSdl, complete.subgraphUrls);
    const metrics = createMetrics({ log });
    cleanup.add(() => metrics.stop());
    const clients = await createClients(complete, supergraph, metrics);
    for (const client of clients.values()) cleanup.add(() => client.close());

    const core = createExecutionCore(supergraph, clients, complete.limits);
    const mask = createFormatError({ introspection: complete.introspection, log });
    const formatError: typeof mask = (formatted, error) => {
      const masked = mask(formatted, error);
      metrics.countError(masked.extensions?.code);
      return masked;
    };
    const apollo = createApollo(complete, createGateway(supergraph, core), formatError, log);
    await apollo.start();
    cleanup.add(() => apollo.stop());

    const authenticator = createAuthenticator({
      jwksUrl: complete.jwksUrl,
      issuer: complete.accessTokenIssuer,
      audience: complete.accessTokenAudience,
      unknownKeyCooldownMs: complete.unknownKeyCooldownMs,
      log,
    });
    // Not waited for: guests are served meanwhile, and the first token that comes asks again.
    void authenticator.readiness.check().catch((error: unknown) => {
      log.warn({ err: error }, "the keys that verify access tokens are not to be had yet");
    });

    const stopping = new AbortController();
    const health = createHealth([authenticator.readiness], subgraphChecks(clients, log), log);
    const graphql = graphqlRoutes({
      apollo,
      authenticator,
      prepareDocument: createPrepareDocument({ ...complete, schema: supergraph.schema }),
      subscribe: createSubscribe({
        core,
        clients,
        formatError,
        maxSubscriptions: complete.maxSubscriptions,
      }),
      formatError,
      heartbeatMs: complete.heartbeatMs,
      stopping: stopping.signal,
      requests: metrics.requests,
      log,
    });
    const metricsUrl = await serveMetrics(complete, metrics, cleanup, log);
    const server = await startHttpServer({
      host: complete.host,
      port: complete.port,
      maxBodyBytes: complete.maxBodyBytes,
      idleGraceMs: complete.idleGraceMs,
      log,
      routes: [
        ...health.routes,
        ...withCors(graphql, complete.corsOrigins),
        ...(complete.playground ? playgroundRoutes(complete.playgroundDirectory, complete.playground) : []),
      ],
    });
    cleanup.add(() => {
      health.drain();
      stopping.abort();
      return server.stop({ drainMs: complete.drainMs });
    });
    log.info({ port: server.port, subgraphs: supergraph.subgraphs.map(({ name }) => name) }, "the router answers");
    return { url: server.url, port: server.port, metricsUrl };
  });

const serveMetrics = async (
  { metrics: where }: CompleteRouterConfig,
  { route }: Metrics,
  cleanup: Cleanup,
  log: Logger,
): Promise<string | null> => {
  if (!where) return null;
  const server = await startHttpServer({ ...where, maxBodyBytes: 1_024, routes: [route], log });
  cleanup.add(() => server.stop());
  return `${server.url}/metrics`;
};

const createClients = async (
  { signingKey, subgraphTimeoutMs, maxResponseBytes }: CompleteRouterConfig,
  { subgraphs }: LoadedSupergraph,
  metrics: Metrics,
): Promise<ReadonlyMap<string, SubgraphClient>> => {
  const observe = metrics.durations(
    "supergraph_subgraph_call_duration_seconds",
    "Calls of subgraphs, with their repetition if there was one, by how they ended; of subscriptions only the opening.",
    ["subgraph", "outcome"],
  );
  const signer = await createRequestSigner({ privateJwk: signingKey });
  return new Map(
    subgraphs.map(({ name, url }) => [
      name,
      createSubgraphClient({
        name,
        url,
        signer,
        timeoutMs: subgraphTimeoutMs,
        maxResponseBytes,
        observe: (outcome, seconds) => observe({ subgraph: name, outcome }, seconds),
      }),
    ]),
  );
};

const createApollo = (
  { introspection, limits }: CompleteRouterConfig,
  gateway: ReturnType<typeof createGateway>,
  formatError: ReturnType<typeof createFormatError>,
  log: Logger,
): ApolloServer<RequestContext> =>
  new ApolloServer<RequestContext>({
    gateway,
    introspection,
    formatError,
    logger: log,
    parseOptions: { maxTokens: limits.maxTokens },
    // An LRU of 30 MB holds parsed documents and persisted queries.
    cache: "bounded",
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stringifyResult: writeResult,
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      // Else an APOLLO_KEY in the environment would make the server report to Apollo.
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
  });

const HEALTH_TIMEOUT_MS = 1_500;
const HEALTH_REMEMBERED_MS = 2_000;

/** Told, but not decisive: a router without one subgraph still answers everything else. */
const subgraphChecks = (clients: ReadonlyMap<string, SubgraphClient>, log: Logger): ReadinessCheck[] =>
  [...clients.values()].map((client) => {
    let last: Promise<void> | undefined;
    const ask = async (): Promise<void> => {
      const context = {
        viewer: null,
        correlationId: "health-check",
        span: beginServerSpan("health check", {}),
        log: log.child({}, { level: "silent" }),
      };
      const answer = await client.probe(context, AbortSignal.timeout(HEALTH_TIMEOUT_MS));
      context.span.end(answer.kind === "failed");
      if (answer.kind === "failed") throw new Error(answer.failure);
    };
    return {
      name: client.name,
      // Probes of many load balancers cost a subgraph one call.
      check() {
        if (last) return last;
        const asked = ask();
        last = asked;
        setTimeout(() => {
          last = undefined;
        }, HEALTH_REMEMBERED_MS).unref();
        return asked;
      },
    };
  });
