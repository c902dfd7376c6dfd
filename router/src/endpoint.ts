import { randomUUID } from "node:crypto";
import type { ApolloServer } from "@apollo/server";
import {
  beginServerSpan,
  errorResponse,
  graphQLError,
  type HttpRequest,
  type HttpResponse,
  headerMap,
  type Logger,
  type OperationKind,
  type RequestMeter,
  type Route,
  unavailableResponse,
} from "@supergraph/service";
import { type GraphQLError, type GraphQLFormattedError, getOperationAST } from "graphql";
import type { Authentication, Authenticator } from "./authentication.ts";
import type { PrepareDocument } from "./documents.ts";
import type { OperationRequest } from "./gateway.ts";
import { type GraphQLParameters, readParameters } from "./graphql-request.ts";
import { type Accepted, EVENT_STREAM_TYPE, GRAPHQL_RESPONSE_TYPE, readAccept } from "./media-types.ts";
import type { RequestContext } from "./request-context.ts";
import { withHeartbeats, writeEvent } from "./sse.ts";
import { RETRY_AFTER_MS } from "./subgraph-failures.ts";
import type { OperationStream } from "./subscriptions.ts";

export interface EndpointDeps {
  readonly apollo: ApolloServer<RequestContext>;
  readonly authenticator: Authenticator;
  readonly prepareDocument: PrepareDocument;
  readonly subscribe: (request: OperationRequest, context: RequestContext, expiresAt: Date | null) => OperationStream;
  readonly formatError: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError;
  readonly heartbeatMs: number;
  /** Aborted when the router stops: ends streams, and nothing else. */
  readonly stopping: AbortSignal;
  readonly requests: RequestMeter;
  readonly log: Logger;
}

/** `/graphql`: queries by GET and POST, mutations by POST, subscriptions as server-sent events by either. */
export const graphqlRoutes = (deps: EndpointDeps): Route[] => {
  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const span = beginServerSpan(`${request.method} /graphql`, request.headers);
    const correlationId = readCorrelationId(request.headers["x-correlation-id"]);
    let isFailed = true;
    try {
      const response = await deps.requests.measure((tell) => answer(request, { correlationId, span }, tell, deps));
      isFailed = response.status >= 500;
      const { traceparent = "" } = span.headers;
      const told = { "x-correlation-id": correlationId, traceresponse: traceparent };
      return { ...response, headers: { ...PRIVATE, ...response.headers, ...told } };
    } finally {
      span.end(isFailed);
    }
  };
  return [
    { method: "GET", path: "/graphql", handle },
    { method: "POST", path: "/graphql", handle },
  ];
};

/** Answers depend on who asks, and hold tokens at times: no browser and no proxy keeps them, or guesses what they are. */
const PRIVATE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

type Identified = Pick<RequestContext, "correlationId" | "span">;

const answer = async (
  request: HttpRequest,
  identified: Identified,
  tellOperation: (kind: OperationKind) => void,
  deps: EndpointDeps,
): Promise<HttpResponse> => {
  const authentication = await deps.authenticator.authenticate(request.headers.authorization);
  if (authentication.kind === "refused") return challenge(authentication.message);
  if (authentication.kind === "unavailable")
    return unavailableResponse(
      "SUBGRAPH_UNAVAILABLE",
      "The access token cannot be verified at the moment. Try again later.",
      RETRY_AFTER_MS,
    );

  const read = readParameters(request);
  if (read.kind === "refused") return errorResponse(read.status, read.code, read.message);
  const { parameters } = read;

  const accepted = readAccept(request.headers.accept);
  const context = {
    ...contextOf(request, authentication, identified, accepted, deps.log),
    tellOperation,
  };
  const refuse = (errors: readonly GraphQLError[]) => refusal(errors, accepted, deps);
  if (parameters.query === undefined) {
    // Apollo Server keeps the texts of persisted queries; streams are opened without it.
    return accepted.json || !accepted.eventStream
      ? executeByApollo(request, parameters, context, deps)
      : refuse([graphQLError("PERSISTED_QUERY_NOT_SUPPORTED", "Send the whole operation to open a stream.")]);
  }

  const prepared = deps.prepareDocument(parameters.query);
  if (prepared.kind === "refused") return refuse(prepared.errors);
  const { document } = prepared;
  const operation = getOperationAST(document, parameters.operationName);
  if (!operation)
    return refuse([
      graphQLError("OPERATION_RESOLUTION_FAILURE", "`operationName` must name one of the operations in the document."),
    ]);

  tellOperation(operation.operation);
  if (operation.operation === "subscription") {
    if (!accepted.eventStream) return refuse([NOT_ACCEPTABLE]);
    const expiresAt = authentication.kind === "viewer" ? authentication.expiresAt : null;
    const signal = AbortSignal.any([request.signal, deps.stopping]);
    const stream = deps.subscribe(
      { document, operation, variables: parameters.variables },
      { ...context, signal },
      expiresAt,
    );
    return stream.kind === "refused" ? refuse(stream.errors) : streamResponse(stream.events, deps.heartbeatMs, signal);
  }
  const response = await executeByApollo(request, parameters, context, deps);
  return accepted.json || !accepted.eventStream ? response : asEventStream(response, deps.heartbeatMs, request.signal);
};

