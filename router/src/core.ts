import type { QueryPlan } from "@apollo/query-planner";
import { type ErrorCode, graphQLError } from "@supergraph/service";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from "graphql";
import { answerSize } from "./answer-size.ts";
import { type Refusal, refusalsOf } from "./authorization.ts";
import { brokenPromise, errorsForClient } from "./client-errors.ts";
import type { OperationLimits } from "./config/settings.ts";
import type { JsonText } from "./executor/json.ts";
import type { Execution, Outcome, Program } from "./executor/program.ts";
import { refusal } from "./limits.ts";
import type { PlanAnswer } from "./planning/planner.ts";
import type { Requirements } from "./planning/requirements.ts";
import type { Prepared, Programs } from "./programs.ts";
import type { RequestContext } from "./request-context.ts";
import { RETRY_AFTER_MS } from "./subgraph-failures.ts";
import type { SubgraphAnswer } from "./subgraphs/call.ts";
import type { SubgraphClient } from "./subgraphs/client.ts";

/** One operation of a validated document, with the variables that came with it. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Admitted {
  readonly kind: "admitted";
  readonly program: Program;
  readonly plan: QueryPlan;
}

export type Admission =
  | Admitted
  /** Nothing is executed. The errors carry the HTTP status in `extensions.http`, where Apollo Server looks for it. */
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

/** What became of an operation. */
export interface Answer {
  readonly data: JsonText;
  /** Fit for a client but for masking. */
  readonly errors: readonly GraphQLError[];
  /** For who asked to see the plan. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The seam between the endpoint and whatever executes operations: who serves requests knows only this. */
export interface ExecutionCore {
  /** Checks variables and what the viewer may see, then plans and compiles. The same document object is planned once. */
  admit(request: OperationRequest, context: RequestContext): Promise<Admission>;
  /** @param event Of a subscription: what the subgraph told. */
  execute(
    admitted: Admitted,
    request: OperationRequest,
    context: RequestContext,
    event?: SubgraphAnswer,
  ): Promise<Answer>;
}

export interface ExecutionCoreOptions {
  /** What clients may ask for. */
  readonly schema: GraphQLSchema;
  readonly requirements: Requirements;
  readonly programs: Programs;
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  readonly limits: Pick<OperationLimits, "maxValues">;
}

export const createExecutionCore = (options: ExecutionCoreOptions): ExecutionCore => {
  const { schema, programs, clients } = options;
  const { maxValues } = options.limits;
  return {
    async admit(request, context) {
      const { operation, variables } = request;
      const coerced = getVariableValues(
        schema,
        operation.variableDefinitions ?? [],
        { ...variables },
        { maxErrors: 20 },
      );
      const refuse = (errors: readonly GraphQLError[]): Admission => {
        context.record.tellErrors(errors);
        return { kind: "refused", errors };
      };
      if (coerced.errors) return refuse(coerced.errors.map((error) => variableError(error, context)));
      const coercedRequest = { ...request, variables: coerced.coerced };
      const refusals = refusalsOf(options, coercedRequest, context.viewer);
      if (refusals.length > 0) return refuse(authorizationErrors(refusals, context));
      if (answerSize(schema, coercedRequest) > maxValues) return refuse([tooLarge(maxValues, context)]);
      const preparing = programs.prepare(coercedRequest);
      const prepared = preparing instanceof Promise ? await planned(preparing, context) : preparing;
      if (prepared.kind === "refused") return refuse([unplannable(prepared.reason, context)]);
      return { kind: "admitted", program: prepared.program, plan: prepared.plan };
    },

    async execute({ program, plan }, request, context, event) {
      const { record, timings } = context;
      const execution: Execution = {
        variables: request.variables,
        async call({ subgraph, ...fetch }) {
          const client = clients.get(subgraph);
          if (!client) throw new Error(`The plan names a subgraph that the supergraph does not have: ${subgraph}.`);
          // A mutation runs on when its client goes: half of one would be worse.
          const signal = request.operation.operation === "mutation" ? undefined : context.signal;
          record.tellFetch();
          const call = () => client.call(fetch, context, signal);
          return timings ? timings.measure(subgraph, fetch, call) : call();
        },
      };
      const { subscription } = program;
      const outcome = event && subscription ? subscription.runEvent(event, execution) : program.run(execution);
      const answer = answerOf(await outcome, request);
      record.tellExecuted();
      record.tellErrors(answer.errors);
      return timings ? { ...answer, extensions: timings.report(plan) } : answer;
    },
  };
};

/** Waits for what is not known yet, and tells the trace. */
const planned = async (preparing: Promise<Prepared>, { span }: RequestContext): Promise<Prepared> => {
  const planning = span.child("graphql.plan");
  let isFailed = true;
  try {
    const prepared = await preparing;
    isFailed = prepared.kind === "refused";
    return prepared;
  } finally {
    // Where nothing is recorded it is the request's own.
    if (planning !== span) planning.end(isFailed);
  }
};

const unplannable = (
  reason: Extract<PlanAnswer, { kind: "refused" }>["reason"],
  context: RequestContext,
): GraphQLError =>
  reason === "too many waiting"
    ? graphQLError("OVERLOADED", "Too many new operations are being prepared. Try again.", {
        retryable: true,
        retryAfterMs: RETRY_AFTER_MS,
        http: { status: 503, headers: new Map([["retry-after", String(Math.ceil(RETRY_AFTER_MS / 1_000))]]) },
      })
    : requestError("GRAPHQL_VALIDATION_FAILED", "The operation is too complex to be planned.", context);

/** Nulls where the schema promises none are told of only where no subgraph told an error, which explains them. */
const answerOf = ({ data, errors, broken }: Outcome, request: OperationRequest): Answer => {
  const found =
    errors.length > 0
      ? errors
      : broken.filter(({ isGone }) => !isGone).map(({ message, path }) => brokenPromise(message, path));
  return { data, errors: errorsForClient(found, request) };
};

/** The status is for media types whose status may tell of GraphQL errors; GraphQL over HTTP asks for 200 otherwise. */
const requestError = (code: ErrorCode, message: string, { statusTellsErrors }: RequestContext): GraphQLError =>
  graphQLError(code, message, { http: { status: statusTellsErrors ? 400 : 200, headers: new Map() } });

const tooLarge = (maxValues: number, context: RequestContext): GraphQLError =>
  requestError("GRAPHQL_VALIDATION_FAILED", refusal(`could answer more than ${maxValues} values`).message, context);

/** Coercion suggests names of input fields, which introspection may be meant to hide. */
const variableError = ({ message }: GraphQLError, context: RequestContext): GraphQLError =>
  requestError("BAD_USER_INPUT", message.replace(/ Did you mean .*$/s, ""), context);

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
