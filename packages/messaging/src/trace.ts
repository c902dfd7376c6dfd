import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { beginSpan, endSpan, inSpan, isRecorded, whileRuns } from "@supergraph/tracing";
import type { Delivery, Message } from "./bus.ts";

/** In a batch of several: the span of each event, by its id. */
const SPANS_BY_CAUSE = createContextKey("supergraph: spans by cause");

/**
 * The trace context, as headers, of a message that is made now and follows from `causationId`: that of the request or
 * event that is handled; of the several events of a batch, that of the one that is named. Empty outside of any trace.
 */
export const traceHeaders = (causationId: string | null): Record<string, string> =>
  headersOf(spanOf(context.active(), causationId));

/** Runs `work`, named `name`, in a span of the trace that was remembered as {@link traceHeaders}; of a new one without. */
export const continueTrace = <T>(
  headers: Readonly<Record<string, string>>,
  name: string,
  work: () => Promise<T>,
): Promise<T> => inSpan(name, { parent: remembered({ headers }) }, work);

/** A step of something long, such as a saga: a span that is ended by hand, and what it leaves for what follows from it. */
export interface Step {
  /** Trace context of what follows from the step; as was given where nothing is recorded. */
  readonly headers: Readonly<Record<string, string>>;
  end(): void;
}

/** Begins a step that `cause` brought about, in its trace. One that is never ended was never made, and is not recorded. */
export const beginStep = (
  name: string,
  {
    causationId,
    headers,
  }: { readonly causationId: string | null; readonly headers?: Readonly<Record<string, string>> },
  attributes: Attributes,
): Step => {
  const parent = headers ? remembered({ headers }) : spanOf(context.active(), causationId);
  if (!headers && !isRecorded(parent)) return { headers: headersOf(parent), end: () => undefined };
  const { span, its } = beginSpan(name, { parent, attributes });
  if (!span.isRecording()) return { headers: headers ?? headersOf(parent), end: () => undefined };
  return { headers: headersOf(its), end: () => endSpan(span) };
};

/**
 * Publishes `message` in a span below that in which it was made, and has what comes of it below that in turn. As it is
 * where nobody would see the span, and where it was made in none.
 */
export const inPublishSpan = (
  system: string,
  message: Message,
  publish: (message: Message) => Promise<void>,
): Promise<void> => {
  const parent = remembered(message);
  const maker = trace.getSpanContext(parent);
  if (!maker || !isSpanContextValid(maker)) return publish(message);
  const { span, its } = beginSpan(`publish ${message.subject}`, {
    kind: SpanKind.PRODUCER,
    parent,
    attributes: {
      "messaging.system": system,
      "messaging.operation.name": "publish",
      "messaging.operation.type": "send",
      "messaging.destination.name": message.subject,
      "messaging.message.id": message.envelope.id,
    },
  });
  if (!span.isRecording()) return publish(message);
  return whileRuns([span], () => publish({ ...message, headers: { ...message.headers, ...headersOf(its) } }));
};

/**
 * Runs `work` as the handling of `deliveries`, of one subject: each has a span in the trace that it came with. What is
 * done for one alone is in its span; for several, in a span and trace of its own that is linked to all of theirs.
 */
export const inTracesOf = <T>(service: string, deliveries: readonly Delivery[], work: () => Promise<T>): Promise<T> => {
  const [only, ...others] = deliveries;
  if (!only) return work();
  const name = `handle ${only.subject}`;
  const settingsOf = (delivery: Delivery) => ({
    kind: SpanKind.CONSUMER,
    parent: remembered(delivery),
    attributes: {
      "messaging.operation.name": "handle",
      "messaging.operation.type": "process",
      "messaging.destination.name": delivery.subject,
      "messaging.consumer.group.name": service,
      "messaging.message.id": delivery.envelope.id,
    },
  });
  if (others.length === 0) return inSpan(name, settingsOf(only), work);

  const attributes = { "messaging.batch.message_count": deliveries.length };
  return inSpan(`${name} together`, { parent: ROOT_CONTEXT, attributes }, (batch, its) => {
    const links = [{ context: batch.spanContext() }];
    const spans = deliveries.map((delivery) => ({ delivery, ...beginSpan(name, { ...settingsOf(delivery), links }) }));
    batch.addLinks(spans.map(({ span }) => ({ context: span.spanContext() })));
    const byCause = new Map(spans.map((one) => [one.delivery.envelope.id, one.its]));
    return whileRuns(
      spans.map(({ span }) => span),
      () => context.with(its.setValue(SPANS_BY_CAUSE, byCause), work),
    );
  });
};

/** Does in {@link inTracesOf} what is done for one of the deliveries, whose id is `id`, in its span. */
export const inSpanOf = <T>(id: string, work: () => Promise<T>): Promise<T> =>
  context.with(spanOf(context.active(), id), work);

const remembered = ({ headers = {} }: Pick<Message, "headers">): Context => propagation.extract(ROOT_CONTEXT, headers);

const headersOf = (its: Context): Record<string, string> => {
  const headers: Record<string, string> = {};
  propagation.inject(its, headers);
  return headers;
};

const spanOf = (current: Context, causationId: string | null): Context => {
  const spans = current.getValue(SPANS_BY_CAUSE);
  const found: unknown = spans instanceof Map && causationId !== null ? spans.get(causationId) : undefined;
  return isContext(found) ? found : current;
};

const isContext = (value: unknown): value is Context =>
  typeof value === "object" && value !== null && "getValue" in value && "setValue" in value;
