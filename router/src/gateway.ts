import "./telemetry-off.ts";
import { operationFromDocument } from "@apollo/federation-internals";
// The package's index also loads its HTTP client, metrics exporters and registry client: 0.4 s and 30 MB for nothing.
import { executeQueryPlan, type ServiceMap } from "@apollo/gateway/dist/executeQueryPlan.js";
import { buildOperationContext } from "@apollo/gateway/dist/operationContext.js";
import type { QueryPlan } from "@apollo/query-planner";
import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
} from "@apollo/server-gateway-interface";
import { type ErrorCode, graphQLError } from "@supergraph/service";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  getVariableValues,
  type OperationDefinitionNode,
} from "graphql";
import { answerSize } from "./answer-size.ts";
import { type Refusal, refusalsOf } from "./authorization.ts";
import { brokenPromise, errorsForClient } from "./client-errors.ts";
import { type OperationLimits, refusal } from "./limits.ts";
import type { RequestContext } from "./request-context.ts";
import type { LoadedSupergraph } from "./supergraph.ts";

/** One operation of a validated document, with the variables that came with it. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type Admission =
  | { readonly kind: "admitted"; readonly plan: QueryPlan }
  /** Nothing is executed. The errors carry the HTTP status in `extensions.http`, where Apollo Server looks for it. */
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

/** The seam between the endpoint and whatever executes operations: who serves requests knows only this. */
export interface ExecutionCore {
  /** Checks variables and what the viewer may see, then plans. The same document object is planned once. */
  admit(request: OperationRequest, context: RequestContext): Admission;
  /** Runs `plan`; `services` are the subgraphs unless given. Errors are fit for a client but for masking. */
  execute(
    plan: QueryPlan,
    request: OperationRequest,
    requestContext: GatewayGraphQLRequestContext<RequestContext & Record<string, unknown>>,
    services?: ServiceMap,
  ): Promise<GatewayExecutionResult>;
}

export const createExecutionCore = (
  supergraph: LoadedSupergraph,
  services: ServiceMap,
  { maxValues }: Pick<OperationLimits, "maxValues">,
): ExecutionCore => {
  const planFor = createPlanFor(supergraph);
  return {
    admit(request, context) {
      const { operation, variables } = request;
      const coerced = getVariableValues(
        supergraph.schema,
        operation.variableDefinitions ?? [],
        { ...variables },
        { maxErrors: 20 },
      );
      if (coerced.errors) return { kind: "refused", errors: coerced.errors.map(variableError) };
      const coercedRequest = { ...request, variables: coerced.coerced };
      const refusals = refusalsOf(supergraph, coercedRequest, context.viewer);
      if (refusals.length > 0) return { kind: "refused", errors: authorizationErrors(refusals, context) };
      if (answerSize(supergraph.schema, coercedRequest) > maxValues)
        return { kind: "refused", errors: [tooLarge(maxValues)] };
      try {
        return { kind: "admitted", plan: planFor(request) };
      } catch (error) {
        // The planner's own limits: it refuses what would take it too long to plan.
        if (error instanceof GraphQLError || (error instanceof Error && /selections|limit/i.test(error.message)))
          return {
            kind: "refused",
            errors: [httpError(400, "GRAPHQL_VALIDATION_FAILED", "The operation is too complex to be planned.")],
          };
        throw error;
      }
    },

    async execute(plan, request, requestContext, eventServices = services) {
      const { data, errors, extensions } = await executeQueryPlan(
        plan,
        eventServices,
        requestContext,
        buildOperationContext({
          schema: supergraph.schema,
          operationDocument: request.document,
          ...(request.operation.name ? { operationName: request.operation.name.value } : {}),
        }),
        supergraph.supergraphSchema,
        supergraph.apiSchema,
      );
      const found = [...(errors ?? []), ...unexplainedNulls(extensions, data)];
      return {
        ...(data === undefined ? {} : { data }),
        ...(found.length > 0 ? { errors: errorsForClient(found, request) } : {}),
      };
    },
  };
};

