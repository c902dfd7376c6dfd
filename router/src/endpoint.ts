import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import {
  beginServerSpan,
  errorResponse,
  graphQLError,
  type HandedSpan,
  type HttpRequest,
  type HttpResponse,
  isFaultCode,
  type Logger,
  type Route,
  unavailableResponse,
} from "@supergraph/service";
import { type GraphQLError, getOperationAST } from "graphql";
import type { Authentication, Authenticator } from "./authentication.ts";
import type { CompleteRouterConfig } from "./config/settings.ts";
import { executeByApollo, executeDirectly } from "./execution.ts";
import { createFetchTimings, type FetchTimings } from "./fetch-timings.ts";
import type { Generation } from "./generations/generation.ts";
import { type GraphQLParameters, readParameters } from "./graphql-request.ts";
import { type Accepted, EVENT_STREAM_TYPE, readAccept } from "./media-types.ts";
import type { RouterMeters } from "./meters.ts";
import { logOperation } from "./operation-log.ts";
import { createOperationRecord, type OperationRecord } from "./operation-record.ts";
import type { RequestContext } from "./request-context.ts";
import { asEventStream, challenge, type FormatError, refusal, streamResponse } from "./responses.ts";
import { RETRY_AFTER_MS } from "./subgraph-failures.ts";
import type { Subscribe } from "./subscriptions.ts";

export interface EndpointDeps {
  /** The one that serves now. */
  readonly generation: () => Generation;
  readonly authenticator: Authenticator;
  readonly subscribe: Subscribe;
  readonly formatError: FormatError;
  readonly config: Pick<CompleteRouterConfig, "subscriptions" | "server" | "plans" | "log">;
  /** Aborted when the router stops: ends streams, and nothing else. */
  readonly stopping: AbortSignal;
  readonly meters: RouterMeters;
  readonly log: Logger;
  readonly operationLog: Logger;
}

/** `/graphql`: queries by GET and POST, mutations by POST, subscriptions as server-sent events by either. */
export const graphqlRoutes = (deps: EndpointDeps): Route[] => {
  const handle = (request: HttpRequest): Promise<HttpResponse> => handleOn(deps.generation(), request, deps);
  return [
    { method: "GET", path: "/graphql", handle },
    { method: "POST", path: "/graphql", handle },
  ];
};

/** Answers depend on who asks, and hold tokens at times: no browser and no proxy keeps them, or guesses what they are. */
const PRIVATE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** What there is of a request before anything of it was read. */
interface Begun {
  readonly generation: Generation;
  readonly correlationId: string;
  readonly span: HandedSpan;
  readonly record: OperationRecord;
}

const handleOn = async (generation: Generation, request: HttpRequest, deps: EndpointDeps): Promise<HttpResponse> => {
  const { meters, config } = deps;
  const leave = generation.enter();
  const startedAt = performance.now();
  const span = beginServerSpan(`${request.method} /graphql`, request.headers, SPAN_ATTRIBUTES[request.method]);
  const correlationId = readCorrelationId(request.headers["x-correlation-id"]);
  const record = createOperationRecord();
  let status = 500;
  let isStream = false;
  try {
    const response = await meters.requests.measure(async (tell) => {
      const answered = await answer(request, { generation, correlationId, span, record }, deps);
      tell(record.kind);
      return answered;
    });
    status = response.status;
    const { traceparent = "" } = span.headers;
    const headers = {
      ...PRIVATE,
      ...response.headers,
      "x-correlation-id": correlationId,
      traceresponse: traceparent,
    };
    const { body } = response;
    if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) return { ...response, headers };
    isStream = true;
    return { ...response, headers, body: releasing(body, leave) };
  } finally {
    if (!isStream) leave();
    const seconds = (performance.now() - startedAt) / 1_000;
    const outcome = record.errorCodes.size === 0 ? "answered" : record.isExecuted ? "partial" : "refused";
    if (record.kind !== "none") meters.operation({ kind: record.kind, name: record.name, outcome }, seconds);
    // Nobody was told of what came of a request whose client went away.
    if ((status >= 500 || [...record.errorCodes].some(isFaultCode)) && !request.signal.aborted)
      meters.faulted(record.kind);
    if (span.isRecorded) {
      span.set("http.response.status_code", status);
      span.set("graphql.operation.type", record.kind);
      if (record.name !== null) span.set("graphql.operation.name", record.name);
    }
    span.end(status >= 500);
    if (config.log.operations)
      logOperation(deps.operationLog, { record, status, seconds, correlationId, traceId: span.traceId, generation });
  }
};

const SPAN_ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GET: { "http.request.method": "GET", "url.path": "/graphql" },
  HEAD: { "http.request.method": "HEAD", "url.path": "/graphql" },
  POST: { "http.request.method": "POST", "url.path": "/graphql" },
};

/**
 * Calls `release` when the body has ended, or nobody reads it any more. Not a generator: one that was never begun does not notice
 * that it is given up.
 */
