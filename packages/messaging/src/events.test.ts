import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Consumer } from "./bus.ts";
import { newMessage, on, startConsumers } from "./events.ts";
import { aMessage, gate } from "./testing/messages.ts";

const placed = {
  type: "orders.order.placed",
  version: 1,
  subject: "orders.order.placed.v1",
  schema: z.object({ total: z.codec(z.string(), z.bigint(), { decode: (text) => BigInt(text), encode: String }) }),
};
const event = {
  id: "evt_1",
  key: "ord_1",
  time: new Date("2026-01-31T12:00:00.000Z"),
  correlationId: "req_1",
  causationId: null,
  data: { total: 1999n },
};

/** Hands deliveries to the consumers that were started on it. */
const handBus = () => {
  const consumers: Consumer[] = [];
  return {
    kind: "by hand",
    consumers,
    publish: async () => undefined,
    consume: async (consumer: Consumer) => void consumers.push(consumer),
    tail: async () => async () => undefined,
    keptSince: async () => null,
    stats: () => [],
    lag: async () => [],
    check: async () => undefined,
    stop: async () => undefined,
  };
};

describe("events", () => {
  it("are encoded by their contract and decoded for the handler", async () => {
    const message = newMessage(placed, event);
    expect(message.envelope).toMatchObject({ type: placed.type, version: 1, data: { total: "1999" } });
    const received: unknown[] = [];
    const { handle } = on(placed, async (decoded) => void received.push(decoded));
    await handle([{ ...message, attempt: 1 }], null);
    const { key: _, ...expected } = event;
    expect(received).toEqual([{ ...expected, headers: {} }]);
  });

  it("that do not fit their contract are refused on both sides", async () => {
    // @ts-expect-error a number is no bigint
    expect(() => newMessage(placed, { ...event, data: { total: 1 } })).toThrow(z.ZodError);
    const { handle } = on(placed, async () => undefined);
    const bad = aMessage("evt_1", { data: { total: 7 } });
    await expect(async () => handle([{ ...bad, attempt: 1 }], null)).rejects.toThrow(z.ZodError);
  });
});

describe("consumers", () => {
  it("handle each message inside `once`, under the subject as the consumer's name", async () => {
    const bus = handBus();
    const calls: unknown[] = [];
    await startConsumers<string>({
      bus,
      service: "payments",
      subscriptions: [on(placed, async ({ id }, tx) => void calls.push([id, tx]))],
      once: async (message, work) => {
        calls.push(message);
        await work("tx", new Set(message.messageIds));
      },
      isOutage: () => false,
    });
    await bus.consumers[0]?.handle([{ ...newMessage(placed, event), attempt: 1 }]);
    expect(calls).toEqual([{ consumer: placed.subject, messageIds: ["evt_1"] }, ["evt_1", "tx"]]);
  });

  it("wait for handlers that run when they stop, and refuse what comes after", async () => {
    const bus = handBus();
    const finish = gate();
    let finished = false;
    const consumers = await startConsumers<null>({
      bus,
      service: "payments",
      subscriptions: [
        on(placed, async () => {
          await finish.passed;
          finished = true;
        }),
      ],
      once: ({ messageIds }, work) => work(null, new Set(messageIds)),
      isOutage: () => false,
    });
    const delivery = { ...newMessage(placed, event), attempt: 1 };
    const running = bus.consumers[0]?.handle([delivery]);
    const stopped = consumers.stop();
    await expect(bus.consumers[0]?.handle([delivery])).rejects.toThrow("payments is stopping.");
    finish.open();
    await stopped;
    expect(finished).toBe(true);
    await running;
  });
});
