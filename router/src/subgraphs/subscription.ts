import type { Dispatcher } from "undici";
import { EventTooLarge, readEvents } from "../sse.ts";
import { givenUp } from "./attempt.ts";
import { Body, tooLarge } from "./body.ts";
import type { CallContext, Failed, Outcome, SubgraphFetch } from "./call.ts";
import { Deadline } from "./deadline.ts";
import { onDeparture, stay } from "./departure.ts";
import type { Replica } from "./replicas.ts";
import type { BuildRequest } from "./request.ts";
import { outcomeOf, readHead, readResponse } from "./response.ts";

export type StreamEvent = Extract<Outcome, { kind: "answered" }> | Failed;

export type Opened = { readonly kind: "open"; readonly events: AsyncGenerator<StreamEvent> } | Outcome;

/** Opens a stream of events, which ends with the subgraph's, or when `signal` is aborted. Never rejects. */
export type OpenStream = (
  replica: Replica,
  fetch: SubgraphFetch,
  context: CallContext,
  signal: AbortSignal,
) => Promise<Opened>;

/** @param options `timeoutMs` is for the opening alone. */
export const createOpenStream = (options: {
  readonly name: string;
  readonly buildRequest: BuildRequest;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}): OpenStream => {
  const { name, buildRequest, timeoutMs, maxResponseBytes } = options;
  return async (replica, fetch, context, signal) => {
    const deadline = new Deadline(timeoutMs);
    const controller = new AbortController();
    deadline.listen(() => controller.abort());
    const leave = () => deadline.abandon();
    if (signal.aborted) leave();
    else onDeparture(signal, leave);
    const letGo = () => stay(signal, leave);
    const span = context.span.call(name);
    let opened: Opened;
    try {
      const request = await buildRequest({
        path: replica.path,
        accept: "text/event-stream",
        fetch,
        context,
        span,
        timeoutMs: null,
      });
      const response = await replica.streams.request({ ...request, signal: controller.signal });
      opened = String(response.headers["content-type"]).startsWith("text/event-stream")
        ? { kind: "open", events: eventsOf(response.body, maxResponseBytes, signal, letGo) }
        : await readAnswer(response, fetch, maxResponseBytes);
    } catch (error) {
      opened = deadline.over ? givenUp(deadline, true, fetch) : lost({ err: error });
    }
    // From here on the stream may last: only the client's going ends it.
    deadline.clear();
    if (opened.kind !== "open") letGo();
    span.end(opened.kind === "failed");
    return opened.kind === "failed" && opened.detail
      ? { ...opened, detail: { ...opened.detail, url: replica.url } }
      : opened;
  };
};

/** A subgraph that refuses to open a stream answers as it would answer a call. */
const readAnswer = async (
  { statusCode, headers, body }: Dispatcher.ResponseData,
  fetch: SubgraphFetch,
  maxBytes: number,
): Promise<Outcome> => {
  const head = readHead(statusCode, headers, maxBytes);
  const read = new Body();
  // Leaving the loop destroys the body, and with it the rest of the transfer.
  for await (const chunk of body as AsyncIterable<Uint8Array>)
    if (read.add(chunk, head.problem === null) > head.maxBytes) return outcomeOf(tooLarge(head), fetch);
  return outcomeOf(read.reply(head), fetch);
};

const eventsOf = async function* (
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
  letGo: () => void,
): AsyncGenerator<StreamEvent> {
  try {
    for await (const { event, data } of readEvents(body, maxBytes)) {
      if (event === "complete") return;
      if (event !== "next") continue;
      const response = readResponse(data);
      yield response
        ? { kind: "answered", response, text: data }
        : failed("SUBGRAPH_INVALID_RESPONSE", { reason: "an event is no GraphQL response" });
    }
    if (!signal.aborted) yield lost({ reason: "the stream ended without completing" });
  } catch (error) {
    if (signal.aborted) return;
    yield error instanceof EventTooLarge ? failed("SUBGRAPH_INVALID_RESPONSE", { err: error }) : lost({ err: error });
  } finally {
    letGo();
  }
};

const failed = (failure: Failed["failure"], detail: NonNullable<Failed["detail"]>): Failed => ({
  kind: "failed",
  failure,
  health: failure === "SUBGRAPH_UNAVAILABLE" ? "ill" : "alive",
  mayRepeat: false,
  retryAfterMs: null,
  detail,
});

const lost = (detail: NonNullable<Failed["detail"]>): Failed => failed("SUBGRAPH_UNAVAILABLE", detail);