const releasing = <Chunk>(body: AsyncIterable<Chunk>, release: () => void): AsyncIterableIterator<Chunk> => {
  const source = body[Symbol.asyncIterator]();
  let isReleased = false;
  const releaseOnce = (): void => {
    if (!isReleased) release();
    isReleased = true;
  };
  return {
    async next() {
      try {
        const result = await source.next();
        if (result.done) releaseOnce();
        return result;
      } catch (error) {
        releaseOnce();
        throw error;
      }
    },
    async return() {
      releaseOnce();
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

const answer = async (request: HttpRequest, begun: Begun, deps: EndpointDeps): Promise<HttpResponse> => {
  const { generation, record } = begun;
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
  const refuse = (errors: readonly GraphQLError[]): HttpResponse => {
    record.tellErrors(errors);
    return refusal(errors, accepted, deps.formatError);
  };
  const timings = timingsFor(request, authentication, deps.config.plans);
  if (timings === "forbidden") return refuse([plansForbidden(authentication, deps.config.plans.scope)]);
  const contextOf = (signal: AbortSignal): RequestContext =>
    new Context(begun, request.headers, signal, authentication, accepted, timings, deps.log);

  if (parameters.query === undefined) {
    // Apollo Server keeps the texts of persisted queries; streams are opened without it.
    return accepted.json || !accepted.eventStream
      ? executeByApollo(generation.apollo, request, parameters, contextOf(request.signal))
      : refuse([graphQLError("PERSISTED_QUERY_NOT_SUPPORTED", "Send the whole operation to open a stream.")]);
  }

  const prepared = generation.documents.prepare(parameters.query, begun.span);
  if (prepared.kind === "refused") return refuse(prepared.errors);
  const { document } = prepared;
  const operation = getOperationAST(document, parameters.operationName);
  if (!operation)
    return refuse([
      graphQLError("OPERATION_RESOLUTION_FAILURE", "`operationName` must name one of the operations in the document."),
    ]);

  record.tellOperation(operation);
  const operationRequest = { document, operation, variables: parameters.variables };
  const { heartbeatMs } = deps.config.subscriptions;
  if (operation.operation === "subscription") {
    if (!accepted.eventStream) return refuse([NOT_ACCEPTABLE]);
    const expiresAt = authentication.kind === "viewer" ? authentication.expiresAt : null;
    const signal = AbortSignal.any([request.signal, deps.stopping, generation.ending]);
    const stream = await deps.subscribe(generation, operationRequest, contextOf(signal), expiresAt);
    return stream.kind === "refused" ? refuse(stream.errors) : streamResponse(stream.events, heartbeatMs, signal);
  }
  const context = contextOf(request.signal);
  const response =
    deps.config.server.fastPath && passesApolloBy(request, parameters, accepted)
      ? await executeDirectly(generation.core, operationRequest, context, accepted, deps.formatError)
      : await executeByApollo(generation.apollo, request, parameters, context);
  return accepted.json || !accepted.eventStream ? response : asEventStream(response, heartbeatMs, request.signal);
};

/**
 * Whether nothing of what Apollo Server is for concerns a request: no persisted query, no GET (whose CSRF prevention and
 * refusal of mutations are its own), an answer in JSON.
 */
const passesApolloBy = ({ method }: HttpRequest, { extensions }: GraphQLParameters, accepted: Accepted): boolean =>
  method === "POST" && extensions?.persistedQuery === undefined && accepted.json;

const NOT_ACCEPTABLE = graphQLError(
  "BAD_REQUEST",
  `Subscriptions are answered as server-sent events: send \`Accept: ${EVENT_STREAM_TYPE}\`.`,
  { http: { status: 406 } },
);

/** Asks to see the plan and how long each fetch takes. */
const PLAN_HEADER = "x-router-plan";

type Known = Extract<Authentication, { kind: "guest" | "viewer" }>;

const timingsFor = (
  { headers }: HttpRequest,
  authentication: Known,
  { everybody, scope }: CompleteRouterConfig["plans"],
): FetchTimings | null | "forbidden" => {
  if (headers[PLAN_HEADER] === undefined) return null;
  const isAllowed = everybody || (authentication.kind === "viewer" && authentication.viewer.scopes.includes(scope));
  return isAllowed ? createFetchTimings() : "forbidden";
};

const plansForbidden = ({ kind }: Known, scope: string): GraphQLError =>
  kind === "guest"
    ? graphQLError("UNAUTHENTICATED", "Sign in first: plans are not shown to guests.", { http: { status: 401 } })
    : graphQLError("FORBIDDEN", `Plans are shown to who has the scope ${scope}.`, { http: { status: 403 } });

/** A class, since there is one for each request. Nothing in it is `#private`: Apollo Server makes a copy. */
class Context implements RequestContext {
  readonly viewer;
  readonly correlationId;
  readonly clientHeaders;
  readonly span;
  readonly signal;
  readonly statusTellsErrors;
  readonly record;
  readonly timings;
  private readonly parentLog: Logger;
  private ownLog: Logger | undefined;
  constructor(
    { correlationId, span, record }: Begun,
    clientHeaders: IncomingHttpHeaders,
    signal: AbortSignal,
    authentication: Known,
    accepted: Accepted,
    timings: FetchTimings | null,
    log: Logger,
  ) {
    this.viewer = authentication.kind === "viewer" ? authentication.viewer : null;
    this.correlationId = correlationId;
    this.clientHeaders = clientHeaders;
    this.span = span;
    this.signal = signal;
    this.statusTellsErrors = accepted.graphqlResponse || !accepted.json;
    this.record = record;
    this.timings = timings;
    this.parentLog = log;
  }
  /** Most requests never log by themselves. */
  get log(): Logger {
    this.ownLog ??= this.parentLog.child({ correlationId: this.correlationId, traceId: this.span.traceId });
    return this.ownLog;
  }
}

/** A client's id is taken over when it is one that may stand in logs and headers. */
const readCorrelationId = (header: string | string[] | undefined): string =>
  typeof header === "string" && /^[\w-]{8,64}$/.test(header) ? header : randomUUID();
