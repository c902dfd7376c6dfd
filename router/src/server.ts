import "./telemetry-off.ts";
import { setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { InMemoryLRUCache } from "@apollo/utils.keyvaluecache";
import {
  type Cleanup,
  createHealth,
  createLogLevelSwitch,
  createRequestSigner,
  enableTracing,
  type Logger,
  type Route,
  type Running,
  type ServiceState,
  shareLogLevel,
  shareMetrics,
  startHttpServer,
  startWithCleanup,
} from "@supergraph/service";
import { type Authenticator, createAuthenticator, guestsOnly } from "./authentication.ts";
import { createFormatError } from "./client-errors.ts";
import { withCompression } from "./compression.ts";
import { completeConfig } from "./config/complete.ts";
import { type CompleteRouterConfig, PlaygroundConfig, type RouterConfig } from "./config/settings.ts";
import { withCors } from "./cors.ts";
import { graphqlRoutes } from "./endpoint.ts";
import { openGeneration } from "./generations/generation.ts";
import { type Generations, openGenerations } from "./generations/generations.ts";
import { createLastGood } from "./generations/last-good.ts";
import { createSource } from "./generations/source.ts";
import { openSupply, type Supply } from "./generations/supply.ts";
import { supergraphCheck } from "./health-checks.ts";
import { createRouterMeters, type RouterMeters } from "./meters.ts";
import { playgroundRoutes } from "./playground.ts";
import type { FormatError } from "./responses.ts";
import { createSubscriptions } from "./subscriptions.ts";

export type { CompleteRouterConfig, PlaygroundConfig, RouterConfig } from "./config/settings.ts";

export interface Router extends Running {
  /** The router's origin, `http://host:port`; GraphQL is answered at `/graphql` below it. */
  readonly url: string;
  readonly port: number;
  /** Where the metrics are, `http://host:port/metrics`; null where they are not served. */
  readonly metricsUrl: string | null;
  /** Looks at the supergraph's source now. Never rejects: what cannot be served is logged, and the former one goes on. */
  reload(): Promise<void>;
}

export interface RouterLogs {
  readonly log: Logger;
  /** For the line of each operation; `log` unless given. */
  readonly operationLog?: Logger | undefined;
}

/**
 * Starts a router. Subgraphs need not answer yet, nor the source of the keys: `/health/ready` tells.
 * @throws ConfigError when the configuration is wrong, or its supergraph cannot be served; ListenError when the port
 * cannot be had.
 */
export const startRouter = async (config: RouterConfig, logs: RouterLogs): Promise<Router> =>
  startCompleteRouter(completeConfig(config), logs);

/** As {@link startRouter}, with a configuration that was read already. */
export const startCompleteRouter = (
  config: CompleteRouterConfig,
  { log, operationLog = log }: RouterLogs,
): Promise<Router> =>
  startWithCleanup(async (cleanup) => {
    enableTracing();
    const meters = createRouterMeters(log);
    cleanup.add(() => meters.stop());
    shareMetrics(meters);
    const logLevel = createLogLevelSwitch({ loggers: [log, operationLog] });
    cleanup.add(() => logLevel.stop());
    shareLogLevel(logLevel);
    const formatError = createCountedFormatError(config, meters, log);
    const { generations, supply } = await openSupergraph(config, { formatError, meters, log }, cleanup);
    const authenticator = createAuthentication(config, generations, log);

    const stopping = new AbortController();
    // Every open stream listens.
    setMaxListeners(0, stopping.signal);
    const subscriptions = createSubscriptions({ formatError, maxOpen: config.subscriptions.maxOpen });
    meters.watch({
      generations,
      isSourceReachable: () => supply.isReachable(),
      openSubscriptions: () => subscriptions.open(),
    });
    const ofSupergraph = supergraphCheck(generations, supply);
    const health = createHealth(
      authenticator.readiness ? [authenticator.readiness] : [],
      () => [ofSupergraph, ...generations.current.checks],
      log,
      () => stateOf(generations),
    );
    const graphql = graphqlRoutes({
      generation: () => generations.current,
      authenticator,
      subscribe: subscriptions.subscribe,
      formatError,
      config,
      stopping: stopping.signal,
      meters,
      log,
      operationLog,
    });
    const metricsUrl = await serveMetrics(config, [meters.route, ...logLevel.routes], cleanup, log);
    const { host, port, maxBodyBytes, idleGraceMs, drainMs, corsOrigins, compressFromBytes } = config.server;
    const server = await startHttpServer({
      host,
      port,
      maxBodyBytes,
      idleGraceMs,
      log,
      routes: [
        ...health.routes,
        ...withCors(withCompression(graphql, compressFromBytes), corsOrigins),
        ...playgroundOf(config),
      ],
    });
    cleanup.add(() => {
      health.drain();
      stopping.abort();
      return server.stop({ drainMs });
    });
    const { number, hash, clients } = generations.current;
    log.info(
      { port: server.port, generation: number, supergraph: hash, subgraphs: [...clients.keys()] },
      "the router answers",
    );
    return { url: server.url, port: server.port, metricsUrl, reload: () => supply.reload() };
  });

const createCountedFormatError = (config: CompleteRouterConfig, meters: RouterMeters, log: Logger): FormatError => {
  const mask = createFormatError({ introspection: config.introspection ?? true, log });
  return (formatted, error) => {
    const masked = mask(formatted, error);
    meters.countError(masked.extensions?.code);
    return masked;
  };
};

const openSupergraph = async (
  config: CompleteRouterConfig,
  deps: { readonly formatError: FormatError; readonly meters: RouterMeters; readonly log: Logger },
  cleanup: Cleanup,
): Promise<{ generations: Generations; supply: Supply }> => {
  const { log } = deps;
  const signer = config.signing ? await createRequestSigner({ privateJwk: config.signing.key }) : null;
  if (!signer) log.warn("requests to subgraphs are not signed: subgraphs cannot know who asks");
  const persistedQueries = new InMemoryLRUCache({ maxSize: config.caches.persistedQueryBytes });
  const { warmOperations, drainMs } = config.generations;
  const source = createSource(config.supergraph, log);
  cleanup.add(() => source.close?.() ?? Promise.resolve());
  const opened = await openSupply({
    source,
    lastGood: createLastGood(config.supergraph.lastGoodPath, log),
    open: (sdl) =>
      openGenerations(sdl, {
        open: (generation) => openGeneration(generation, { config, signer, persistedQueries, ...deps }),
        warmOperations,
        drainMs,
        log,
      }),
    log,
  });
  cleanup.add(() => opened.generations.close());
  cleanup.add(() => opened.supply.stop());
  return opened;
};

const createAuthentication = (
  { authentication }: CompleteRouterConfig,
  generations: Generations,
  log: Logger,
): Authenticator => {
  if (!authentication) {
    if (generations.current.isGuarded)
      log.warn("the supergraph has what only some may see, and the configuration no authentication: nobody will");
    return guestsOnly();
  }
  const authenticator = createAuthenticator({ ...authentication, log });
  // Not waited for: guests are served meanwhile, and the first token that comes asks again.
  void authenticator.readiness?.check().catch((error: unknown) => {
    log.warn({ err: error }, "the keys that verify access tokens are not to be had yet");
  });
  return authenticator;
};

/** Told, and decides nothing. */
const stateOf = (generations: Generations): ServiceState => {
  const { number, hash, draining, refused } = generations.state();
  return {
    generation: number,
    supergraph: hash,
    generationsDraining: draining,
    refusedSupergraph: refused?.hash ?? null,
  };
};

const serveMetrics = async (
  { metrics: where }: CompleteRouterConfig,
  routes: readonly Route[],
  cleanup: Cleanup,
  log: Logger,
): Promise<string | null> => {
  if (!where) return null;
  const server = await startHttpServer({ ...where, maxBodyBytes: 1_024, routes, log });
  cleanup.add(() => server.stop());
  return `${server.url}/metrics`;
};

const playgroundOf = ({ playground, playgroundDirectory }: CompleteRouterConfig) => {
  if (!playground) return [];
  // Correct from `src/` and from `dist/`.
  const directory = playgroundDirectory ?? fileURLToPath(new URL("../playground/dist", import.meta.url));
  return playgroundRoutes(directory, playground === true ? PlaygroundConfig.parse({}) : playground);
};
