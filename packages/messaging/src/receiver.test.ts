import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Consumer, type DeadLetter, Unavailable } from "./bus.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "./receiver.ts";
import { aMessage, batchRecorder, gate, quietLog, SUBJECT } from "./testing/messages.ts";

const started: Receiver[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(started.splice(0).map((receiver) => receiver.stop(100)));
});

/** A broker in memory: what is given back comes again, at once or after the pause. */
const brokerFor = (consumer: Consumer, options: Partial<ReceiverOptions> = {}) => {
  const letters: DeadLetter[] = [];
  const receiver = createReceiver({
    consumer,
    log: quietLog,
    handling: {},
    maxDeliveries: 3,
    backoffMs: { first: 1, max: 2 },
    ackWaitMs: null,
    random: () => 0,
    bury: async (letter) => void letters.push(letter),
    ...options,
  });
  started.push(receiver);
  const settled: string[] = [];
  /** Resolves when the message is handled or buried. */
  const deliver = (id: string, key = id, attempt = 1): Promise<void> =>
    new Promise((resolve) => {
      const attemptOnce = (count: number): void =>
        receiver.receive(
          id,
          { kind: "message", message: aMessage(id, { key }) },
          {
            attempt: count,
            settle() {
              settled.push(id);
              resolve();
            },
            giveBack: (delayMs) => void setTimeout(() => attemptOnce(count + 1), delayMs),
            keep: () => undefined,
          },
        );
      attemptOnce(attempt);
    });
  return { receiver, deliver, letters, settled };
};

const POISON = Number.POSITIVE_INFINITY;

const idsOf = (letters: readonly DeadLetter[]): string[] => letters.map(({ message }) => message.envelope.id).sort();