/** The execution core as the gateway of an Apollo Server. */
export const createGateway = (supergraph: LoadedSupergraph, core: ExecutionCore): GatewayInterface => ({
  onSchemaLoadOrUpdate(listener) {
    listener({ apiSchema: supergraph.schema, coreSupergraphSdl: supergraph.sdl });
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
  context.tellOperation(operation.operation);
  if (operation.operation === "subscription")
    return { errors: [httpError(400, "BAD_REQUEST", "Subscriptions are answered as server-sent events only.")] };
  const operationRequest = { document, operation, variables: request.variables ?? {} };
  const admission = core.admit(operationRequest, context);
  return admission.kind === "refused"
    ? { errors: admission.errors }
    : core.execute(admission.plan, operationRequest, requestContext);
};

/** Plans live as long as the parsed document that they are of, which caches of documents bound. */
const createPlanFor = ({ planner, apiSchema }: LoadedSupergraph) => {
  const plans = new WeakMap<DocumentNode, Map<string, QueryPlan>>();
  return ({ document, operation }: OperationRequest): QueryPlan => {
    const name = operation.name?.value ?? "";
    const ofDocument = plans.get(document) ?? new Map<string, QueryPlan>();
    plans.set(document, ofDocument);
    const known = ofDocument.get(name);
    if (known) return known;
    const planned = planner.buildQueryPlan(
      operationFromDocument(apiSchema, document, name === "" ? {} : { operationName: name }),
      { recursiveSelectionsLimitDisabled: false, nonLocalSelectionsLimitDisabled: false },
    );
    ofDocument.set(name, planned);
    return planned;
  };
};

const httpError = (
  status: number,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
): GraphQLError => graphQLError(code, message, { http: { status, headers: new Map(Object.entries(headers)) } });

const tooLarge = (maxValues: number): GraphQLError => {
  const { message } = refusal(`could answer more than ${maxValues} values`);
  return httpError(400, "GRAPHQL_VALIDATION_FAILED", message);
};

/** Coercion suggests names of input fields, which introspection may be meant to hide. */
const variableError = ({ message }: GraphQLError): GraphQLError =>
  httpError(400, "BAD_USER_INPUT", message.replace(/ Did you mean .*$/s, ""));

/**
 * 401 for who is not signed in, always: it is HTTP's own word, with its challenge. 403 only in the media type whose
 * status may tell of GraphQL errors; GraphQL over HTTP asks for 200 with `application/json`.
 */
const authorizationErrors = (refusals: readonly Refusal[], { statusTellsErrors }: RequestContext): GraphQLError[] => {
  const anonymous = refusals.some(({ verdict }) => verdict === "unauthenticated");
  const http = anonymous
    ? { status: 401, headers: new Map([["www-authenticate", 'Bearer realm="graphql"']]) }
    : { status: statusTellsErrors ? 403 : 200, headers: new Map<string, string>() };
  return refusals.map(({ verdict, coordinate, path }) => {
    const [code, message]: [ErrorCode, string] =
      verdict === "unauthenticated"
        ? ["UNAUTHENTICATED", `Sign in first: ${coordinate} needs a valid access token.`]
        : ["FORBIDDEN", `You are not allowed to see ${coordinate}.`];
    return new GraphQLError(message, { path, extensions: { code, http } });
  });
};

/** What Apollo's executor notes about nulls where the schema promises none, when no subgraph told an error. */
const unexplainedNulls = (extensions: Record<string, unknown> | undefined, data: unknown): GraphQLError[] => {
  const found: unknown = extensions?.valueCompletion;
  return Array.isArray(found)
    ? found
        .filter(({ path }: GraphQLFormattedError) => !isGone(data, path))
        .map(({ message, path }: GraphQLFormattedError) => brokenPromise(message, path))
    : [];
};

/**
 * Whether the null that took the field at `path` with it went no further than the field's own object. That is how an
 * entity is answered which one subgraph refers to and another does not have, or does not show: a null that the schema
 * allows. A null that took more with it breaks a promise.
 */
const isGone = (data: unknown, path: GraphQLFormattedError["path"] = []): boolean => {
  let value = data;
  for (const segment of path.slice(0, -1)) {
    if (typeof value !== "object" || value === null) return false;
    value = Reflect.get(value, segment);
  }
  return path.length > 1 && value === null;
};
