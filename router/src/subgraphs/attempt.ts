import type { HandedSpan } from "@supergraph/service";
import { ABANDONED, type CallContext, type Failed, type Outcome, ofSent, type SubgraphFetch } from "./call.ts";
import type { Deadline } from "./deadline.ts";
import { type Exchanged, exchange } from "./exchange.ts";
import type { Replica } from "./replicas.ts";
import type { BuildRequest, RequestParts } from "./request.ts";
import { outcomeOf } from "./response.ts";

/** Asks one replica once, in a span of its own. Never rejects. */
export type Attempt = (
  replica: Replica,
  fetch: SubgraphFetch,
  context: CallContext,
  deadline: Deadline,
) => Promise<Outcome>;

export const createAttempt = (options: {
  readonly name: string;
  readonly buildRequest: BuildRequest;
  readonly maxResponseBytes: number;
}): Attempt => {
  const { name, buildRequest, maxResponseBytes } = options;

  const send = async (
    { path, calls }: Replica,
    parts: Pick<RequestParts, "fetch" | "context" | "span">,
    deadline: Deadline,
  ): Promise<Exchanged> => {
    try {
      const timeoutMs = deadline.remainingMs();
      const request = await buildRequest({ path, accept: "application/json", timeoutMs, ...parts });
      if (deadline.over) return { kind: "over", isSent: false };
      return await exchange(calls, request, deadline, maxResponseBytes);
    } catch (error) {
      return { kind: "broken", isSent: false, error };
    }
  };

  return async (replica, fetch, context, deadline) => {
    const span = context.span.call(name);
    const exchanged = await send(replica, { fetch, context, span }, deadline);
    const outcome =
      exchanged.kind === "replied"
        ? outcomeOf(exchanged.reply, fetch)
        : exchanged.kind === "broken"
          ? brokenOff(exchanged, fetch)
          : givenUp(deadline, exchanged.isSent, fetch);
    if (span.isRecorded) describe(span, exchanged, outcome);
    span.end(outcome.kind === "failed");
    if (outcome.kind === "answered" || !outcome.detail) return outcome;
    return { ...outcome, detail: { ...outcome.detail, url: replica.url } };
  };
};

const describe = (span: HandedSpan, exchanged: Exchanged, outcome: Outcome): void => {
  if (exchanged.kind === "replied") span.set("http.response.status_code", exchanged.reply.head.status);
  if (outcome.kind === "failed") span.set("error.type", outcome.failure);
};

/** @param isSent Whether the subgraph may have got the fetch. */
export const givenUp = (deadline: Deadline, isSent: boolean, fetch: SubgraphFetch): Failed => {
  if (deadline.over === "abandoned") return ABANDONED;
  const isUndone = fetch.isMutation && !isSent;
  return {
    kind: "failed",
    failure: isUndone ? "SUBGRAPH_UNAVAILABLE" : ofSent(fetch, "SUBGRAPH_TIMEOUT"),
    health: "ill",
    mayRepeat: false,
    retryAfterMs: null,
    detail: { reason: "no answer in time", isSent },
  };
};

const brokenOff = ({ isSent, error }: Extract<Exchanged, { kind: "broken" }>, fetch: SubgraphFetch): Failed => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const isGarbage = NO_HTTP.has(code) || (error instanceof Error && error.name === "HTTPParserError");
  const failure = isGarbage ? "SUBGRAPH_INVALID_RESPONSE" : "SUBGRAPH_UNAVAILABLE";
  return {
    kind: "failed",
    failure: isSent ? ofSent(fetch, failure) : failure,
    health: isGarbage || !(code === "" || OWN_FAULTS.has(code)) ? "ill" : "unknown",
    // What only reads may be repeated, and what was never sent.
    mayRepeat: LOST_CONNECTION.has(code) && (!fetch.isMutation || !isSent),
    retryAfterMs: null,
    // The parser's error holds the response, which is nobody's to log.
    detail: isGarbage
      ? { reason: `no HTTP response: ${error instanceof Error ? error.message : code}`, isSent }
      : { reason: "the connection was lost", isSent, err: error },
  };
};

/** Connections that broke or could not be made, as a subgraph that starts, stops or moves has them. */
const LOST_CONNECTION: ReadonlySet<string> = new Set([
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "ENOTFOUND",
]);

const NO_HTTP: ReadonlySet<string> = new Set(["UND_ERR_HEADERS_OVERFLOW", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"]);

/** The router is stopping, or asked for what cannot be sent. */
const OWN_FAULTS: ReadonlySet<string> = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED", "UND_ERR_INVALID_ARG"]);
