import {
  type Context,
  context,
  isSpanContextValid,
  type Span,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace-base";

/**
 * Spans for when nobody looks at spans: they have the ids that a recorded one would have, so that traces go through to
 * logs, headers and messages, and cost next to nothing. Libraries' spans are left out: nothing but their ids would show.
 */
export const createUnrecordedSpans = (): TracerProvider => {
  const ids = new RandomIdGenerator();
  const own: Tracer = createTracer((parent, { root }) => {
    const above = root ? undefined : trace.getSpanContext(parent);
    const isBelow = above !== undefined && isSpanContextValid(above);
    return trace.wrapSpanContext({
      traceId: isBelow ? above.traceId : ids.generateTraceId(),
      spanId: ids.generateSpanId(),
      traceFlags: isBelow ? above.traceFlags : TraceFlags.SAMPLED,
      ...(isBelow && above.traceState ? { traceState: above.traceState } : {}),
    });
  });
  return { getTracer: (name) => (isOwnTracer(name) ? own : NO_LIBRARY_SPANS) };
};

export const isOwnTracer = (name: string): boolean => name.startsWith("@supergraph/");

const NO_SPAN = trace.wrapSpanContext({ traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: TraceFlags.NONE });

export type StartArguments<Work> = [Work] | [SpanOptions, Work] | [SpanOptions, Context, Work];

/** Those of `startActiveSpan`, after the name. */
export const readArguments = <Work>(rest: StartArguments<Work>): [SpanOptions, Context, Work] => {
  if (rest.length === 3) return rest;
  return rest.length === 2 ? [rest[0], context.active(), rest[1]] : [{}, context.active(), rest[0]];
};

const createTracer = (make: (parent: Context, options: SpanOptions) => Span): Tracer => ({
  startSpan: (_name, options = {}, parent = context.active()) => make(parent, options),
  startActiveSpan<Work extends (span: Span) => unknown>(_name: string, ...rest: StartArguments<Work>) {
    const [options, parent, work] = readArguments(rest);
    const span = make(parent, options);
    return context.with(trace.setSpan(parent, span), work as (span: Span) => ReturnType<Work>, undefined, span);
  },
});

/** For libraries' spans. Leaves the context alone, which would cost more than all else here. */
export const NO_LIBRARY_SPANS: Tracer = {
  startSpan: (_name, _options, parent = context.active()) => trace.getSpan(parent) ?? NO_SPAN,
  startActiveSpan<Work extends (span: Span) => unknown>(_name: string, ...rest: StartArguments<Work>) {
    const [, parent, work] = readArguments(rest);
    return work(trace.getSpan(parent) ?? NO_SPAN) as ReturnType<Work>;
  },
};
