import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInProcessBus, type InProcessBus } from "./in-process.ts";
import { type BusEnvironment, describeBus } from "./testing/conformance.ts";
import { aMessage, gate, quietLog, recorder } from "./testing/messages.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "supergraph-bus-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const createEnvironment = async (): Promise<BusEnvironment> => {
  const buses: InProcessBus[] = [];
  return {
    async start(consumers, settings) {
      const bus = createInProcessBus({ log: quietLog, deadLetterDirectory: directory, ...settings });
      buses.push(bus);
      for (const consumer of consumers) await bus.consume(consumer);
      bus.open();
      return bus;
    },
    deadLetters: async () => (await buses[0]?.deadLetters()) ?? [],
    async cleanUp() {
      for (const bus of buses) await bus.stop();
    },
  };
};

describe("the in-process bus", () => {
  describeBus(createEnvironment);

  const backoffMs = { first: 5, max: 20 };

  it("delivers nothing before it is opened, then in the order of publishing", async () => {
    const bus = createInProcessBus({ log: quietLog });
    const published = [bus.publish(aMessage("a")), bus.publish(aMessage("b"))];
    const consumer = recorder();
    await bus.consume(consumer);
    expect(consumer.seen).toEqual([]);
    bus.open();
    await Promise.all(published);
    expect(consumer.seen).toEqual(["a#1", "b#1"]);
  });

  it("refuses a consumer that comes after it was opened, since it would miss messages", async () => {
    const bus = createInProcessBus({ log: quietLog });
    bus.open();
    await expect(bus.consume(recorder())).rejects.toThrow("Start all consumers first.");
  });

  it("resolves a publish only after every consumer has handled the message", async () => {
    const finish = gate();
    const bus = createInProcessBus({ log: quietLog });
    await bus.consume(recorder(() => finish.passed));
    await bus.consume(recorder(undefined, { service: "payments" }));
    bus.open();
    let resolved = false;
    const published = bus.publish(aMessage("evt_1")).then(() => {
      resolved = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(resolved).toBe(false);
    finish.open();
    await published;
  });

  it("rejects what waits for another try or for open() when it stops, so that the outbox keeps it", async () => {
    const failing = recorder(() => {
      throw new Error("Never.");
    });
    const bus = createInProcessBus({ log: quietLog, backoffMs: { first: 60_000, max: 60_000 } });
    await bus.consume(failing);
    bus.open();
    const retried = expect(bus.publish(aMessage("retried"))).rejects.toThrow(/stays in the outbox/);
    await eventually(() => expect(failing.seen).toEqual(["retried#1"]));
    await bus.stop();
    await retried;

    const neverOpened = createInProcessBus({ log: quietLog });
    const held = expect(neverOpened.publish(aMessage("held"))).rejects.toThrow(/stays in the outbox/);
    await neverOpened.stop();
    await held;
  });

  it("does not wait longer than it may for a handler that hangs", async () => {
    const hanging = recorder(() => new Promise(() => undefined));
    const bus = createInProcessBus({ log: quietLog, stopTimeoutMs: 20 });
    await bus.consume(hanging);
    bus.open();
    void bus.publish(aMessage("evt_1"));
    await eventually(() => expect(hanging.seen).toEqual(["evt_1#1"]));
    await bus.stop();
  });

  it("keeps dead letters as files whose names no id can escape", async () => {
    const bus = createInProcessBus({ log: quietLog, deadLetterDirectory: directory, maxDeliveries: 1 });
    await bus.consume(
      recorder(() => {
        throw new Error("Never.");
      }),
    );
    bus.open();
    const ids = ["reserve:res_1", "../../../etc/passwd", "..", "a".repeat(1_000)];
    await Promise.all(ids.map((id) => bus.publish(aMessage(id, { key: id }))));
    const folder = join(directory, "orders", "orders-products-stock-reserved-v1");
    const names = await readdir(folder);
    expect(names).toEqual(
      expect.arrayContaining(["reserve%3Ares_1.json", "%2E%2E.json", "%2E%2E%2F..%2F..%2Fetc%2Fpasswd.json"]),
    );
    expect(names).toHaveLength(4);
    expect((await bus.deadLetters()).map(({ message }) => message.envelope.id).sort()).toEqual([...ids].sort());
  });

  it("keeps dead letters in memory where no directory is given", async () => {
    const bus = createInProcessBus({ log: quietLog, maxDeliveries: 2, backoffMs });
    await bus.consume(
      recorder(() => {
        throw new Error("Never.");
      }),
    );
    bus.open();
    await bus.publish(aMessage("evt_1"));
    expect(await bus.deadLetters()).toMatchObject([{ attempts: 2, message: { envelope: { id: "evt_1" } } }]);
  });

  it("does not let go of a message whose dead letter cannot be written", async () => {
    const notADirectory = join(directory, "file");
    await writeFile(notADirectory, "");
    const bus = createInProcessBus({ log: quietLog, deadLetterDirectory: notADirectory, maxDeliveries: 1, backoffMs });
    const failing = recorder(() => {
      throw new Error("Never.");
    });
    await bus.consume(failing);
    bus.open();
    const published = bus.publish(aMessage("evt_1"));
    published.catch(() => undefined);
    await eventually(() => expect(failing.seen).toEqual(["evt_1#1"]));
    await rm(notADirectory);
    await published;
    expect(await bus.deadLetters()).toHaveLength(1);
  });
});
