import { graphQLError } from "@supergraph/service";
import type { GraphQLError } from "graphql";
import type { OperationRequest } from "./core.ts";
import type { Generation } from "./generations/generation.ts";
import type { RequestContext } from "./request-context.ts";
import { type FormatError, formatErrors } from "./responses.ts";
import { writeResult } from "./result.ts";
import { writeEvent } from "./sse.ts";
import { RETRY_AFTER_MS } from "./subgraph-failures.ts";
import type { SubgraphAnswer } from "./subgraphs/call.ts";

export type OperationStream =
  /** Texts of server-sent events, until the client or the router goes, the token expires, or the subgraph completes. */
  | { readonly kind: "stream"; readonly events: AsyncGenerator<string> }
  | { readonly kind: "refused"; readonly errors: readonly GraphQLError[] };

export type Subscribe = (
  generation: Pick<Generation, "core" | "clients">,
  request: OperationRequest,
  context: RequestContext,
  expiresAt: Date | null,
) => Promise<OperationStream>;

export interface Subscriptions {
  readonly subscribe: Subscribe;
  /** Streams that are open. */
  open(): number;
}

/**
 * Opens subscriptions: the subgraph of the root field streams, and each of its events is completed with the fields of
 * the other subgraphs before it goes to the client.
 */
export const createSubscriptions = ({
  formatError,
  maxOpen,
}: {
  readonly formatError: FormatError;
  readonly maxOpen: number;
}): Subscriptions => {
  let open = 0;

  const subscribe: Subscribe = async ({ core, clients }, request, context, expiresAt) => {
    const admission = await core.admit(request, context);
    if (admission.kind === "refused") return admission;
    const { subscription } = admission.program;
    if (!subscription)
      return { kind: "refused", errors: [graphQLError("BAD_REQUEST", "The operation is not a subscription.")] };
    const { subgraph } = subscription;
    const client = clients.get(subgraph);
    if (!client) throw new Error(`The plan names a subgraph that the supergraph does not have: ${subgraph}.`);
    if (open >= maxOpen)
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

    /** One event for the client: what the subgraph told, completed with what others know. */
    const complete = async (answer: SubgraphAnswer): Promise<string> => {
      const { data, errors } = await core.execute(admission, request, context, answer);
      return writeEvent("next", writeResult({ data, errors: formatErrors(errors, formatError) }));
    };

    const run = async function* (): AsyncGenerator<string> {
      open += 1;
      const ends = createEnds(context.signal, expiresAt);
      try {
        const opened = await client.subscribe(subscription.request(request.variables), context, ends.signal);
        if (opened.kind === "open") for await (const answer of opened.events) yield await complete(answer);
        else if (!ends.signal.aborted) yield await complete(opened);
        if (ends.expired()) yield writeEvent("next", writeResult({ errors: [EXPIRED.toJSON()] }));
        // A stopping router leaves this out, so that the client subscribes again, elsewhere.
        if (!ends.signal.aborted || ends.expired()) yield writeEvent("complete");
      } finally {
        ends.clear();
        open -= 1;
      }
    };
    return { kind: "stream", events: run() };
  };

  return { subscribe, open: () => open };
};

const EXPIRED = graphQLError(
  "UNAUTHENTICATED",
  "The access token has expired: refresh the session and subscribe again.",
);

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
