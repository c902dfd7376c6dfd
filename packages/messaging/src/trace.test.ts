import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { enableTracing } from "@supergraph/service";
import { beforeAll, describe, expect, it } from "vitest";
import type { Message } from "./bus.ts";
import { on, onBatch } from "./events.ts";
import {
  deliveryOfPlaced as delivery,
  handleAsConsumer,
  makePlaced as make,
  parentOf,
  placed,
  TRACE_A,
  TRACE_B,
} from "./testing/placed-orders.ts";

const traceOf = ({ headers = {} }: Message) =>
  trace.getSpanContext(propagation.extract(ROOT_CONTEXT, headers))?.traceId ?? null;

beforeAll(() => enableTracing());

describe("a message", () => {
  it("belongs to the trace of the request in which it is made, and outside of any to none", () => {
    expect(make("evt_1", { causationId: null }).headers).toEqual({});
    const request = propagation.extract(ROOT_CONTEXT, parentOf(TRACE_A));
    expect(context.with(request, () => traceOf(make("evt_1", { causationId: null })))).toBe(TRACE_A);
  });

  it("belongs to the trace of a cause that was remembered, rather than to that which runs now", () => {
    const request = propagation.extract(ROOT_CONTEXT, parentOf(TRACE_A));
    const message = context.with(request, () => make("evt_1", { causationId: null, headers: parentOf(TRACE_B) }));
    expect(traceOf(message)).toBe(TRACE_B);
  });
});

describe("what follows from an event", () => {
  it("belongs to the event's trace, one after another", async () => {
    const made: Message[] = [];
    const subscription = on(placed, async ({ id }) => {
      await Promise.resolve();
      made.push(make(`after ${id}`, { causationId: id }));
    });
    await handleAsConsumer(subscription, [delivery("evt_a", parentOf(TRACE_A)), delivery("evt_b", parentOf(TRACE_B))]);
    expect(made.map(traceOf)).toEqual([TRACE_A, TRACE_B]);
    // In a span of the handler's own.
    expect(made[0]?.headers?.traceparent).not.toContain("00f067aa0ba902b7");
  });

  it("belongs to the trace of the event that caused it, of several that are handled together", async () => {
    const made: Message[] = [];
    const subscription = onBatch(placed, async (events) => {
      await Promise.resolve();
      made.push(...events.map(({ id }) => make(`after ${id}`, { causationId: id })));
    });
    await handleAsConsumer(subscription, [delivery("evt_a", parentOf(TRACE_A)), delivery("evt_b", parentOf(TRACE_B))]);
    await handleAsConsumer(subscription, [delivery("evt_b", parentOf(TRACE_B))]);
    expect(made.map(traceOf)).toEqual([TRACE_A, TRACE_B, TRACE_B]);
  });

  it("belongs to a trace that begins here when the event came without any", async () => {
    const made: Message[] = [];
    const follow = async (id: string) => void made.push(make(`after ${id}`, { causationId: id }));
    await handleAsConsumer(
      on(placed, ({ id }) => follow(id)),
      [delivery("evt_a", {})],
    );
    await handleAsConsumer(
      onBatch(placed, async (events) => {
        for (const { id } of events) await follow(id);
      }),
      [delivery("evt_a", {}), delivery("evt_b", { traceparent: "nonsense" })],
    );
    const traces = made.map(traceOf);
    for (const traceId of traces) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});
