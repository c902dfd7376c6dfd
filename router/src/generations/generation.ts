import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import type { ApolloServer } from "@apollo/server";
import type { KeyValueCache } from "@apollo/utils.keyvaluecache";
import {
  type Cleanup,
  type Logger,
  type ReadinessCheck,
  type RequestSigner,
  settledWithin,
  startWithCleanup,
} from "@supergraph/service";
import { type DocumentNode, type GraphQLFormattedError, type GraphQLSchema, Kind } from "graphql";
import { createApollo } from "../apollo.ts";
import type { CompleteRouterConfig } from "../config/settings.ts";
import { createExecutionCore, type ExecutionCore } from "../core.ts";
import { createDocuments, type Documents } from "../documents.ts";
import { createSubgraphCheck } from "../health-checks.ts";
import type { RouterMeters } from "../meters.ts";
import { openLocalPlanner } from "../planning/local-planner.ts";
import type { Planner } from "../planning/planner.ts";
import type { SupergraphFacts } from "../planning/supergraph.ts";
import { openThreadPlanner } from "../planning/thread-planner.ts";
import { createPrograms, type Programs } from "../programs.ts";
import type { RequestContext } from "../request-context.ts";
import { createSubgraphClient, type SubgraphClient } from "../subgraphs/client.ts";
import { buildApiSchema } from "./api-schema.ts";
import { subgraphTargets } from "./subgraph-targets.ts";

/**
 * Everything that is derived from one supergraph, and never changes: another supergraph is another generation. What has
 * begun on one ends on it.
 */
export interface Generation {
  /** 1 for the first of a router. */
  readonly number: number;
  /** Tells supergraphs apart: the first characters of the text's SHA-256. */
  readonly hash: string;
  readonly sdl: string;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly core: ExecutionCore;
  readonly apollo: ApolloServer<RequestContext>;
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  /** One a subgraph, whether it answers. */
  readonly checks: readonly ReadinessCheck[];
  /** Whether anything in it needs somebody who has signed in. */
  readonly isGuarded: boolean;
  /** Aborted when streams that still run on it are to end. */
  readonly ending: AbortSignal;
  /** Somebody uses it until what this returns is called, once. */
  enter(): () => void;
  /** Plans these operations beforehand, those that are valid here. Answers how many of them are not. */
  warm(texts: readonly string[]): Promise<number>;
  /** Closes it once nobody uses it: streams end after `drainMs`, and what runs even then fails. Called when it is entered no more. */
  retire(drainMs: number): Promise<void>;
}

export interface GenerationDeps {
  readonly config: CompleteRouterConfig;
  readonly signer: RequestSigner | null;
  readonly persistedQueries: KeyValueCache;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  readonly meters: RouterMeters;
  readonly log: Logger;
}

/** How long streams that are to end may take for it. */
const ENDING_MS = 1_000;

export const hashOf = (sdl: string): string => createHash("sha256").update(sdl).digest("hex").slice(0, 12);

/** @throws ConfigError when the supergraph cannot be served. */
export const openGeneration = async (
  { number, sdl }: { readonly number: number; readonly sdl: string },
  deps: GenerationDeps,
): Promise<Generation> => {
  const { stop, ...generation } = await startWithCleanup((cleanup) => build({ number, sdl }, deps, cleanup));
  const ending = new AbortController();
  // Every stream listens.
  setMaxListeners(0, ending.signal);
  const users = createUsers();
  return {
    ...generation,
    ending: ending.signal,
    enter: users.enter,
    async retire(drainMs) {
      const gone = users.gone();
      if (!(await settledWithin(gone, drainMs))) {
        ending.abort();
        await settledWithin(gone, ENDING_MS);
      }
      await stop();
    },
  };
};

const build = async (
  { number, sdl }: { readonly number: number; readonly sdl: string },
  deps: GenerationDeps,
  cleanup: Cleanup,
): Promise<Omit<Generation, "ending" | "enter" | "retire">> => {
  const { config, meters, log } = deps;
  const planner = await openPlanner(sdl, config, log);
  cleanup.add(() => planner.close());
  const { apiSdl, requirements, subgraphs } = planner.facts;
  await turn();
  const schema = await buildApiSchema(apiSdl);
  await turn();
  const clients = await createClients(subgraphs, deps, cleanup);
  const { programsPerOperation } = config.caches;
  const programs = createPrograms({ schema, planner, programsPerOperation, onPlanned: meters.planned });
  const core = createExecutionCore({ schema, requirements, programs, clients, limits: config.limits });
  const apollo = createApollo({ sdl, schema, core }, deps);
  await apollo.start();
  cleanup.add(() => apollo.stop());
  const documents = createDocuments({ ...config, schema, introspection: config.introspection ?? true });
  return {
    number,
    hash: hashOf(sdl),
    sdl,
    schema,
    documents,
    core,
    apollo,
    clients,
    checks: [...clients.values()].map((client) => createSubgraphCheck(client, log)),
    isGuarded: requirements.size > 0,
    warm: (texts) => warm(texts, documents, programs, log),
  };
};

const openPlanner = (sdl: string, { planning }: CompleteRouterConfig, log: Logger): Promise<Planner> | Planner =>
  planning.thread ? openThreadPlanner(sdl, { timeoutMs: planning.timeoutMs, log }) : openLocalPlanner(sdl);

const createClients = async (
  subgraphs: SupergraphFacts["subgraphs"],
  { config, signer, meters, log }: GenerationDeps,
  cleanup: Cleanup,
): Promise<ReadonlyMap<string, SubgraphClient>> => {
  const { targets, unused } = subgraphTargets(subgraphs, config);
  if (unused.length > 0)
    log.warn(
      { unused, subgraphs: targets.map(({ name }) => name) },
      "the configuration is about subgraphs that the supergraph does not have",
    );
  const clients = new Map<string, SubgraphClient>();
  for (const { name, ...target } of targets) {
    const observe = (outcome: string, seconds: number) => meters.called(name, outcome, seconds);
    const client = createSubgraphClient({ name, ...target, signer, observe, log });
    cleanup.add(() => client.close());
    clients.set(name, client);
    // A hundred of them take longer than requests should wait.
    await turn();
  }
  return clients;
};

const warm = async (
  texts: readonly string[],
  documents: Documents,
  programs: Programs,
  log: Logger,
): Promise<number> => {
  let invalid = 0;
  for (const text of texts) {
    const prepared = documents.prepare(text);
    if (prepared.kind === "refused") invalid += 1;
    else await plan(prepared.document, programs, log);
    // Whoever asks meanwhile is served in between.
    await turn();
  }
  return invalid;
};

const plan = async (document: DocumentNode, programs: Programs, log: Logger): Promise<void> => {
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    try {
      await programs.prepare({ document, operation, variables: {} });
    } catch (error) {
      log.warn({ err: error, operationName: operation.name?.value }, "an operation could not be planned beforehand");
    }
  }
};

/** Counts who uses something. */
const createUsers = () => {
  let users = 0;
  let whenGone: (() => void) | undefined;
  return {
    enter(): () => void {
      users += 1;
      return () => {
        users -= 1;
        if (users === 0) whenGone?.();
      };
    },
    gone: (): Promise<void> =>
      new Promise((resolve) => {
        whenGone = resolve;
        if (users === 0) resolve();
      }),
  };
};
