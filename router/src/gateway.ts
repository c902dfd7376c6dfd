import "./telemetry-off.ts";
import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
} from "@apollo/server-gateway-interface";
import { type ErrorCode, graphQLError } from "@supergraph/service";
import { type DocumentNode, GraphQLError, getVariableValues, type OperationDefinitionNode } from "graphql";
import { answerSize } from "./answer-size.ts";
import { type Refusal, refusalsOf } from "./authorization.ts";
import { brokenPromise, errorsForClient } from "./client-errors.ts";
import type { JsonText } from "./executor/json.ts";
import type { Execution, Outcome, Program } from "./executor/program.ts";
import { type OperationLimits, refusal } from "./limits.ts";
import { createProgramFor } from "./programs.ts";
import type { RequestContext } from "./request-context.ts";
import type { SubgraphAnswer, SubgraphClient } from "./subgraph-client.ts";
import type { LoadedSupergraph } from "./supergraph.ts";

/** One operation of a validated document, with the variables that came with it. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type Admission =
  | { readonly kind: "admitted"; readonly program: Program }
  /** Nothing is executed. The errors carry the HTTP status in `extensions.http`, where Apollo Server looks for it. */
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

/** What became of an operation. */
export interface Answer {
  readonly data: JsonText;
  /** Fit for a client but for masking. */
  readonly errors: readonly GraphQLError[];
}

/** The seam between the endpoint and whatever executes operations: who serves requests knows only this. */
export interface ExecutionCore {
  /** Checks variables and what the viewer may see, then plans and compiles. The same document object is planned once. */
  admit(request: OperationRequest, context: RequestContext): Admission;
  /** @param event Of a subscription: what the subgraph told. */
  execute(
    program: Program,
    request: OperationRequest,
    context: RequestContext,
    event?: SubgraphAnswer,
  ): Promise<Answer>;
}

export const createExecutionCore = (
  supergraph: LoadedSupergraph,
  clients: ReadonlyMap<string, SubgraphClient>,
  { maxValues }: Pick<OperationLimits, "maxValues">,
): ExecutionCore => {
  const programFor = createProgramFor(supergraph);
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
        return { kind: "admitted", program: programFor(coercedRequest) };
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

    async execute(program, request, context, event) {
      const execution: Execution = {
        variables: request.variables,
        async call({ subgraph, ...fetch }) {
          const client = clients.get(subgraph);
          if (!client) throw new Error(`The plan names a subgraph that the supergraph does not have: ${subgraph}.`);
          // A mutation runs on when its client goes: half of one would be worse.
          return client.call(fetch, context, request.operation.operation === "mutation" ? undefined : context.signal);
        },
      };
      const { subscription } = program;
      const outcome = event && subscription ? subscription.runEvent(event, execution) : program.run(execution);
      return answerOf(await outcome, request);
    },
  };
};

/** Nulls where the schema promises none are told of only where no subgraph told an error, which explains them. */
const answerOf = ({ data, errors, broken }: Outcome, request: OperationRequest): Answer => {
  const found =
    errors.length > 0
      ? errors
      : broken.filter(({ isGone }) => !isGone).map(({ message, path }) => brokenPromise(message, path));
  return { data, errors: errorsForClient(found, request) };
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
  if (admission.kind === "refused") return { errors: admission.errors };
  const { data, errors } = await core.execute(admission.program, operationRequest, context);
  // Only `writeResult` reads it.
  return { data: data as unknown as Record<string, unknown>, ...(errors.length > 0 ? { errors } : {}) };
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
