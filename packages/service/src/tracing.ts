import type { IncomingHttpHeaders } from "node:http";
import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { HttpResponse } from "./http.ts";
import { createUnrecordedSpans } from "./unrecorded-spans.ts";

let isEnabled = false;

/**
 * Gives OpenTelemetry's API of this process its implementation: traces begin here or follow the caller's `traceparent`
 * (W3C trace context), and whatever runs in a span knows of it across promises. `processors` get the spans; without any
 * nothing is recorded, and ids are in logs, headers and messages all the same. Only the first call of a process counts.
 */
export const enableTracing = ({ processors = [] }: { readonly processors?: readonly SpanProcessor[] } = {}): void => {
  if (isEnabled) return;
  isEnabled = true;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    processors.length === 0
      ? createUnrecordedSpans()
      : new BasicTracerProvider({
          sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
          spanProcessors: [...processors],
        }),
  );
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

/** Answers a request in a span of the trace that it came with; in a new trace when it came with none that is valid. */
export const inServerSpan = (
  name: string,
  headers: IncomingHttpHeaders,
  answer: () => Promise<HttpResponse>,
): Promise<HttpResponse> =>
  inSpan(name, SpanKind.SERVER, propagation.extract(ROOT_CONTEXT, headers), async (span, its) => {
    const response = await answer();
    span.setAttribute("http.response.status_code", response.status);
    if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    const { body } = response;
    return body === undefined || typeof body === "string" || Buffer.isBuffer(body)
      ? response
      : { ...response, body: boundTo(its, body) };
  });

/**
 * A span that is handed on by hand instead of being followed across promises, for where that would be too dear: with
 * Node.js 20 it takes a quarter of the router's time. Nothing knows of it but who is given it.
 */
export interface HandedSpan {
  readonly traceId: string;
  /** `traceparent` and `tracestate` of this span. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of a call that is made for it. */
  call(name: string): HandedSpan;
  /** Called once. */
  end(isFailed?: boolean): void;
}

/** Begins the span of a request in the trace that it came with; in a new trace when it came with none that is valid. */
export const beginServerSpan = (name: string, headers: IncomingHttpHeaders): HandedSpan =>
  beginSpan(name, SpanKind.SERVER, propagation.extract(ROOT_CONTEXT, headers));

const beginSpan = (name: string, kind: SpanKind, parent: Context): HandedSpan => {
  const span = trace.getTracer("@supergraph/service").startSpan(name, { kind }, parent);
  const its = trace.setSpan(parent, span);
  return {
    traceId: span.spanContext().traceId,
    headers: headersOf(its),
    call: (called) => beginSpan(called, SpanKind.CLIENT, its),
    end(isFailed = false) {
      if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
};

/** Work that nobody asked for, such as that of a timer, in a trace of its own. */
export const inOwnTrace = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  inSpan(name, SpanKind.INTERNAL, ROOT_CONTEXT, work);

const inSpan = <T>(
  name: string,
  kind: SpanKind,
  parent: Context,
  work: (span: Span, its: Context) => Promise<T>,
): Promise<T> =>
  trace.getTracer("@supergraph/service").startActiveSpan(name, { kind }, parent, async (span) => {
    try {
      return await work(span, context.active());
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });

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
