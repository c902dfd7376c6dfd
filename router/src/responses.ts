import { errorResponse, type HttpResponse } from "@supergraph/service";
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { type Accepted, EVENT_STREAM_TYPE, GRAPHQL_RESPONSE_TYPE, JSON_TYPE } from "./media-types.ts";
import { withHeartbeats, writeEvent } from "./sse.ts";
import { RETRY_AFTER_MS } from "./subgraph-failures.ts";

export type FormatError = (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;

/** Errors as a client gets them: without what is for the HTTP response only, and masked. */
export const formatErrors = (errors: readonly GraphQLError[], formatError: FormatError): GraphQLFormattedError[] =>
  errors.map((error) => {
    const { http: _, ...extensions } = error.extensions;
    return formatError({ ...error.toJSON(), extensions }, error);
  });

/** A GraphQL response that is written already. */
export const resultResponse = (status: number, { graphqlResponse }: Accepted, body: string): HttpResponse => ({
  status,
  headers: {
    "content-type": `${graphqlResponse ? GRAPHQL_RESPONSE_TYPE : JSON_TYPE}; charset=utf-8`,
    "cache-control": "no-store",
  },
  body,
});

/**
 * Answers errors in place of a result, with the status that they carry. Those of the document itself carry none: as
 * GraphQL over HTTP asks for it, they are 400 where the media type lets the status tell of them, and 200 as plain JSON.
 */
export const refusal = (
  errors: readonly GraphQLError[],
  accepted: Accepted,
  formatError: FormatError,
): HttpResponse => {
  const status =
    errors.map(httpStatusOf).find((found) => found !== undefined) ??
    (accepted.graphqlResponse || !accepted.json ? 400 : 200);
  const response = resultResponse(status, accepted, JSON.stringify({ errors: formatErrors(errors, formatError) }));
  return {
    ...response,
    headers: {
      ...response.headers,
      ...(status === 401 ? { "www-authenticate": CHALLENGE } : {}),
      ...(status === 503 ? { "retry-after": String(Math.ceil(RETRY_AFTER_MS / 1_000)) } : {}),
    },
  };
};

const httpStatusOf = ({ extensions: { http } }: GraphQLError): number | undefined =>
  typeof http === "object" && http !== null && "status" in http && typeof http.status === "number"
    ? http.status
    : undefined;

const CHALLENGE = 'Bearer realm="graphql"';

/** For a token that proves nothing. */
export const challenge = (message: string): HttpResponse => {
  const response = errorResponse(401, "UNAUTHENTICATED", message);
  return {
    ...response,
    headers: {
      ...response.headers,
      "www-authenticate": `${CHALLENGE}, error="invalid_token"`,
      "cache-control": "no-store",
    },
  };
};

export const streamResponse = (
  events: AsyncGenerator<string>,
  heartbeatMs: number,
  signal: AbortSignal,
): HttpResponse => ({
  status: 200,
  headers: {
    "content-type": `${EVENT_STREAM_TYPE}; charset=utf-8`,
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  },
  body: withHeartbeats(events, heartbeatMs, signal),
});

/** A query's or mutation's result as a stream of one event, for clients that send everything that way. */
export const asEventStream = (response: HttpResponse, heartbeatMs: number, signal: AbortSignal): HttpResponse => {
  if (typeof response.body !== "string" || response.status === 401) return response;
  const result = response.body;
  const events = async function* () {
    yield writeEvent("next", result);
    yield writeEvent("complete");
  };
  return streamResponse(events(), heartbeatMs, signal);
};
