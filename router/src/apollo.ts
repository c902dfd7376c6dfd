import "./telemetry-off.ts";
import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
} from "@apollo/server-gateway-interface";
import type { KeyValueCache } from "@apollo/utils.keyvaluecache";
import { graphQLError, type Logger } from "@supergraph/service";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { CompleteRouterConfig } from "./config/settings.ts";
import type { ExecutionCore } from "./core.ts";
import type { RequestContext } from "./request-context.ts";
import { writeResult } from "./result.ts";

/** The schema and the execution core of one generation, for the Apollo Server that belongs to it. */
export interface ServedSupergraph {
  readonly sdl: string;
  readonly schema: GraphQLSchema;
  readonly core: ExecutionCore;
}

export interface ApolloOptions {
  readonly config: Pick<CompleteRouterConfig, "limits" | "introspection">;
  /** Texts of persisted queries: what one generation was told, the next knows. */
  readonly persistedQueries: KeyValueCache;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  readonly log: Logger;
}

/** An Apollo Server that executes by the router's own core. */
export const createApollo = (
  supergraph: ServedSupergraph,
  { config, persistedQueries, formatError, log }: ApolloOptions,
): ApolloServer<RequestContext> =>
  new ApolloServer<RequestContext>({
    gateway: createGateway(supergraph),
    introspection: config.introspection ?? true,
    formatError,
    logger: log,
    parseOptions: { maxTokens: config.limits.maxTokens },
    cache: "bounded",
    persistedQueries: { cache: persistedQueries },
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

const createGateway = ({ sdl, schema, core }: ServedSupergraph): GatewayInterface => ({
  onSchemaLoadOrUpdate(listener) {
    listener({ apiSchema: schema, coreSupergraphSdl: sdl });
    return () => undefined;
  },
  load: async () => ({
    executor: (requestContext: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> =>
      executeRequest(core, requestContext as GatewayGraphQLRequestContext<RequestContext & Record<string, unknown>>),
  }),
  stop: async () => undefined,
});

const executeRequest = async (
  core: ExecutionCore,
  requestContext: GatewayGraphQLRequestContext<RequestContext & Record<string, unknown>>,
): Promise<GatewayExecutionResult> => {
  const { document, operation, request, context } = requestContext;
  context.record.tellOperation(operation);
  if (operation.operation === "subscription") return { errors: [NO_STREAM] };
  const operationRequest = { document, operation, variables: request.variables ?? {} };
  const admission = await core.admit(operationRequest, context);
  if (admission.kind === "refused") return { errors: admission.errors };
  const { data, errors, extensions } = await core.execute(admission, operationRequest, context);
  // Only `writeResult` reads the data.
  return {
    data: data as unknown as Record<string, unknown>,
    ...(errors.length > 0 ? { errors } : {}),
    ...(extensions ? { extensions } : {}),
  };
};

const NO_STREAM = graphQLError("BAD_REQUEST", "Subscriptions are answered as server-sent events only.", {
  http: { status: 400, headers: new Map() },
});
