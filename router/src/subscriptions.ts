import type { ServiceMap } from "@apollo/gateway/dist/executeQueryPlan.js";
import type { QueryPlan, SubscriptionNode } from "@apollo/query-planner";
import type { GatewayGraphQLRequestContext, GatewayGraphQLResponse } from "@apollo/server-gateway-interface";
import { graphQLError } from "@supergraph/service";
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import type { ExecutionCore, OperationRequest } from "./gateway.ts";
import type { RequestContext } from "./request-context.ts";
import { writeEvent } from "./sse.ts";
import type { SubgraphAnswer, SubgraphClient } from "./subgraph-client.ts";
import { errorsOfFailedFetch, RETRY_AFTER_MS } from "./subgraph-failures.ts";

export type OperationStream =
  /** Texts of server-sent events, until the client or the router goes, the token expires, or the subgraph completes. */
  | { readonly kind: "stream"; readonly events: AsyncGenerator<string> }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

export type RequestContextOf = (
  request: OperationRequest,
  context: RequestContext,
) => GatewayGraphQLRequestContext<RequestContext & Record<string, unknown>>;

export interface SubscriptionDeps {
  readonly core: ExecutionCore;
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  readonly requestContextOf: RequestContextOf;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  readonly maxSubscriptions: number;
}

/**
 * Opens subscriptions: the subgraph of the root field streams, and each of its events is completed with the fields of
 * the other subgraphs before it goes to the client.
 */
export const createSubscribe = ({
  core,
  clients,
  requestContextOf,
  formatError,
  maxSubscriptions,
}: SubscriptionDeps) => {
  let open = 0;

  return (request: OperationRequest, context: RequestContext, expiresAt: Date | null): OperationStream => {
    const admission = core.admit(request, context);
    if (admission.kind === "refused") return admission;
    const { node } = admission.plan;
    if (node?.kind !== "Subscription")
      return { kind: "refused", errors: [graphQLError("BAD_REQUEST", "The operation is not a subscription.")] };
    const client = clients.get(node.primary.serviceName);
    if (!client)
      throw new Error(`The plan names a subgraph that the supergraph does not have: ${node.primary.serviceName}.`);
    if (open >= maxSubscriptions)
      return {
        kind: "refused",
        errors: [
          graphQLError("OVERLOADED", "Too many subscriptions are open. Try again later.", {
            retryable: true,
            retryAfterMs: RETRY_AFTER_MS,
            http: { status: 503 },
          }),
        ],
      };

    /** One event for the client: `answer` in the place of the plan's first fetch, then the plan's rest. */
    const complete = async (answer: SubgraphAnswer): Promise<string> => {
      const response: GatewayGraphQLResponse =
        answer.kind === "answered"
          ? answer.response
          : { errors: errorsOfFailedFetch(answer.failure, primaryFetch(node, request)) };
      const { data, errors } = await core.execute(
        planOfEvent(node),
        request,
        requestContextOf(request, context),
        answeringPrimary(clients, node, response),
      );
      return writeEvent("next", {
        ...(errors ? { errors: errors.map((error) => formatError(error.toJSON(), error)) } : {}),
        ...(data === undefined ? {} : { data }),
      });
    };

    const run = async function* (): AsyncGenerator<string> {
      open += 1;
      const ends = createEnds(context.signal, expiresAt);
      try {
        const subscription = await client.subscribe(primaryFetch(node, request), context, ends.signal);
        if (subscription.kind === "open") for await (const answer of subscription.events) yield await complete(answer);
        else if (!ends.signal.aborted) yield await complete(subscription);
        if (ends.expired()) yield writeEvent("next", { errors: [EXPIRED.toJSON()] });
        // A stopping router leaves this out, so that the client subscribes again, elsewhere.
        if (!ends.signal.aborted || ends.expired()) yield writeEvent("complete");
      } finally {
        ends.clear();
        open -= 1;
      }
    };
    return { kind: "stream", events: run() };
  };
};

const EXPIRED = graphQLError(
  "UNAUTHENTICATED",
  "The access token has expired: refresh the session and subscribe again.",
);

const primaryFetch = ({ primary }: SubscriptionNode, { variables }: OperationRequest) => ({
  query: primary.operation,
  operationName: primary.operationName,
  variables: Object.fromEntries(
    (primary.variableUsages ?? []).filter((name) => name in variables).map((name) => [name, variables[name]]),
  ),
});

const planOfEvent = ({ primary, rest }: SubscriptionNode): QueryPlan => ({
  kind: "QueryPlan",
  node: rest ? { kind: "Sequence", nodes: [primary, rest] } : primary,
});

const answeringPrimary = (
  clients: ReadonlyMap<string, SubgraphClient>,
  { primary }: SubscriptionNode,
  response: GatewayGraphQLResponse,
): ServiceMap => ({
  ...Object.fromEntries(clients),
  [primary.serviceName]: {
    // The same subgraph may also be asked in the rest of the plan.
    process: async (options) => {
      if (options.request.query === primary.operation) return response;
      const client = clients.get(primary.serviceName);
      if (!client) throw new Error(`No subgraph is called ${primary.serviceName}.`);
      return client.process({ ...options, context: options.context } as Parameters<SubgraphClient["process"]>[0]);
    },
  },
});

interface Ends {
  /** Aborted when the client has gone, the router stops, or the token has expired. */
  readonly signal: AbortSignal;
  expired(): boolean;
  clear(): void;
}

/** Longer waits overflow Node's timers and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const createEnds = (client: AbortSignal, expiresAt: Date | null): Ends => {
  const controller = new AbortController();
  const gone = (): void => controller.abort();
  client.addEventListener("abort", gone, { once: true });
  if (client.aborted) gone();
  let expired = false;
  const timer =
    expiresAt &&
    setTimeout(
      () => {
        expired = true;
        controller.abort();
      },
      Math.min(Math.max(expiresAt.getTime() - Date.now(), 0), LONGEST_TIMER_MS),
    );
  return {
    signal: controller.signal,
    expired: () => expired,
    clear() {
      client.removeEventListener("abort", gone);
      if (timer) clearTimeout(timer);
    },
  };
};
