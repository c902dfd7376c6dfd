import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Consumer, type Delivery, Unavailable } from "./bus.ts";
import { newMessage, type Once, on, onBatch, type Subscription, startConsumers } from "./events.ts";
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

  describe("that get a batch", () => {
    const started = async (options: {
      subscription: Subscription<string>;
      known?: readonly string[];
      once?: Once<string>;
    }) => {
      const bus = handBus();
      const known = new Set(options.known);
      await startConsumers<string>({
        bus,
        service: "payments",
        subscriptions: [options.subscription],
        once:
          options.once ??
          (async ({ messageIds }, work) => {
            const fresh = messageIds.filter((id) => !known.has(id));
            if (fresh.length > 0) await work("tx", new Set(fresh));
          }),
        isOutage: (error) => error instanceof Error && error.message.startsWith("away"),
      });
      return async (...deliveries: Delivery[]) => bus.consumers[0]?.handle(deliveries);
    };
    const delivered = (id: string, key = id): Delivery => ({
      ...newMessage(placed, { ...event, id, key }),
      attempt: 1,
    });

    it("hand over those that are new in one call, in the order of their keys", async () => {
      const calls: unknown[] = [];
      const subscription = onBatch(placed, async (events, tx: string) => {
        calls.push([events.map(({ id, data }) => `${id} ${data.total}`), tx]);
      });
      const handle = await started({ subscription, known: ["known"] });
      await handle(delivered("c", "1"), delivered("known", "2"), delivered("a", "3"), delivered("b", "0"));
      await handle(delivered("known"));
      expect(calls).toEqual([[["b 1999", "c 1999", "a 1999"], "tx"]]);
    });

    it("take two deliveries of one id for one", async () => {
      const ids: string[] = [];
      const handle = await started({ subscription: on(placed, async ({ id }) => void ids.push(id)) });
      await handle(delivered("twice"), delivered("once"), delivered("twice"));
      expect(ids).toEqual(["once", "twice"]);
    });

    it("hand over the headers, which carry the trace", async () => {
      const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      const seen: unknown[] = [];
      const handle = await started({ subscription: on(placed, async ({ headers }) => void seen.push(headers)) });
      await handle({ ...newMessage(placed, { ...event, headers: { traceparent } }), attempt: 1 }, delivered("without"));
      expect(seen).toEqual([{ traceparent }, {}]);
    });

    it("stop at the first that a handler refuses, and reject for all", async () => {
      const ids: string[] = [];
      const subscription = on(placed, async ({ id }) => {
        ids.push(id);
        if (id === "b") throw new Error("Not this one.");
      });
      const handle = await started({ subscription });
      await expect(handle(delivered("a"), delivered("b"), delivered("c"))).rejects.toThrow("Not this one.");
      expect(ids).toEqual(["a", "b"]);
    });

    it("say that an outage is nobody's fault, and an error is the batch's", async () => {
      const refuse = (reason: string) =>
        started({ subscription: on(placed, () => Promise.reject(new Error(reason))) }).then((handle) =>
          handle(delivered("a")).catch((error: unknown) => error),
        );
      const outage = await refuse("away, the database is");
      expect(outage).toBeInstanceOf(Unavailable);
      expect(outage).toMatchObject({ cause: { message: "away, the database is" } });
      expect(await refuse("Quantity 7 does not fit.")).not.toBeInstanceOf(Unavailable);
    });

    it("do not take it for an outage when a handler hangs until the database ends its connection", async () => {
      const handle = await started({
        subscription: on(placed, () => new Promise(() => undefined)),
        once: async (_, work) => {
          void work("tx", new Set(["a"]));
          throw new Error("away, the connection is");
        },
      });
      const failure = await handle(delivered("a")).catch((error: unknown) => error);
      expect(failure).not.toBeInstanceOf(Unavailable);
      expect(failure).toMatchObject({
        message: `The handler of ${placed.subject} went on when its transaction had ended.`,
      });
    });
  });
});
