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

/**
 * Spans for when nobody looks at spans: they have the ids that a recorded one would have, so that traces go through to
 * logs, headers and messages, and cost next to nothing. Libraries' spans are left out: nothing but their ids would show.
 */
export const createUnrecordedSpans = (): TracerProvider => {
  const own: Tracer = createTracer((parent, { root }) => {
    const above = root ? undefined : trace.getSpanContext(parent);
    const isBelow = above !== undefined && isSpanContextValid(above);
    return trace.wrapSpanContext({
      traceId: isBelow ? above.traceId : randomHex(4),
      spanId: randomHex(2),
      traceFlags: isBelow ? above.traceFlags : TraceFlags.SAMPLED,
      ...(isBelow && above.traceState ? { traceState: above.traceState } : {}),
    });
  });
  return { getTracer: (name) => (isOwnTracer(name) ? own : NO_LIBRARY_SPANS) };
};

const bytes = Buffer.allocUnsafe(16);

/** As OpenTelemetry's SDK makes its ids, which would be loaded for this alone: unique, and nothing that has to be secret. */
const randomHex = (words: number): string => {
  for (let word = 0; word < words; word += 1) bytes.writeUInt32BE((Math.random() * 2 ** 32) >>> 0, word * 4);
  // All zeros would be no id.
  bytes[words * 4 - 1] ||= 1;
  return bytes.toString("hex", 0, words * 4);
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
