import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { enableTracing } from "@supergraph/service";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Delivery, Message } from "./bus.ts";
import { newMessage, on, onBatch } from "./events.ts";
import { handleAsConsumer } from "./testing/handling.ts";

const placed = {
  type: "orders.order.placed",
  version: 1,
  subject: "orders.order.placed.v1",
  schema: z.object({ orderId: z.string() }),
};

const TRACE_A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const TRACE_B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const parentOf = (traceId: string) => ({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });

const make = (id: string, cause: { causationId: string | null; headers?: Record<string, string> }): Message =>
  newMessage(placed, { id, key: id, time: new Date(0), correlationId: "req_1", data: { orderId: id }, ...cause });

const delivery = (id: string, headers: Record<string, string>): Delivery => ({
  ...make(id, { causationId: null }),
  headers,
  attempt: 1,
});

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
