import { type ErrorCode, graphQLError } from "@supergraph/service";
import { type DocumentNode, type GraphQLFormattedError, Kind, type SelectionSetNode } from "graphql";

/**
 * Why a subgraph gave no answer that can be used. Of a mutation each but `OUTCOME_UNKNOWN` says that it did nothing:
 * it never reached the subgraph, or was refused there.
 */
export type SubgraphFailure =
  | "SUBGRAPH_TIMEOUT"
  | "SUBGRAPH_UNAVAILABLE"
  /** It failed too often a moment ago, and was not asked. */
  | "SUBGRAPH_CIRCUIT_OPEN"
  | "SUBGRAPH_INVALID_RESPONSE"
  | "OUTCOME_UNKNOWN";

const MESSAGES: Record<SubgraphFailure, string> = {
  SUBGRAPH_TIMEOUT: "This part of the answer did not come in time. Try again.",
  SUBGRAPH_UNAVAILABLE: "This part of the answer is not available at the moment. Try again later.",
  SUBGRAPH_CIRCUIT_OPEN: "This part of the answer fails too often at the moment. Try again later.",
  SUBGRAPH_INVALID_RESPONSE: "This part of the answer could not be read.",
  OUTCOME_UNKNOWN:
    "It is not known whether this took effect: the answer was lost. Look before you repeat it, or repeat it under the same idempotency key.",
};

const RETRYABLE: readonly SubgraphFailure[] = ["SUBGRAPH_TIMEOUT", "SUBGRAPH_UNAVAILABLE", "SUBGRAPH_CIRCUIT_OPEN"];

/** About as long as a subgraph takes to start. */
export const RETRY_AFTER_MS = 1_000;

/** The message names no service and no address: those are in the log. */
export const failureError = (failure: SubgraphFailure, retryAfterMs: number = RETRY_AFTER_MS) =>
  graphQLError(
    failure,
    MESSAGES[failure],
    RETRYABLE.includes(failure) ? { retryable: true, retryAfterMs } : { retryable: false },
  );

/** Codes that a subgraph may answer a client with; a code that blames the router's own request is the router's fault. */
const CODES_FOR_CLIENTS: readonly ErrorCode[] = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "BAD_USER_INPUT",
  "OVERLOADED",
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_CIRCUIT_OPEN",
  "OUTCOME_UNKNOWN",
  "INTERNAL_SERVER_ERROR",
];

/** Codes that are about the client's request although the HTTP status tells of an error. */
const ANSWERED_WITH_ERROR_STATUS: readonly ErrorCode[] = [
  "BAD_USER_INPUT",
  "OVERLOADED",
  "SUBGRAPH_UNAVAILABLE",
  "OUTCOME_UNKNOWN",
  "INTERNAL_SERVER_ERROR",
];

/**
 * Whether an error of a subgraph blames what the router sent: the schemas differ, or the router's key is not known there.
 * A code of the subgraph's own is neither, and is masked later.
 */
export const blamesRouter = (error: GraphQLFormattedError, httpStatus: number): boolean => {
  const code = error.extensions?.code;
  if (httpStatus >= 400) return !ANSWERED_WITH_ERROR_STATUS.some((known) => known === code);
  return (
    typeof code === "string" &&
    (code.startsWith("GRAPHQL_") || code.startsWith("PERSISTED_QUERY_") || code === "BAD_REQUEST") &&
    !CODES_FOR_CLIENTS.some((known) => known === code)
  );
};

/**
 * Response names of what `document` fetches: of root fields, or of entities' fields where `typeName`, the type of an
 * entity, is given. So that each null that a client gets for a failed fetch is explained.
 */
export const namesFetched = ({ definitions }: DocumentNode, typeName: string | undefined): string[] => {
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (!operation) return [];
  if (typeName === undefined) return fieldsOf(operation.selectionSet, undefined);
  const entities = operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD)?.selectionSet;
  return entities ? fieldsOf(entities, typeName) : [];
};

/** Response names of the fields that are selected on `typeName`; of all types when none is given. */
const fieldsOf = ({ selections }: SelectionSetNode, typeName: string | undefined): string[] => [
  ...new Set(
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD)
        return selection.name.value === "__typename" ? [] : [selection.alias?.value ?? selection.name.value];
      if (selection.kind !== Kind.INLINE_FRAGMENT) return [];
      const condition = selection.typeCondition?.name.value;
      if (condition !== undefined && typeName !== undefined && condition !== typeName) return [];
      return fieldsOf(selection.selectionSet, typeName);
    }),
  ),
];
