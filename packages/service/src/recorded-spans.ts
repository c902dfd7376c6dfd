import { context, type Tracer, type TracerProvider, trace } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { isOwnTracer, NO_LIBRARY_SPANS, readArguments, type StartArguments } from "./unrecorded-spans.ts";

export interface RecordedSpansOptions {
  /** They get the spans that are sampled. */
  readonly processors: readonly SpanProcessor[];
  /** As the caller decided, and all where there is none, unless given. */
  readonly sampler?: Sampler;
  /** What the spans are of: the service and its process. */
  readonly resource?: Resource;
}

/** More is cut: what a client calls its operation may be as long as its request. */
const MAX_VALUE_LENGTH = 1_024;

/**
 * Spans that somebody looks at. Libraries' are recorded where they are below a recorded one: elsewhere they would begin
 * traces of their own, and cost as much in a trace that is not sampled as in one that is.
 */
export const createRecordedSpans = ({ processors, sampler, resource }: RecordedSpansOptions): TracerProvider => {
  const provider = new BasicTracerProvider({
    sampler: sampler ?? new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [...processors],
    spanLimits: { attributeValueLengthLimit: MAX_VALUE_LENGTH },
    ...(resource ? { resource } : {}),
  });
  return {
    getTracer(name, version, options) {
      const tracer = provider.getTracer(name, version, options);
      return isOwnTracer(name) ? tracer : belowRecorded(tracer);
    },
  };
};

const belowRecorded = (recorded: Tracer): Tracer => {
  const tracerIn = (parent = context.active()): Tracer =>
    trace.getSpan(parent)?.isRecording() === true ? recorded : NO_LIBRARY_SPANS;
  return {
    startSpan: (name, options, parent) => tracerIn(parent).startSpan(name, options, parent),
    startActiveSpan<Work extends (span: never) => unknown>(name: string, ...rest: StartArguments<Work>) {
      const [options, parent, work] = readArguments(rest);
      return tracerIn(parent).startActiveSpan(name, options, parent, work as never);
    },
  };
};
