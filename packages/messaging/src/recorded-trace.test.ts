import { context, propagation, ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { silentLogger } from "@supergraph/service";
import { type RecordedSpan, type RecordedSpans, recordSpans } from "@supergraph/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "./bus.ts";
import { on, onBatch } from "./events.ts";
import { createInProcessBus } from "./in-process.ts";
import {
  CALLER,
  deliveryOfPlaced as delivery,
  handleAsConsumer,
  makePlaced as make,
  parentOf,
  placed,
  TRACE_A,
  TRACE_B,
} from "./testing/placed-orders.ts";
import { beginStep } from "./trace.ts";

let recorded: RecordedSpans;
beforeAll(() => {
  recorded = recordSpans();
});
beforeEach(() => recorded.forget());

const spans = (traceId: string): RecordedSpan[] =>
  recorded.all().filter((span) => span.spanContext().traceId === traceId);
const parents = (traceId: string) =>
  spans(traceId).map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId]);
const idOf = (span: RecordedSpan | undefined) => span?.spanContext().spanId;
const spanIdIn = ({ headers }: { headers?: Readonly<Record<string, string>> }) => headers?.traceparent?.split("-")[2];

describe("a message that is published", () => {
  const publish = async (message: Message): Promise<Message[]> => {
    const received: Message[] = [];
    const bus = createInProcessBus({ log: silentLogger() });
    await bus.tail([placed.subject], (told) => received.push(told));
    bus.open();
    await bus.publish(message);
    await bus.stop();
    return received;
  };

  it("has a span below that in which it was made, and what comes of it is below that", async () => {
    const [received] = await publish(make("evt_1", { causationId: null, headers: parentOf(TRACE_A) }));
    const [span] = spans(TRACE_A);
    expect(span).toMatchObject({
      name: "publish orders.order.placed.v1",
      kind: SpanKind.PRODUCER,
      parentSpanContext: { spanId: CALLER },
      attributes: { "messaging.system": "in-process", "messaging.message.id": "evt_1" },
    });
    expect(spanIdIn(received ?? {})).toBe(idOf(span));
  });

  it("is as it was made where its trace is not recorded, or it has none", async () => {
    const unsampled = make("evt_1", { causationId: null, headers: parentOf(TRACE_A, "00") });
    const alone = make("evt_2", { causationId: null });
    expect([await publish(unsampled), await publish(alone)]).toEqual([[unsampled], [alone]]);
    expect(recorded.all()).toEqual([]);
  });
});

describe("what is handled", () => {
  it("is a span with all that its transaction does, and what follows from it is below", async () => {
    const made: Message[] = [];
    const subscription = on(placed, async ({ id }) => void made.push(make("evt_2", { causationId: id })));
    await handleAsConsumer(subscription, [delivery("evt_1", parentOf(TRACE_A))]);
    const [span] = spans(TRACE_A);
    expect(span).toMatchObject({
      name: "handle orders.order.placed.v1",
      kind: SpanKind.CONSUMER,
      parentSpanContext: { spanId: CALLER },
      attributes: { "messaging.consumer.group.name": "payments", "messaging.message.id": "evt_1" },
    });
    expect(made.map(spanIdIn)).toEqual([idOf(span)]);
  });

  it("together has a span each, in its own trace, and one for what is done for all, linked both ways", async () => {
    const made: Message[] = [];
    const subscription = onBatch(
      placed,
      async (events) => void made.push(...events.map(({ id }) => make(`after ${id}`, { causationId: id }))),
    );
    await handleAsConsumer(subscription, [delivery("evt_a", parentOf(TRACE_A)), delivery("evt_b", parentOf(TRACE_B))]);
    const [[ofA], [ofB]] = [spans(TRACE_A), spans(TRACE_B)];
    expect(made.map(spanIdIn)).toEqual([idOf(ofA), idOf(ofB)]);
    const batch = recorded.all().at(-1);
    expect(batch).toMatchObject({ name: "handle orders.order.placed.v1 together", parentSpanContext: undefined });
    expect(batch?.links.map((link) => link.context.spanId)).toEqual([idOf(ofA), idOf(ofB)]);
    for (const span of [ofA, ofB]) expect(span?.links.map((link) => link.context.spanId)).toEqual([idOf(batch)]);
  });

  it("one by one in a transaction for several is done in each one's own span", async () => {
    const steps: string[] = [];
    const subscription = on(placed, async ({ id }) => {
      const step = beginStep(`step of ${id}`, { causationId: null }, {});
      step.end();
      steps.push(spanIdIn(step) ?? "");
    });
    await handleAsConsumer(subscription, [delivery("evt_a", parentOf(TRACE_A)), delivery("evt_b", parentOf(TRACE_B))]);
    for (const [trace, id] of [
      [TRACE_A, "evt_a"],
      [TRACE_B, "evt_b"],
    ] as const) {
      const handling = spans(trace).find(({ name }) => name.startsWith("handle"));
      expect(parents(trace)).toContainEqual([`step of ${id}`, idOf(handling)]);
    }
    expect(new Set(steps).size).toBe(2);
  });

  it("and fails is marked in each span, by the error's kind alone", async () => {
    const subscription = onBatch(placed, () => Promise.reject(new TypeError("ada@example.com")));
    const deliveries = [delivery("evt_a", parentOf(TRACE_A)), delivery("evt_b", parentOf(TRACE_B))];
    await expect(handleAsConsumer(subscription, deliveries)).rejects.toThrow("ada@example.com");
    const finished = recorded.all();
    expect(finished.map(({ status, attributes, events }) => [status.code, attributes["error.type"], events])).toEqual(
      finished.map(() => [2, "TypeError", []]),
    );
    expect(finished).toHaveLength(3);
  });
});

describe("a step", () => {
  it("is below what is handled now, or what is remembered of its cause", () => {
    const request = propagation.extract(ROOT_CONTEXT, parentOf(TRACE_A));
    context.with(request, () => {
      const late = beginStep("late", { causationId: null, headers: parentOf(TRACE_B) }, { "saga.to": "DONE" });
      late.end();
      expect(late.headers.traceparent).toContain(TRACE_B);
    });
    expect(parents(TRACE_B)).toEqual([["late", CALLER]]);
    expect(spans(TRACE_A)).toEqual([]);
  });

  it("leaves the trace as it is where nothing is recorded", () => {
    const headers = parentOf(TRACE_A, "00");
    const step = beginStep("late", { causationId: null, headers }, {});
    step.end();
    expect(step.headers).toEqual(headers);
    expect(beginStep("alone", { causationId: null }, {}).headers).toEqual({});
    expect(recorded.all()).toEqual([]);
  });

  it("that never ends was not made", () => {
    beginStep("undone", { causationId: null, headers: parentOf(TRACE_A) }, {});
    expect(recorded.all()).toEqual([]);
  });
});
