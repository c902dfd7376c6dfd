import { IDLE_GRACE_MS, type RequestSigner, ROUTER_SIGNATURE_HEADER } from "@supergraph/service";
import type { GraphQLFormattedError } from "graphql";
import { type Dispatcher, Pool } from "undici";
import { z } from "zod";
import { createDeadline, type Deadline } from "./deadline.ts";
import type { RequestContext } from "./request-context.ts";
import { noteSending, tellSending } from "./sending.ts";
import { EventTooLarge, readEvents } from "./sse.ts";
import { blamesRouter, type SubgraphFailure } from "./subgraph-failures.ts";

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
  | { readonly kind: "failed"; readonly failure: SubgraphFailure };

export type Subscription = { readonly kind: "open"; readonly events: AsyncGenerator<SubgraphAnswer> } | SubgraphAnswer;

/** `isSent` is false where surely not a byte of the request has left: the subgraph cannot have done anything. */
type Attempt = SubgraphAnswer | { readonly kind: "connection lost"; readonly isSent: boolean; readonly error: unknown };

/** What a call carries beside the fetch. */
export type CallContext = Pick<RequestContext, "viewer" | "correlationId" | "span" | "log">;

export interface SubgraphClient {
  readonly name: string;
  /** Never rejects. */
  call(fetch: SubgraphFetch, context: CallContext, signal?: AbortSignal): Promise<SubgraphAnswer>;
  /** Asks for nothing, to see whether it answers; counts for no call. */
  probe(context: CallContext, signal: AbortSignal): Promise<SubgraphAnswer>;
  /** Opens a stream of events, which ends with the subgraph's, or when `signal` is aborted. */
  subscribe(fetch: SubgraphFetch, context: CallContext, signal: AbortSignal): Promise<Subscription>;
  close(): Promise<void>;
}

/**
 * Sockets to one subgraph; calls beyond it wait, within their timeout. Many: a subgraph that has too much to do refuses by
 * itself, and can do so only with what it gets to see.
 */
const MAX_CONNECTIONS = 512;
const CONNECT_TIMEOUT_MS = 2_000;
/**
 * Sockets that rest for longer are closed from here. A subgraph that stops serves those that it has for longer than
 * that ({@link IDLE_GRACE_MS}), so no request is sent on a socket that is being closed.
 */
const KEEP_ALIVE_MS = IDLE_GRACE_MS / 2;

const Response = z.looseObject({
  // Not a record, which leaves out a field that a client calls `__proto__`.
  data: z.custom<Record<string, unknown>>((value) => typeof value === "object" && !Array.isArray(value)).nullish(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).nullish(),
        extensions: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
});

/**
 * Calls one subgraph over HTTP. Every request is signed for this subgraph; no call outlives `timeoutMs` or holds a
 * response of more than `maxResponseBytes`. Failures are values; their causes and addresses go to the log only.
 */
