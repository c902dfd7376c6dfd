import {
  type Context,
  context,
  createContextKey,
  type Link,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Delivery } from "./bus.ts";

/** In a batch of several: the trace of each event, by its id. */
const TRACES_BY_CAUSE = createContextKey("supergraph: traces by cause");

/**
 * The trace context, as headers, of a message that is made now and follows from `causationId`: that of the request or
 * event that is handled; of the several events of a batch, that of the one that is named. Empty outside of any trace.
 */
export const traceHeaders = (causationId: string | null): Record<string, string> => {
  const headers: Record<string, string> = {};
  propagation.inject(traceOf(context.active(), causationId), headers);
  return headers;
};

/** Runs `work`, named `name`, in a span of the trace that was remembered as {@link traceHeaders}; of a new one without. */
export const continueTrace = <T>(
  headers: Readonly<Record<string, string>>,
  name: string,
  work: () => Promise<T>,
): Promise<T> => inSpan(name, SpanKind.INTERNAL, traceIn({ headers }), [], work);

/** Runs `handle` in a span of the trace that the delivery came with. */
export const inTraceOf = <T>(delivery: Delivery, handle: () => Promise<T>): Promise<T> =>
  inSpan(handling(delivery), SpanKind.CONSUMER, traceIn(delivery), [], handle);

/** As {@link inTraceOf} for deliveries that are handled together: in a trace that is linked to theirs. */
export const inTracesOf = <T>(deliveries: readonly Delivery[], handle: () => Promise<T>): Promise<T> => {
  const [only, ...others] = deliveries;
  if (!only || others.length === 0) return only ? inTraceOf(only, handle) : handle();
  const traces = new Map<string, Context>();
  const links: Link[] = [];
  for (const delivery of deliveries) {
    const its = traceIn(delivery);
    const spanContext = trace.getSpanContext(its);
    if (!spanContext) continue;
    traces.set(delivery.envelope.id, its);
    links.push({ context: spanContext });
  }
  return inSpan(handling(only), SpanKind.CONSUMER, ROOT_CONTEXT.setValue(TRACES_BY_CAUSE, traces), links, handle);
};

const handling = ({ subject }: Delivery): string => `handle ${subject}`;

const traceIn = ({ headers = {} }: Pick<Delivery, "headers">): Context => propagation.extract(ROOT_CONTEXT, headers);

const traceOf = (current: Context, causationId: string | null): Context => {
  const traces = current.getValue(TRACES_BY_CAUSE);
  const found: unknown = traces instanceof Map && causationId !== null ? traces.get(causationId) : undefined;
  return isContext(found) ? found : current;
};

const isContext = (value: unknown): value is Context =>
  typeof value === "object" && value !== null && "getValue" in value && "setValue" in value;

const inSpan = <T>(name: string, kind: SpanKind, parent: Context, links: Link[], work: () => Promise<T>): Promise<T> =>
  trace.getTracer("@supergraph/messaging").startActiveSpan(name, { kind, links }, parent, async (span) => {
    try {
      return await work();
    } catch (error) {
      // Its kind only: messages may hold a customer's data. The log, which is cleaned of them, has it under this trace.
      span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
