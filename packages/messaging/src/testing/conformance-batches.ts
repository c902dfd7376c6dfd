import { eventually } from "@supergraph/testing";
import { describe, expect, it } from "vitest";
import { type Bus, type Consumer, type DeadLetter, type Delivery, type Message, Unavailable } from "../bus.ts";
import type { BusSettings } from "./conformance.ts";
import { aMessage, batchRecorder, gate } from "./messages.ts";

export interface BatchEnvironment {
  start(consumers: readonly Consumer[], settings?: Partial<BusSettings>): Promise<Bus>;
  deadLetters(): Promise<readonly DeadLetter[]>;
}

const NAME = "orders-products-stock-reserved-v1";

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `evt_${index}`);

const includes = (deliveries: readonly Delivery[], id: string): boolean =>
  deliveries.some(({ envelope }) => envelope.id === id);

/** What every bus promises of batches: of any number of messages, all take effect or none. */
export const describeBatches = ({ start, deadLetters }: BatchEnvironment): void => {
  /** Has `messages` wait while one message before them is handled, then lets go of that. */
  const handleTogether = async (
    handle: (deliveries: readonly Delivery[]) => Promise<void> | void,
    messages: readonly Message[],
    settings: Partial<BusSettings> = {},
  ) => {
    const first = gate();
    const consumer = batchRecorder(async (deliveries) => {
      if (includes(deliveries, "first")) await first.passed;
      else await handle(deliveries);
    });
    const bus = await start([consumer], { concurrency: 1, ...settings });
    const published = [bus.publish(aMessage("first", { key: "first" }))];
    await eventually(() => expect(consumer.batches).toHaveLength(1));
    published.push(...messages.map((message) => bus.publish(message)));
    await eventually(() => expect(bus.stats()[0]?.waiting).toBe(messages.length));
    first.open();
    return { bus, consumer, published: Promise.all(published) };
  };

  const withOwnKeys = (ids: readonly string[]) => ids.map((id) => aMessage(id, { key: id }));

  const letters = (count: number) =>
    eventually(async () => {
      const found = await deadLetters();
      expect(found).toHaveLength(count);
      return found;
    });

  it("hand over together what waits, as it came, and no more than they may", async () => {
    const ids = numbered(35);
    const { consumer } = await handleTogether(() => undefined, withOwnKeys(ids), { maxBatch: 10 });
    await eventually(() => expect(consumer.handled).toEqual(["first", ...ids]));
    expect(consumer.batches.map((batch) => batch.length)).toEqual([1, 10, 10, 10, 5]);
  });

  it("hold one message of a key at a time, in its order", async () => {
    const messages = ["a1", "a2", "b1", "a3", "b2"].map((id) => aMessage(id, { key: id.slice(0, 1) }));
    const { consumer } = await handleTogether(() => undefined, messages);
    await eventually(() => expect(consumer.handled).toHaveLength(6));
    expect(consumer.batches.slice(1)).toEqual([["a1#1", "b1#1"], ["a2#1", "b2#1"], ["a3#1"]]);
  });

  it("are halved when they fail: the neighbours of poison are handled at once, and it alone is buried, with its history", async () => {
    const ids = numbered(100);
    const poison = "evt_57";
    const handledBefore: number[] = [];
    const { bus, consumer } = await handleTogether((deliveries) => {
      if (!includes(deliveries, poison)) return;
      if (deliveries[0]?.attempt === 2) handledBefore.push(consumer.handled.length);
      throw new Error(`Row ${poison} does not fit.`);
    }, withOwnKeys(ids));
    const [letter] = await letters(1);
    expect(letter).toMatchObject({
      attempts: 3,
      error: expect.stringContaining("Row evt_57 does not fit."),
      message: { envelope: { id: poison } },
      failures: [1, 2, 3].map((attempt) => ({ attempt, error: "Error: Row evt_57 does not fit." })),
    });
    expect([...consumer.handled].sort()).toEqual(["first", ...ids.filter((id) => id !== poison)].sort());
    // All neighbours before the second attempt, and that one alone.
    expect(handledBefore).toEqual([100]);
    expect(consumer.batches.flat().filter((seen) => !seen.endsWith("#1"))).toEqual([`${poison}#2`, `${poison}#3`]);
    // The first, all, 7 times two halves, and twice the poison.
    expect(consumer.batches.length).toBeLessThanOrEqual(2 + 2 * 7 + 2);
    // A letter is counted once it is kept, and seen by others a moment earlier.
    await eventually(() =>
      expect(bus.stats()).toEqual([
        { service: "orders", consumer: NAME, handled: 100, redeliveries: 2, deadLetters: 1, waiting: 0 },
      ]),
    );
  });

  it("do not wait for a message that backs off", async () => {
    let isBroken = true;
    const consumer = batchRecorder((deliveries) => {
      if (isBroken && includes(deliveries, "stuck")) throw new Error("Not yet.");
    });
    const bus = await start([consumer], { concurrency: 1, backoffMs: { first: 2_000, max: 2_000 } });
    const stuck = bus.publish(aMessage("stuck", { key: "broken" }));
    const behind = bus.publish(aMessage("behind", { key: "broken" }));
    await eventually(() => expect(consumer.batches).toHaveLength(1));
    await Promise.all(withOwnKeys(["a", "b"]).map((message) => bus.publish(message)));
    await eventually(() => expect(consumer.handled).toEqual(["a", "b"]));
    isBroken = false;
    await Promise.all([stuck, behind]);
    await eventually(() => expect(consumer.handled).toEqual(["a", "b", "stuck", "behind"]));
  });

  it("are all buried when all are poison, each for its own error", async () => {
    const ids = numbered(9);
    await handleTogether(
      ([delivery]) => {
        throw new Error(`No ${delivery?.envelope.id}.`);
      },
      withOwnKeys(ids),
      { maxDeliveries: 2, backoffMs: { first: 1, max: 1 } },
    );
    const found = await letters(9);
    for (const { error, message } of found) expect(error).toContain(`No ${message.envelope.id}.`);
  });

  it("wait whole for as long as what their handler needs is away, which counts as no failure", async () => {
    const ids = numbered(20);
    let calls = 0;
    const { bus, consumer } = await handleTogether(
      () => {
        calls += 1;
        if (calls <= 4) throw new Unavailable("The database is away.");
      },
      withOwnKeys(ids),
      { maxDeliveries: 1 },
    );
    await eventually(() => expect(consumer.handled).toEqual(["first", ...ids]));
    expect(consumer.batches.slice(1)).toEqual(Array.from({ length: 5 }, () => ids.map((id) => `${id}#1`)));
    expect(bus.stats()[0]).toMatchObject({ handled: 21, redeliveries: 0, deadLetters: 0 });
    expect(await deadLetters()).toEqual([]);
  });

  it("are begun no more in an outage once the bus stops, and kept for the next process", async () => {
    const { bus, consumer, published } = await handleTogether(
      () => {
        throw new Unavailable("The database is away.");
      },
      withOwnKeys(numbered(5)),
    );
    const kept = published.then(
      () => [],
      () => withOwnKeys(numbered(5)),
    );
    await eventually(() => expect(consumer.batches).toHaveLength(2));
    await bus.stop();
    const calls = consumer.batches.length;
    const next = batchRecorder();
    const nextBus = await start([next]);
    for (const message of await kept) await nextBus.publish(message);
    await eventually(() => expect(new Set(next.handled)).toEqual(new Set(numbered(5))));
    expect(consumer.batches).toHaveLength(calls);
  });

  it("are given up when a handler hangs: the neighbours are handled, and what hangs alone is buried", async () => {
    const { consumer } = await handleTogether(
      async (deliveries) => {
        if (includes(deliveries, "hangs")) await new Promise(() => undefined);
      },
      withOwnKeys(["a", "b", "hangs", "c"]),
      { handlerTimeoutMs: 400, maxDeliveries: 2 },
    );
    const [letter] = await letters(1);
    expect(letter).toMatchObject({
      message: { envelope: { id: "hangs" } },
      failures: [1, 2].map((attempt) => ({ attempt, error: "HandlerTimeout: It was not handled within 400 ms." })),
    });
    expect([...consumer.handled].sort()).toEqual(["a", "b", "c", "first"]);
  });

  it("keep the order of each key through failures of any batch", async () => {
    const keys = ["a", "b", "c", "d", "e"];
    const messages = numbered(60).map((id, index) => aMessage(id, { key: keys[index % 5] ?? "a" }));
    let calls = 0;
    const consumer = batchRecorder(() => {
      calls += 1;
      if (calls % 3 === 0) throw new Error("Now and then.");
    });
    const bus = await start([consumer], { maxBatch: 3, maxDeliveries: 1_000, backoffMs: { first: 1, max: 4 } });
    await Promise.all(messages.map((message) => bus.publish(message)));
    await eventually(() => expect(consumer.handled).toHaveLength(60));
    for (const key of keys) {
      const idsOfKey = messages.filter((message) => message.key === key).map(({ envelope }) => envelope.id);
      expect(consumer.handled.filter((id) => idsOfKey.includes(id))).toEqual(idsOfKey);
    }
  });

  describe("numbers", () => {
    it("tell what is handled, what waits, and how far a service's consumers are behind", async () => {
      const finish = gate();
      const consumer = batchRecorder(() => finish.passed);
      const bus = await start([consumer], { concurrency: 1, maxBatch: 1 });
      const published = withOwnKeys(["a", "b", "c"]).map((message) => bus.publish(message));
      await eventually(() => expect(bus.stats()).toMatchObject([{ consumer: NAME, handled: 0, waiting: 2 }]));
      const [lag] = await bus.lag("orders");
      expect(lag?.consumer).toBe(NAME);
      expect((lag?.pending ?? 0) + (lag?.unacknowledged ?? 0)).toBe(3);
      expect(await bus.lag("payments")).toEqual([]);
      finish.open();
      await Promise.all(published);
      await eventually(() => expect(bus.stats()).toMatchObject([{ handled: 3, waiting: 0 }]));
      await eventually(async () =>
        expect(await bus.lag("orders")).toEqual([{ consumer: NAME, pending: 0, unacknowledged: 0 }]),
      );
    });
  });
};
