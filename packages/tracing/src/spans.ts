import {
  type Attributes,
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

export interface SpanSettings {
  /** INTERNAL unless given. */
  readonly kind?: SpanKind;
  /** What it is below: what runs now unless given. */
  readonly parent?: Context;
  /** With the names of OpenTelemetry's semantic conventions where they have one; no message, no parameter, nobody's data. */
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
}

/** True where somebody will see what is told of the span that runs now, and spans below it. */
export const isRecorded = (its: Context = context.active()): boolean => trace.getSpan(its)?.isRecording() === true;

/** A span that is ended by hand: once, by {@link endSpan}. */
export const beginSpan = (name: string, settings: SpanSettings = {}): { span: Span; its: Context } => {
  const { kind = SpanKind.INTERNAL, parent = context.active(), attributes, links } = settings;
  const span = tracer().startSpan(
    name,
    { kind, ...(attributes ? { attributes } : {}), ...(links ? { links: [...links] } : {}) },
    parent,
  );
  return { span, its: trace.setSpan(parent, span) };
};

/** `failure` is told by its kind only: messages may hold a customer's data. The log, which is cleaned of them, has it. */
export const endSpan = (span: Span, failure?: { readonly error: unknown }): void => {
  if (failure) {
    const { error } = failure;
    span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
};

/** Runs `work` in a span, which fails where it does. */
export const inSpan = async <T>(
  name: string,
  settings: SpanSettings,
  work: (span: Span, its: Context) => Promise<T>,
): Promise<T> => {
  const { span, its } = beginSpan(name, settings);
  // Awaited in there: a query is a promise that does nothing until somebody waits for it.
  return whileRuns([span], () => context.with(its, async () => await work(span, its)));
};

/** As {@link inSpan} where it would be seen; `work` alone elsewhere, at no cost. */
export const inRecordedSpan = <T>(
  name: string,
  settings: () => SpanSettings,
  work: (span: Span | null) => Promise<T>,
): Promise<T> => (isRecorded() ? inSpan(name, settings(), work) : work(null));

/** Ends `spans` with `work`, as it does. */
export const whileRuns = async <T>(spans: readonly Span[], work: () => Promise<T>): Promise<T> => {
  try {
    const result = await work();
    for (const span of spans) endSpan(span);
    return result;
  } catch (error) {
    for (const span of spans) endSpan(span, { error });
    throw error;
  }
};

/** For what goes on behind whoever happens to wake it: neither in its span nor in its trace. */
export const detached = <T>(work: () => T): T => context.with(ROOT_CONTEXT, work);

const tracer = () => trace.getTracer("@supergraph/tracing");
