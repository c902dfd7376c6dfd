import { randomUUID } from "node:crypto";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "./log.ts";

/** Codes of top-level GraphQL errors. Clients match on these; a new one is an API addition, a renamed one a break. */
export const ERROR_CODES = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "OVERLOADED",
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_CIRCUIT_OPEN",
  "SUBGRAPH_INVALID_RESPONSE",
  "OUTCOME_UNKNOWN",
  "INTERNAL_SERVER_ERROR",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What is no fault of the client's: ours, or of what is behind us. */
const FAULT_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "OVERLOADED",
  "SUBGRAPH_TIMEOUT",
  "SUBGRAPH_UNAVAILABLE",
  "SUBGRAPH_CIRCUIT_OPEN",
  "SUBGRAPH_INVALID_RESPONSE",
  "OUTCOME_UNKNOWN",
  "INTERNAL_SERVER_ERROR",
]);

export const isFaultCode = (code: string): boolean => FAULT_CODES.has(code);

export const graphQLError = (
  code: ErrorCode,
  message: string,
  extensions: Record<string, unknown> = {},
): GraphQLError => new GraphQLError(message, { extensions: { ...extensions, code } });

export const unauthenticated = (message = "Sign in first: this needs a valid access token."): GraphQLError =>
  graphQLError("UNAUTHENTICATED", message);

export const forbidden = (message = "You are not allowed to do this."): GraphQLError =>
  graphQLError("FORBIDDEN", message);

/** `argument` is the dotted path of the argument at fault, `input.lines.0.quantity`. */
export const badUserInput = (message: string, argument?: string): GraphQLError =>
  graphQLError("BAD_USER_INPUT", message, argument === undefined ? {} : { argument });

/**
 * Makes an error safe for a client. Errors that carry one of our codes pass with their message; anything else is a
 * fault: it is logged whole under an `errorId`, and the client gets that id and nothing else.
 */
export const maskError = (formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError => {
  const code = isRefusedLiteral(error) ? "BAD_USER_INPUT" : (formatted.extensions?.code as ErrorCode | undefined);
  const { stacktrace: _, ...rest } = formatted.extensions ?? {};
  const extensions = { ...rest, code };
  if (code !== undefined && code !== "INTERNAL_SERVER_ERROR" && ERROR_CODES.includes(code)) {
    // graphql-js suggests names that introspection may be meant to hide: of fields, and of variables' input fields too.
    return { ...formatted, message: formatted.message.replace(/ Did you mean .*$/s, ""), extensions };
  }
  const errorId = randomUUID();
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  log.error({ err: cause, errorId, fieldPath: formatted.path }, "unexpected error while answering an operation");
  return {
    message: "Something went wrong on our side. Quote the errorId when you report it.",
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
    extensions: { code: "INTERNAL_SERVER_ERROR", errorId },
  };
};

/**
 * A literal that one of our scalars refused. Validation reports it like a query that does not fit the schema; but it is
 * the client's value that is wrong, as it would be in a variable, and a router in front must not take it for its own fault.
 */
const isRefusedLiteral = (error: unknown): boolean =>
  error instanceof GraphQLError &&
  error.originalError instanceof GraphQLError &&
  error.extensions.code === "GRAPHQL_VALIDATION_FAILED" &&
  error.originalError.extensions.code === "BAD_USER_INPUT";