describe("a receiver", () => {
  it("handles each message or buries it, in the order of its key, whatever fails and however often", async () => {
    const message = fc.record({
      key: fc.constantFrom("a", "b", "c"),
      // How often it fails, and in what way.
      failures: fc.constantFrom(0, 1, 2, POISON),
      with: fc.constantFrom("error", "outage", "hang"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 8 }),
        async (plan, concurrency, maxBatch) => {
          const left = new Map(plan.map(({ failures, with: kind }, index) => [`m${index}`, { failures, kind }]));
          const running = new Set<string>();
          const effects = new Set<string>();
          const consumer: Consumer = {
            service: "orders",
            subject: SUBJECT,
            async handle(deliveries) {
              expect(deliveries.length).toBeLessThanOrEqual(maxBatch);
              const keys = deliveries.map(({ key }) => key);
              for (const key of keys) expect(running.has(key)).toBe(false);
              expect(new Set(keys).size).toBe(keys.length);
              for (const key of keys) running.add(key);
              await new Promise((resolve) => setImmediate(resolve));
              for (const key of keys) running.delete(key);
              for (const { envelope } of deliveries) {
                const its = left.get(envelope.id);
                if (!its || its.failures === 0) continue;
                if (its.kind === "outage") {
                  its.failures = Math.min(its.failures, 3) - 1;
                  throw new Unavailable("away");
                }
                // Alone it is that the failure counts.
                if (deliveries.length === 1) its.failures -= 1;
                if (its.kind === "hang") await new Promise(() => undefined);
                throw new Error("no");
              }
              // As an inbox does, for a handler that was given up and then ends well.
              for (const { envelope } of deliveries) effects.add(envelope.id);
            },
          };
          const { receiver, deliver, letters } = brokerFor(consumer, {
            // More than a slow machine makes of it.
            maxDeliveries: 8,
            handling: { concurrency, maxBatch, handlerTimeoutMs: 15, outageBackoffMs: { first: 1, max: 2 } },
          });
          await Promise.all(plan.map(({ key }, index) => deliver(`m${index}`, key)));
          const poison = plan.flatMap(({ failures, with: kind }, index) =>
            failures === POISON && kind !== "outage" ? [`m${index}`] : [],
          );
          expect(idsOf(letters)).toEqual(poison.toSorted());
          expect([...effects].sort()).toEqual([...left.keys()].filter((id) => !poison.includes(id)).sort());
          for (const key of ["a", "b", "c"]) {
            const ofKey = [...effects]
              .filter((id) => plan[Number(id.slice(1))]?.key === key)
              .map((id) => Number(id.slice(1)));
            expect(ofKey).toEqual(ofKey.toSorted((one, other) => one - other));
          }
          expect(receiver.stats()).toMatchObject({
            handled: plan.length - poison.length,
            deadLetters: poison.length,
            waiting: 0,
          });
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  }, 60_000);

  it("lets messages that were delivered often, and so may have ended the process, take no others with them", async () => {
    const consumer = batchRecorder();
    const { deliver } = brokerFor(consumer, { maxDeliveries: 20 });
    await Promise.all([deliver("a"), deliver("often", "often", 3), deliver("b", "b", 2), deliver("oftener", "x", 7)]);
    expect(consumer.batches.toSorted()).toEqual([["a#1", "b#2"], ["often#3"], ["oftener#7"]]);
  });

  it("keeps a slot free for what has not failed, when all that has failed hangs", async () => {
    const finish = gate();
    const consumer = batchRecorder(async ([delivery]) => {
      if (delivery?.envelope.id.startsWith("hangs")) await finish.passed;
    });
    const { deliver } = brokerFor(consumer, { maxDeliveries: 20, handling: { concurrency: 3 } });
    const hanging = ["hangs1", "hangs2", "hangs3"].map((id) => deliver(id, id, 5));
    await deliver("fresh");
    expect(consumer.handled).toEqual(["fresh"]);
    finish.open();
    await Promise.all(hanging);
  });

  it("does not count deliveries that came while it had the message", async () => {
    const finish = gate();
    const consumer = batchRecorder(() => finish.passed);
    const { receiver, letters } = brokerFor(consumer, { maxDeliveries: 2 });
    const settled = new Promise<number>((resolve) => {
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        receiver.receive(
          "evt_1",
          { kind: "message", message: aMessage("evt_1") },
          { attempt, settle: () => resolve(attempt), giveBack: () => undefined, keep: () => undefined },
        );
      }
    });
    finish.open();
    // The answer goes to the newest delivery.
    expect(await settled).toBe(5);
    expect([consumer.batches, letters]).toEqual([[["evt_1#1"]], []]);
    expect(receiver.stats()).toMatchObject({ handled: 1, redeliveries: 4 });
  });

  it("handles at once what comes after a pause, together what comes soon after it, and a full batch at once", async () => {
    vi.useFakeTimers();
    const consumer = batchRecorder();
    const { deliver } = brokerFor(consumer, { handling: { paceMs: { least: 20, most: 20 }, maxBatch: 3 } });
    const deliverAll = (...ids: readonly string[]) => {
      for (const id of ids) void deliver(id);
    };
    deliverAll("a");
    await vi.advanceTimersByTimeAsync(1);
    expect(consumer.batches).toEqual([["a#1"]]);
    deliverAll("b");
    await vi.advanceTimersByTimeAsync(10);
    deliverAll("c");
    expect(consumer.batches).toEqual([["a#1"]]);
    await vi.advanceTimersByTimeAsync(10);
    expect(consumer.batches).toEqual([["a#1"], ["b#1", "c#1"]]);
    deliverAll("d", "e", "f");
    await vi.advanceTimersByTimeAsync(1);
    expect(consumer.batches.at(-1)).toEqual(["d#1", "e#1", "f#1"]);
  });

  it("leaves the longer between batches the longer they take, but never too long", async () => {
    vi.useFakeTimers();
    let takesMs = 10;
    const consumer = batchRecorder(() => new Promise((resolve) => setTimeout(resolve, takesMs)));
    const { deliver } = brokerFor(consumer, { handling: { concurrency: 1, paceMs: { least: 1, most: 100 } } });
    const beginsAfter = async (id: string): Promise<number> => {
      const batches = consumer.batches.length;
      const since = performance.now();
      void deliver(id);
      while (consumer.batches.length === batches) await vi.advanceTimersByTimeAsync(1);
      return performance.now() - since;
    };
    await beginsAfter("a");
    expect(await beginsAfter("b")).toBeGreaterThanOrEqual(38);
    takesMs = 90;
    await beginsAfter("c");
    const afterSlow = await beginsAfter("d");
    expect(afterSlow).toBeGreaterThanOrEqual(98);
    expect(afterSlow).toBeLessThanOrEqual(102);
  });

  it("asks with one batch at a time whether what was away is back", async () => {
    let running = 0;
    let most = 0;
    let isAway = true;
    const consumer = batchRecorder(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      if (isAway) throw new Unavailable("away");
    });
    const { deliver } = brokerFor(consumer, { handling: { concurrency: 4, maxBatch: 2 } });
    const all = ["a", "b", "c", "d", "e", "f", "g", "h"].map((id) => deliver(id));
    while (consumer.batches.length < 4 + 2) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(consumer.batches.slice(4).every((batch) => batch.length === 2)).toBe(true);
    expect(most).toBe(4);
    most = 0;
    while (consumer.batches.length < 4 + 3) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(most).toBe(1);
    isAway = false;
    await Promise.all(all);
    expect(consumer.handled.toSorted()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  });
});
