import type { IncomingHttpHeaders } from "node:http";
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { beginSpan, inRecordedSpan, inSpan, type SpanSettings } from "@supergraph/tracing";
import type { HttpResponse } from "./http.ts";
import { createUnrecordedSpans } from "./unrecorded-spans.ts";

export { detached, type Origin, originNow, together } from "@supergraph/tracing";

let isEnabled = false;

/**
 * Gives OpenTelemetry's API of this process its implementation: traces begin here or follow the caller's `traceparent`
 * (W3C trace context), and whatever runs in a span knows of it across promises. `recorded` makes the spans; without it
 * nothing is recorded, and ids are in logs, headers and messages all the same. Only the first call of a process counts:
 * true for that.
 */
export const enableTracing = (recorded?: TracerProvider): boolean => {
  if (isEnabled) return false;
  isEnabled = true;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(recorded ?? createUnrecordedSpans());
  return true;
};

/** The trace that runs now, for log lines. */
export const currentTraceId = (): string | undefined => {
  const current = trace.getSpanContext(context.active());
  return current && isSpanContextValid(current) ? current.traceId : undefined;
};

/** `traceparent` and `tracestate` of the span that runs now, for a request that is made in it; none outside of spans. */
export const traceHeaders = (): Record<string, string> => headersOf(context.active());

const headersOf = (its: Context): Record<string, string> => {
  const headers: Record<string, string> = {};
  propagation.inject(its, headers);
  return headers;
};

/** Of the span that runs now, if one is recorded; undefined is not told. */
export const setSpanAttribute = (name: string, value: string | number | boolean | undefined): void => {
  if (value !== undefined) trace.getSpan(context.active())?.setAttribute(name, value);
};

/**
 * Answers a request in a span of the trace that it came with; in a new trace when it came with none that is valid.
 * `attributes` have the names of OpenTelemetry's semantic conventions.
 */
export const inServerSpan = (
  name: string,
  headers: IncomingHttpHeaders,
  answer: () => Promise<HttpResponse>,
  attributes?: Attributes,
): Promise<HttpResponse> =>
  inSpan(name, serverSpan(headers, attributes), async (span, its) => {
    const response = await answer();
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    const { body } = response;
    return body === undefined || typeof body === "string" || Buffer.isBuffer(body)
      ? response
      : { ...response, body: boundTo(its, body) };
  });

const serverSpan = (headers: IncomingHttpHeaders, attributes: Attributes = {}): SpanSettings => ({
  kind: SpanKind.SERVER,
  parent: propagation.extract(ROOT_CONTEXT, headers),
  attributes,
});

/** A part of what is under way, in a span of its own where that is recorded. */
export const inPart = <T>(name: string, work: () => Promise<T>): Promise<T> => inRecordedSpan(name, () => ({}), work);

/**
 * A request to somebody who is no part of the system, in a span of its own where what it is made for is recorded. `work`
 * tells what becomes known of it by `tell`.
 */
export const inClientSpan = <T>(
  name: string,
  attributes: () => Attributes,
  work: (tell: (attributes: Attributes, hasFailed?: boolean) => void) => Promise<T>,
): Promise<T> =>
  inRecordedSpan(
    name,
    () => ({ kind: SpanKind.CLIENT, attributes: attributes() }),
    (span) =>
      work((known, hasFailed = false) => {
        span?.setAttributes(known);
        if (hasFailed) span?.setStatus({ code: SpanStatusCode.ERROR });
      }),
  );

/**
 * A span that is handed on by hand instead of being followed across promises, for where that would be too dear: with
 * Node.js 20 it takes a quarter of the router's time. Nothing knows of it but who is given it.
 */
export interface HandedSpan {
  readonly traceId: string;
  /** `traceparent` and `tracestate` of this span. */
  readonly headers: Readonly<Record<string, string>>;
  /** False where nobody will see the span: what would only be told to it need not be found out. */
  readonly isRecorded: boolean;
  /** Of a call that is made for it. */
  call(name: string): HandedSpan;
  /** Of a part of its own work. Where nothing is recorded that is this span itself, and costs nothing. */
  child(name: string): HandedSpan;
  /** Tells an attribute, named by OpenTelemetry's semantic conventions where they have a name. */
  set(name: string, value: string | number | boolean): void;
  /** Called once. */
  end(isFailed?: boolean): void;
}

/** Begins the span of a request in the trace that it came with; in a new trace when it came with none that is valid. */
export const beginServerSpan = (name: string, headers: IncomingHttpHeaders, attributes?: Attributes): HandedSpan =>
  inHand(name, serverSpan(headers, attributes));

const inHand = (name: string, settings: SpanSettings): HandedSpan => {
  const { span, its } = beginSpan(name, settings);
  return new SpanInHand(span, its);
};

/** A class, since there are several for each request: closures would have to be made for each. */
class SpanInHand implements HandedSpan {
  readonly #span: Span;
  readonly #its: Context;
  constructor(span: Span, its: Context) {
    this.#span = span;
    this.#its = its;
  }
  get traceId() {
    return this.#span.spanContext().traceId;
  }
  get headers() {
    return headersOf(this.#its);
  }
  get isRecorded() {
    return this.#span.isRecording();
  }
  call(name: string): HandedSpan {
    return inHand(name, { kind: SpanKind.CLIENT, parent: this.#its });
  }
  child(name: string): HandedSpan {
    return this.isRecorded ? inHand(name, { parent: this.#its }) : this;
  }
  set(name: string, value: string | number | boolean) {
    this.#span.setAttribute(name, value);
  }
  end(isFailed = false) {
    if (isFailed) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** Work that nobody asked for, such as that of a timer, in a trace of its own. */
export const inOwnTrace = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  inSpan(name, { parent: ROOT_CONTEXT }, work);

/** A stream is read by the server, outside of the span in which it was made: what makes its chunks runs in the span. */
const boundTo = <Chunk>(its: Context, source: AsyncIterable<Chunk>): AsyncIterable<Chunk> => ({
  [Symbol.asyncIterator]() {
    const iterator = source[Symbol.asyncIterator]();
    return {
      next: () => context.with(its, () => iterator.next()),
      return: (value) =>
        context.with(its, async () => (await iterator.return?.(value)) ?? { done: true as const, value: undefined }),
    };
  },
});
