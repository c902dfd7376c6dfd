import type { IncomingHttpHeaders } from "node:http";
import type { GraphQLFormattedError } from "graphql";
import type { RequestContext } from "../request-context.ts";
import type { SubgraphFailure } from "../subgraph-failures.ts";

/** What goes to a subgraph. */
export interface SubgraphFetch {
  /** A GraphQL request as JSON. */
  readonly body: string;
  readonly isMutation: boolean;
}

/** One of the two is there at least. Objects in `data` may hold any name, see `executor/json.ts`. */
export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

export type SubgraphAnswer =
  | { readonly kind: "answered"; readonly response: SubgraphResponse }
  | {
      readonly kind: "failed";
      readonly failure: SubgraphFailure;
      /** Where more is known of when to try again than that it takes a while. */
      readonly retryAfterMs?: number;
    };

export type Subscription = { readonly kind: "open"; readonly events: AsyncGenerator<SubgraphAnswer> } | SubgraphAnswer;

/** What a call carries beside the fetch. One object for all calls of a client's request makes them cheapest. */
export interface CallContext extends Pick<RequestContext, "viewer" | "correlationId" | "span" | "log"> {
  /** As the client sent them: what a subgraph sees of them its header rules say. */
  readonly clientHeaders: IncomingHttpHeaders;
}

/** What became of a call within this folder. */
export type Outcome =
  /** `text` is the same once more, for who shares the call. */
  { readonly kind: "answered"; readonly response: SubgraphResponse; readonly text: string } | Failed;

export interface Failed {
  readonly kind: "failed";
  readonly failure: SubgraphFailure;
  /** What it tells of the subgraph's health: that it is ill, that it answers at least, or nothing. */
  readonly health: "ill" | "alive" | "unknown";
  /** Whether the same fetch may be sent again at once: nothing can happen twice, and it may help. */
  readonly mayRepeat: boolean;
  /** What the subgraph asked for, or what is known of when to try again. */
  readonly retryAfterMs: number | null;
  /** For the log only; null for what nobody is to look at. */
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** What became of a fetch that was sent and not answered: a query changed nothing, of a mutation nobody knows. */
export const ofSent = ({ isMutation }: SubgraphFetch, failure: SubgraphFailure): SubgraphFailure =>
  isMutation ? "OUTCOME_UNKNOWN" : failure;

/** Nobody waits for the answer any more: nothing is wrong with the subgraph, and nobody reads this. */
export const ABANDONED: Failed = {
  kind: "failed",
  failure: "SUBGRAPH_UNAVAILABLE",
  health: "unknown",
  mayRepeat: false,
  retryAfterMs: null,
  detail: null,
};
