import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Backoff } from "../backoff.ts";
import type { Bus, Consumer, DeadLetter, Message } from "../bus.ts";
import { describeBatches } from "./conformance-batches.ts";
import { aMessage, gate, recorder, SUBJECT } from "./messages.ts";

export interface BusSettings {
  readonly maxDeliveries: number;
  readonly backoffMs: Backoff;
  readonly concurrency: number;
  readonly maxBatch: number;
  readonly handlerTimeoutMs: number;
  readonly random: () => number;
}

/** A place in which the processes of one test come and go. */
export interface BusEnvironment {
  /** A bus as a process has it after its start: with these consumers, delivering. */
  start(consumers: readonly Consumer[], settings: BusSettings): Promise<Bus>;
  deadLetters(): Promise<readonly DeadLetter[]>;
  /** Stops what the test left running. */
  cleanUp(): Promise<void>;
}

const SETTINGS: BusSettings = {
  maxDeliveries: 3,
  backoffMs: { first: 20, max: 80 },
  concurrency: 4,
  maxBatch: 100,
  handlerTimeoutMs: 60_000,
  // The least jitter: a pause is half its step.
  random: () => 0,
};

/** What every bus promises, whichever way it keeps it. */
export const describeBus = (createEnvironment: () => Promise<BusEnvironment>): void => {
  let environment: BusEnvironment;
  beforeEach(async () => {
    environment = await createEnvironment();
  });
  afterEach(() => environment.cleanUp());

  const start = (consumers: readonly Consumer[], settings: Partial<BusSettings> = {}) =>
    environment.start(consumers, { ...SETTINGS, ...settings });

  /** As an outbox does: what was not acknowledged is kept, and published by the next process. */
  const publishing = (bus: Bus, message: Message): Promise<readonly Message[]> =>
    bus.publish(message).then(
      () => [],
      () => [message],
    );

  describe("delivery", () => {
    it("brings a message with key, headers and envelope as they were published", async () => {
      const consumer = recorder();
      const bus = await start([consumer]);
      const message = aMessage("evt_1", {
        key: "ord_ä/1",
        headers: { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
        data: { title: "Tee 🍵\n\u0000", quantity: 3, nothing: null, list: [1, "2"] },
      });
      await bus.publish(message);
      await eventually(() => expect(consumer.deliveries[0]?.delivery).toEqual({ ...message, attempt: 1 }));
    });

    it("brings a consumer its own subject only", async () => {
      const consumer = recorder();
      const bus = await start([consumer]);
      await bus.publish(aMessage("other", { subject: "products.stock.rejected.v1" }));
      await bus.publish(aMessage("own"));
      await eventually(() => expect(consumer.seen).toEqual(["own#1"]));
    });

    it("brings every service its own copy", async () => {
      const orders = recorder();
      const payments = recorder(undefined, { service: "payments" });
      const bus = await start([orders, payments]);
      await bus.publish(aMessage("evt_1"));
      await eventually(() => expect([orders.seen, payments.seen]).toEqual([["evt_1#1"], ["evt_1#1"]]));
    });

    it("handles a message once when it is published twice at the same time", async () => {
      const consumer = recorder();
      const bus = await start([consumer]);
      await Promise.all([bus.publish(aMessage("evt_1")), bus.publish(aMessage("evt_1"))]);
      await bus.publish(aMessage("evt_2"));
      await eventually(() => expect(consumer.seen).toEqual(["evt_1#1", "evt_2#1"]));
    });

    it("accepts a message that nobody reads", async () => {
      const bus = await start([]);
      await expect(bus.publish(aMessage("evt_1"))).resolves.toBeUndefined();
    });

    it("lets a handler's own messages through while it runs", async () => {
      const answered = gate();
      const answers = recorder(() => answered.open(), { service: "products", subject: "orders.order.placed.v1" });
      const questions: Consumer = recorder(async () => {
        await bus.publish(aMessage("answer", { subject: "orders.order.placed.v1" }));
        await answered.passed;
      });
      const bus: Bus = await start([questions, answers], { concurrency: 1 });
      await bus.publish(aMessage("question"));
      await eventually(() => expect(answers.seen).toEqual(["answer#1"]));
    });

    it("runs no more handlers of a consumer at once than it may", async () => {
      let running = 0;
      let most = 0;
      const consumer = recorder(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      });
      const bus = await start([consumer], { concurrency: 2, maxBatch: 1 });
      const ids = Array.from({ length: 20 }, (_, index) => `evt_${index}`);
      await Promise.all(ids.map((id) => bus.publish(aMessage(id, { key: id }))));
      await eventually(() => expect(consumer.seen).toHaveLength(20));
      expect(most).toBe(2);
    });
  });

  describe("redelivery", () => {
    it("delivers again what a handler refused, with the next attempt and growing pauses", async () => {
      const consumer = recorder(({ attempt }) => {
        if (attempt < 3) throw new Error("The database is away.");
      });
      const bus = await start([consumer], { backoffMs: { first: 60, max: 1_000 } });
      await bus.publish(aMessage("evt_1"));
      await eventually(() => expect(consumer.seen).toEqual(["evt_1#1", "evt_1#2", "evt_1#3"]));
      const [first, second, third] = consumer.deliveries.map(({ at }) => at);
      // Half of 60 and half of 120; timers may be a millisecond early.
      expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(29);
      expect(Number(third) - Number(second)).toBeGreaterThanOrEqual(59);
      expect(await environment.deadLetters()).toEqual([]);
    });

    it("survives a handler that throws before it returns a promise", async () => {
      let calls = 0;
      const consumer: Consumer = {
        service: "orders",
        subject: SUBJECT,
        handle() {
          calls += 1;
          if (calls === 1) throw new Error("Not even a promise.");
          return Promise.resolve();
        },
      };
      const bus = await start([consumer]);
      await bus.publish(aMessage("evt_1"));
      await eventually(() => expect(calls).toBe(2));
    });

    it("keeps the order of a key, also when its first message fails at first", async () => {
      const consumer = recorder(({ envelope, attempt }) => {
        if (envelope.id === "a" && attempt < 3) throw new Error("Not yet.");
      });
      const bus = await start([consumer]);
      await inTurn(bus, [aMessage("a"), aMessage("b"), aMessage("c")]);
      await eventually(() => expect(consumer.seen).toEqual(["a#1", "a#2", "a#3", "b#1", "c#1"]));
    });

    it("goes on with other keys while one fails", async () => {
      let broken = true;
      const consumer = recorder(({ key }) => {
        if (key === "broken" && broken) throw new Error("Not yet.");
      });
      const bus = await start([consumer], { concurrency: 1, maxDeliveries: 1_000 });
      const stuck = bus.publish(aMessage("stuck", { key: "broken" }));
      await eventually(() => expect(consumer.seen).toContain("stuck#1"));
      await Promise.all(["a", "b", "c"].map((id) => bus.publish(aMessage(id, { key: id }))));
      await eventually(() => expect(consumer.seen).toEqual(expect.arrayContaining(["a#1", "b#1", "c#1", "stuck#2"])));
      broken = false;
      await stuck;
    });

    it("does not make one service wait for another that fails", async () => {
      const failing = recorder(
        () => {
          throw new Error("Never.");
        },
        { service: "payments" },
      );
      const healthy = recorder();
      const bus = await start([failing, healthy], { maxDeliveries: 1_000 });
      void publishing(bus, aMessage("evt_1"));
      await eventually(() => expect(failing.seen).toContain("evt_1#2"));
      expect(healthy.seen).toEqual(["evt_1#1"]);
    });
  });

  describe("dead letters", () => {
    it("buries a message that keeps failing, with its error, and goes on with the key", async () => {
      const consumer = recorder(({ envelope }) => {
        if (envelope.id === "poison") throw new Error("Quantity 7 does not fit.");
      });
      const bus = await start([consumer]);
      const poison = aMessage("poison", { headers: { traceparent: "00-1-2-01" } });
      await inTurn(bus, [poison, aMessage("next")]);
      await eventually(() => expect(consumer.seen).toEqual(["poison#1", "poison#2", "poison#3", "next#1"]));
      const letters = await eventually(async () => {
        const found = await environment.deadLetters();
        expect(found).toHaveLength(1);
        return found;
      });
      const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(letters[0]).toEqual({
        service: "orders",
        consumer: "orders-products-stock-reserved-v1",
        message: poison,
        error: expect.stringContaining("Quantity 7 does not fit."),
        attempts: 3,
        failures: [1, 2, 3].map((attempt) => ({ attempt, at, error: "Error: Quantity 7 does not fit." })),
        at,
      });
    });

    it("tells of a dead letter under its subject", async () => {
      const failing = recorder(() => {
        throw new Error("Never.");
      });
      const bus = await start([failing]);
      const heard: Message[] = [];
      await bus.tail(["dlq.>"], (message) => heard.push(message));
      await bus.publish(aMessage("poison"));
      await eventually(() => expect(heard).toHaveLength(1));
      expect(heard[0]).toMatchObject({
        subject: "dlq.orders.orders-products-stock-reserved-v1",
        key: "ord_1",
        envelope: { type: "dead_letter", correlationId: "req_1", causationId: "poison", data: { attempts: 3 } },
      });
    });

    it("buries for the service that failed only", async () => {
      const failing = recorder(
        () => {
          throw new Error("Never.");
        },
        { service: "payments" },
      );
      const healthy = recorder();
      const bus = await start([failing, healthy]);
      await bus.publish(aMessage("evt_1"));
      const letters = await eventually(async () => {
        const found = await environment.deadLetters();
        expect(found).not.toEqual([]);
        return found;
      });
      expect(letters.map(({ service }) => service)).toEqual(["payments"]);
      expect(healthy.seen).toEqual(["evt_1#1"]);
    });
  });

  describe("batches", () => {
    describeBatches({ start, deadLetters: () => environment.deadLetters() });
  });

  describe("stopping and starting", () => {
    it("goes on after a restart with what was not handled before", async () => {
      const failing = recorder(() => {
        throw new Error("The database is away.");
      });
      const first = await start([failing], { maxDeliveries: 1_000 });
      const kept = publishing(first, aMessage("evt_1"));
      await eventually(() => expect(failing.seen.length).toBeGreaterThan(1));
      await first.stop();
      const repaired = recorder();
      const second = await start([repaired], { maxDeliveries: 1_000 });
      for (const message of await kept) await second.publish(message);
      await eventually(() => expect(repaired.seen).toHaveLength(1));
      expect(repaired.deliveries[0]?.delivery.envelope).toEqual(aMessage("evt_1").envelope);
    });

    it("lets a handler in flight finish and does not deliver its message again", async () => {
      const finish = gate();
      let finished = false;
      const slow = recorder(async () => {
        await finish.passed;
        finished = true;
      });
      const first = await start([slow]);
      const kept = publishing(first, aMessage("slow"));
      await eventually(() => expect(slow.seen).toEqual(["slow#1"]));
      const stopped = first.stop();
      finish.open();
      await stopped;
      expect(finished).toBe(true);
      const next = recorder();
      const second = await start([next]);
      expect(await kept).toEqual([]);
      await second.publish(aMessage("after"));
      await eventually(() => expect(next.seen).toEqual(["after#1"]));
    });

    it("begins no queued message once it stops", async () => {
      const finish = gate();
      const slow = recorder(() => finish.passed);
      const first = await start([slow]);
      const kept = Promise.all([publishing(first, aMessage("slow")), publishing(first, aMessage("queued"))]);
      await eventually(() => expect(slow.seen).toEqual(["slow#1"]));
      const stopped = first.stop();
      finish.open();
      await stopped;
      expect(slow.seen).toEqual(["slow#1"]);
      const next = recorder();
      const second = await start([next]);
      for (const message of (await kept).flat()) await second.publish(message);
      await eventually(() => expect(next.deliveries.map(({ delivery }) => delivery.envelope.id)).toEqual(["queued"]));
    });

    it("refuses everything once it is stopped, and stops twice", async () => {
      const bus = await start([]);
      await bus.stop();
      await bus.stop();
      await expect(bus.publish(aMessage("evt_1"))).rejects.toThrow(/stopped/);
      await expect(bus.check()).rejects.toThrow();
    });

    it("says that it can be reached", async () => {
      const bus = await start([]);
      await expect(bus.check()).resolves.toBeUndefined();
    });
  });

  describe("tails", () => {
    it("hears what is published from now on, until it is ended", async () => {
      const consumer = recorder();
      const bus = await start([consumer]);
      const heard: Message[] = [];
      await bus.publish(aMessage("before"));
      const end = await bus.tail(["products.stock.*.v1", "orders.>"], (message) => heard.push(message));
      const message = aMessage("during", { headers: { traceparent: "00-1-2-01" } });
      await bus.publish(message);
      await bus.publish(aMessage("order", { subject: "orders.order.placed.v1" }));
      await bus.publish(aMessage("variant", { subject: "products.variant.changed.v1" }));
      await eventually(() => expect(heard.map(({ envelope }) => envelope.id)).toEqual(["during", "order"]));
      expect(heard[0]).toEqual(message);
      await end();
      await bus.publish(aMessage("after"));
      await eventually(() => expect(consumer.seen).toContain("after#1"));
      expect(heard).toHaveLength(2);
    });

    it("is not disturbed by a listener that throws, nor are consumers", async () => {
      const consumer = recorder();
      const bus = await start([consumer]);
      const heard: string[] = [];
      await bus.tail([SUBJECT], () => {
        throw new Error("The socket is closed.");
      });
      await bus.tail([SUBJECT], ({ envelope }) => heard.push(envelope.id));
      await bus.publish(aMessage("a"));
      await bus.publish(aMessage("b"));
      await eventually(() => expect(heard).toEqual(["a", "b"]));
      await eventually(() => expect(consumer.seen).toEqual(["a#1", "b#1"]));
    });
  });

  describe("wrong use", () => {
    it.each([
      "",
      "orders",
      "orders.*.v1",
      "orders.>",
      "orders..v1",
      "orders.order placed",
      "orders.\n",
    ])("refuses to publish under %j", async (subject) => {
      const bus = await start([]);
      await expect(bus.publish(aMessage("evt_1", { subject }))).rejects.toThrow(/is no subject/);
    });

    it("refuses the same consumer twice", async () => {
      await expect(start([recorder(), recorder()])).rejects.toThrow(
        "orders-products-stock-reserved-v1 is already started on this bus.",
      );
    });
  });
};

/** Without waiting for effects, but so that the bus gets them in this order. */
const inTurn = async (bus: Bus, messages: readonly Message[]): Promise<void> => {
  await Promise.all(messages.map((message) => bus.publish(message)));
};