const NOT_ACCEPTABLE = graphQLError(
  "BAD_REQUEST",
  `Subscriptions are answered as server-sent events: send \`Accept: ${EVENT_STREAM_TYPE}\`.`,
  { http: { status: 406 } },
);

const executeByApollo = async (
  request: HttpRequest,
  parameters: GraphQLParameters,
  context: RequestContext,
  { apollo }: EndpointDeps,
): Promise<HttpResponse> => {
  const headers = headerMap(request);
  // A result that is to go into a stream is asked for as JSON.
  const { json, eventStream } = readAccept(request.headers.accept);
  if (eventStream && !json) headers.set("accept", GRAPHQL_RESPONSE_TYPE);
  const {
    status,
    headers: answered,
    body,
  } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method === "HEAD" ? "GET" : request.method,
      headers,
      search: request.url.search,
      // Apollo Server takes a key that is there for one that was sent.
      body:
        request.method === "POST"
          ? Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined))
          : undefined,
    },
    context: async () => context,
  });
  return {
    status: status ?? 200,
    headers: Object.fromEntries(answered),
    body: body.kind === "complete" ? body.string : body.asyncIterator,
  };
};

/** Answers errors that were found before Apollo Server saw the request, with the status that they carry; 400 if none. */
const refusal = (
  errors: readonly GraphQLError[],
  { graphqlResponse }: Accepted,
  { formatError }: EndpointDeps,
): HttpResponse => {
  const status = errors.map(httpStatusOf).find((found) => found !== undefined) ?? 400;
  const formatted = errors.map((error) => {
    const { http: _, ...extensions } = error.extensions;
    return formatError({ ...error.toJSON(), extensions }, error);
  });
  return {
    status,
    headers: {
      "content-type": `${graphqlResponse ? GRAPHQL_RESPONSE_TYPE : "application/json"}; charset=utf-8`,
      "cache-control": "no-store",
      ...(status === 401 ? { "www-authenticate": CHALLENGE } : {}),
      ...(status === 503 ? { "retry-after": String(Math.ceil(RETRY_AFTER_MS / 1_000)) } : {}),
    },
    body: JSON.stringify({ errors: formatted }),
  };
};

const httpStatusOf = ({ extensions: { http } }: GraphQLError): number | undefined =>
  typeof http === "object" && http !== null && "status" in http && typeof http.status === "number"
    ? http.status
    : undefined;

const CHALLENGE = 'Bearer realm="graphql"';

const challenge = (message: string): HttpResponse => {
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

const streamResponse = (events: AsyncGenerator<string>, heartbeatMs: number, signal: AbortSignal): HttpResponse => ({
  status: 200,
  headers: {
    "content-type": `${EVENT_STREAM_TYPE}; charset=utf-8`,
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  },
  body: withHeartbeats(events, heartbeatMs, signal),
});

/** A query's or mutation's result as a stream of one event, for clients that send everything that way. */
const asEventStream = (response: HttpResponse, heartbeatMs: number, signal: AbortSignal): HttpResponse => {
  if (typeof response.body !== "string" || response.status === 401) return response;
  const result = response.body;
  const events = async function* () {
    yield writeEvent("next", result);
    yield writeEvent("complete");
  };
  return streamResponse(events(), heartbeatMs, signal);
};

const contextOf = (
  { signal }: HttpRequest,
  authentication: Extract<Authentication, { kind: "guest" | "viewer" }>,
  { correlationId, span }: Identified,
  { graphqlResponse }: Accepted,
  log: Logger,
): Omit<RequestContext, "tellOperation"> => ({
  viewer: authentication.kind === "viewer" ? authentication.viewer : null,
  correlationId,
  span,
  signal,
  statusTellsErrors: graphqlResponse,
  log: log.child({ correlationId, traceId: span.traceId }),
});

/** A client's id is taken over when it is one that may stand in logs and headers. */
const readCorrelationId = (header: string | string[] | undefined): string =>
  typeof header === "string" && /^[\w-]{8,64}$/.test(header) ? header : randomUUID();
