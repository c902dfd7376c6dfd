import type { ApolloServerPlugin } from "@apollo/server";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { ErrorCode } from "./errors.ts";
import type { Logger } from "./log.ts";

/**
 * Whether an error says that what the subgraph needs is away, and what became of the work that met it: "undone" where it
 * surely did nothing, "unknown" where nobody can tell; null for any other error. `@supergraph/postgres` has one.
 */
export type OutageOf = (error: unknown) => "undone" | "unknown" | null;

export interface Outages {
  /** Notes of each error which operation it is of. */
  readonly plugin: ApolloServerPlugin;
  /** What a client is told of the error when it is an outage; null when it is none. */
  told(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError | null;
}

const RETRY_AFTER_MS = 1_000;

/**
 * A database that is away is no fault of ours to be reported, but something to try again: told as SUBGRAPH_UNAVAILABLE,
 * and as OUTCOME_UNKNOWN of a mutation that may have taken effect.
 */
export const createOutages = (outageOf: OutageOf, log: Logger): Outages => {
  const queries = new WeakSet<object>();
  return {
    plugin: {
      async requestDidStart() {
        return {
          async didEncounterErrors({ errors, operation }) {
            if (operation?.operation === "query") for (const error of errors) queries.add(error);
          },
        };
      },
    },
    told(formatted, error) {
      const cause = error instanceof GraphQLError ? error.originalError : undefined;
      const outage = outageOf(cause);
      if (outage === null || !(error instanceof GraphQLError)) return null;
      log.warn({ err: cause, fieldPath: formatted.path, outage }, "what an operation needs is away");
      // Below a mutation's own field it is the mutation's answer that is lost: that it took effect is known.
      const isBelowRoot = (error.path?.length ?? 0) > 1;
      const mayHaveTakenEffect = outage === "unknown" && !queries.has(error) && !isBelowRoot;
      return {
        message: mayHaveTakenEffect
          ? "It is not known whether this took effect. Look before you repeat it, or repeat it under the same idempotency key."
          : "This part of the answer is not available at the moment. Try again later.",
        ...(formatted.locations ? { locations: formatted.locations } : {}),
        ...(formatted.path ? { path: formatted.path } : {}),
        extensions: mayHaveTakenEffect
          ? { code: "OUTCOME_UNKNOWN" satisfies ErrorCode, retryable: false }
          : { code: "SUBGRAPH_UNAVAILABLE" satisfies ErrorCode, retryable: true, retryAfterMs: RETRY_AFTER_MS },
      };
    },
  };
};