export const createSubgraphClient = (options: {
  name: string;
  url: string;
  signer: RequestSigner;
  timeoutMs: number;
  maxResponseBytes: number;
  /** Told of each call how it ended ("answered", or the failure), and the seconds that it took. */
  observe?: (outcome: string, seconds: number) => void;
}): SubgraphClient => {
  const { name, signer, timeoutMs, maxResponseBytes, observe = () => undefined } = options;
  const url = new URL(options.url);
  const poolOptions = {
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const pool = new Pool(url.origin, { ...poolOptions, connections: MAX_CONNECTIONS });
  const calls = pool.compose(noteSending);
  // Streams hold their sockets for long: they must not take those of the calls.
  const streams = new Pool(url.origin, poolOptions);

  const send = async (
    target: Dispatcher,
    accept: string,
    { body }: SubgraphFetch,
    { viewer, correlationId, span }: CallContext,
    signal: AbortSignal,
    onSending: () => void = () => undefined,
  ): Promise<Dispatcher.ResponseData> => {
    const signature = await signer.sign({ subgraph: name, body, caller: { viewer, correlationId } });
    const headers = {
      ...span.headers,
      "content-type": "application/json",
      accept,
      "x-correlation-id": correlationId,
      [ROUTER_SIGNATURE_HEADER]: signature,
    };
    tellSending.set(headers, onSending);
    return target.request({ method: "POST", path: `${url.pathname}${url.search}`, headers, body, signal });
  };

  const fail = (failure: SubgraphFailure, context: CallContext, detail: Record<string, unknown>) => {
    context.log.error({ subgraph: name, url: url.href, failure, ...detail }, "a subgraph call failed");
    return { kind: "failed", failure } as const;
  };

  const read = async (
    response: Dispatcher.ResponseData,
    fetch: SubgraphFetch,
    context: CallContext,
  ): Promise<SubgraphAnswer> => {
    const { statusCode, headers } = response;
    const text = await readText(response.body, maxResponseBytes);
    if (text === "too large")
      return fail(ofSent(fetch, "SUBGRAPH_INVALID_RESPONSE"), context, {
        reason: `more than ${maxResponseBytes} bytes`,
      });
    const type = String(headers["content-type"] ?? "");
    const parsed = /^application\/(graphql-response\+)?json\b/.test(type) ? parseResponse(text) : undefined;
    if (!parsed) {
      const failure = statusCode >= 500 ? "SUBGRAPH_UNAVAILABLE" : "SUBGRAPH_INVALID_RESPONSE";
      // A proxy's 3xx and 4xx say that the request went no further; its 5xx says nothing.
      const isRefusal = statusCode >= 300 && statusCode < 500;
      return fail(isRefusal ? failure : ofSent(fetch, failure), context, {
        statusCode,
        type,
        reason: "no GraphQL response",
      });
    }
    const blaming = parsed.errors?.find((error) => blamesRouter(error, statusCode));
    if (blaming) return fail("SUBGRAPH_INVALID_RESPONSE", context, { statusCode, reason: blaming.message });
    return { kind: "answered", response: parsed };
  };

  const inCallSpan = async <T extends object>(
    context: CallContext,
    call: (below: CallContext) => Promise<T>,
  ): Promise<T> => {
    const span = context.span.call(name);
    let isFailed = true;
    try {
      const result = await call({ ...context, span });
      isFailed = "kind" in result && result.kind !== "answered";
      return result;
    } finally {
      span.end(isFailed);
    }
  };

  const attempt = (fetch: SubgraphFetch, context: CallContext, deadline: Deadline): Promise<Attempt> =>
    inCallSpan(context, (below) => attemptOnce(fetch, below, deadline));

  const attemptOnce = async (fetch: SubgraphFetch, context: CallContext, deadline: Deadline): Promise<Attempt> => {
    let isSent = false;
    const noteSent = () => {
      isSent = true;
    };
    try {
      return await read(
        await send(calls, "application/json", fetch, context, deadline.signal, noteSent),
        fetch,
        context,
      );
    } catch (error) {
      if (deadline.expired()) {
        const isUndone = fetch.isMutation && !isSent;
        return fail(isUndone ? "SUBGRAPH_UNAVAILABLE" : ofSent(fetch, "SUBGRAPH_TIMEOUT"), context, {
          timeoutMs,
          isSent,
        });
      }
      // The client has gone: nobody reads what is answered, and nothing is wrong with the subgraph.
      if (deadline.signal.aborted) return { kind: "failed", failure: "SUBGRAPH_UNAVAILABLE" };
      if (isLostConnection(error)) return { kind: "connection lost", isSent, error };
      return fail(isSent ? ofSent(fetch, "SUBGRAPH_UNAVAILABLE") : "SUBGRAPH_UNAVAILABLE", context, { err: error });
    }
  };

  const callOnce = async (
    fetch: SubgraphFetch,
    context: CallContext,
    signal: AbortSignal | undefined,
  ): Promise<SubgraphAnswer> => {
    const deadline = createDeadline(timeoutMs, signal);
    try {
      const first = await attempt(fetch, context, deadline);
      // What only reads may be repeated, and what was never sent: once, on another connection.
      const mayRepeat = first.kind === "connection lost" && (!fetch.isMutation || !first.isSent);
      const answer = mayRepeat ? await attempt(fetch, context, deadline) : first;
      if (answer.kind !== "connection lost") return answer;
      const failure = answer.isSent ? ofSent(fetch, "SUBGRAPH_UNAVAILABLE") : "SUBGRAPH_UNAVAILABLE";
      return fail(failure, context, { reason: "the connection was lost", isSent: answer.isSent, err: answer.error });
    } finally {
      deadline.clear();
    }
  };

  const client: SubgraphClient = {
    name,

    async call(fetch, context, signal) {
      const startedAt = performance.now();
      const answer = await callOnce(fetch, context, signal);
      observe(answer.kind === "failed" ? answer.failure : "answered", secondsSince(startedAt));
      return answer;
    },

    probe: (context, signal) => callOnce(PROBE, context, signal),

    async subscribe(fetch, context, signal) {
      const deadline = createDeadline(timeoutMs, signal);
      const startedAt = performance.now();
      const opened = (subscription: Subscription): Subscription => {
        observe(subscription.kind === "failed" ? subscription.failure : "answered", secondsSince(startedAt));
        return subscription;
      };
      try {
        const response = await inCallSpan(context, (below) =>
          send(streams, "text/event-stream", fetch, below, deadline.signal),
        );
        if (!String(response.headers["content-type"]).startsWith("text/event-stream"))
          return opened(await read(response, fetch, context));
        return opened({ kind: "open", events: answersOf(response.body, context, deadline.signal) });
      } catch (error) {
        if (deadline.expired()) return opened(fail("SUBGRAPH_TIMEOUT", context, { timeoutMs }));
        return opened(fail("SUBGRAPH_UNAVAILABLE", context, { err: error }));
      } finally {
        // From here on the stream may last: only the client's going ends it.
        deadline.clear();
      }
    },

    async close() {
      await Promise.all([pool.destroy(), streams.destroy()]);
    },
  };

  const answersOf = async function* (
    body: AsyncIterable<Uint8Array>,
    context: CallContext,
    signal: AbortSignal,
  ): AsyncGenerator<SubgraphAnswer> {
    try {
      for await (const { event, data } of readEvents(body, maxResponseBytes)) {
        if (event === "complete") return;
        if (event !== "next") continue;
        const response = parseResponse(data);
        yield response
          ? { kind: "answered", response }
          : fail("SUBGRAPH_INVALID_RESPONSE", context, { reason: "an event is no GraphQL response" });
      }
    } catch (error) {
      if (signal.aborted) return;
      yield error instanceof EventTooLarge
        ? fail("SUBGRAPH_INVALID_RESPONSE", context, { err: error })
        : fail("SUBGRAPH_UNAVAILABLE", context, { err: error });
      return;
    }
    if (!signal.aborted) yield fail("SUBGRAPH_UNAVAILABLE", context, { reason: "the stream ended without completing" });
  };

  return client;
};

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1_000;

const PROBE: SubgraphFetch = { body: '{"query":"{__typename}","variables":{}}', isMutation: false };

/** What became of a fetch that was sent and not answered: a query changed nothing, of a mutation nobody knows. */
const ofSent = (fetch: SubgraphFetch, failure: SubgraphFailure): SubgraphFailure =>
  fetch.isMutation ? "OUTCOME_UNKNOWN" : failure;

const LOST_CONNECTION = ["UND_ERR_SOCKET", "ECONNREFUSED", "ECONNRESET", "EPIPE"];

const isLostConnection = (error: unknown): boolean =>
  error instanceof Error && "code" in error && LOST_CONNECTION.includes(String(error.code));

const readText = async (body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the body, and with it the rest of the transfer.
    if (size > maxBytes) return "too large";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString("utf8");
};

const parseResponse = (text: string): SubgraphResponse | undefined => {
  try {
    const { data, errors } = Response.parse(JSON.parse(text));
    if (data === undefined && !errors?.length) return undefined;
    return {
      ...(data === undefined ? {} : { data }),
      ...(errors?.length
        ? {
            errors: errors.map(({ message, path, extensions }) => ({
              message,
              ...(path ? { path } : {}),
              extensions: extensions ?? {},
            })),
          }
        : {}),
    };
  } catch {
    return undefined;
  }
};
