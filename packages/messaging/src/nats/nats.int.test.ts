import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, testNatsUrl, WITHOUT_NATS } from "@supergraph/testing";
import { connect, headers, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bus, Consumer, DeadLetter } from "../bus.ts";
import { startNatsServer } from "../nats-server.ts";
import { type BusEnvironment, describeBus } from "../testing/conformance.ts";
import { aMessage, gate, quietLog, recorder, SUBJECT } from "../testing/messages.ts";
import { connectNats } from "./bus.ts";
import type { NatsOptions } from "./options.ts";
import { parseServers } from "./servers.ts";

const url = testNatsUrl();
const DURABLE = "orders-products-stock-reserved-v1";

describe.skipIf(url === null)(`the NATS bus${url === null ? ` (${WITHOUT_NATS})` : ""}`, () => {
  const servers = url ?? "";
  let raw: NatsConnection;
  let namespace: string;
  const buses: Bus[] = [];

  beforeAll(async () => {
    const { hosts, user, pass } = parseServers(servers);
    raw = await connect({ servers: [...hosts], user, pass });
  });
  afterAll(() => raw.close());
  beforeEach(() => {
    namespace = `t${randomBytes(6).toString("hex")}`;
  });
  afterEach(() => cleanUp());

  const cleanUp = async (): Promise<void> => {
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
    const manager = await raw.jetstreamManager();
    for (const stream of await manager.streams.names(`${namespace}.>`).next()) await manager.streams.delete(stream);
  };

  const open = async (options: Partial<NatsOptions> = {}, consumers: readonly Consumer[] = []): Promise<Bus> => {
    const bus = await connectNats({
      servers,
      namespace,
      log: quietLog,
      maxDeliveries: 3,
      backoffMs: { first: 20, max: 80 },
      ...options,
    });
    buses.push(bus);
    for (const consumer of consumers) await bus.consume(consumer);
    return bus;
  };

  const deadLetters = async (): Promise<DeadLetter[]> => {
    const manager = await raw.jetstreamManager();
    const stream = `${namespace}_DLQ`;
    const info = await manager.streams.info(stream).catch(() => null);
    const letters: DeadLetter[] = [];
    for (let seq = 1; seq <= (info?.state.last_seq ?? 0); seq += 1) {
      letters.push((await manager.streams.getMessage(stream, { seq })).json<{ data: DeadLetter }>().data);
    }
    return letters;
  };

  const createEnvironment = async (): Promise<BusEnvironment> => ({
    start: (consumers, settings) => open(settings, consumers),
    deadLetters,
    cleanUp,
  });

  describeBus(createEnvironment);

  it("brings a message to a consumer that is created after it was published", async () => {
    const producer = await open();
    await producer.publish(aMessage("early"));
    const consumer = recorder();
    await open({}, [consumer]);
    await eventually(() => expect(consumer.seen).toEqual(["early#1"]));
  });

  it("drops a second publish of an id within the window, from whichever process", async () => {
    const consumer = recorder();
    const [first, second] = [await open({}, [consumer]), await open()];
    await first.publish(aMessage("evt_1"));
    await second.publish(aMessage("evt_1"));
    await second.publish(aMessage("evt_2"));
    await eventually(() => expect(consumer.seen).toEqual(["evt_1#1", "evt_2#1"]));
  });

  it("lets the replicas of a service share its messages", async () => {
    const [one, two] = [recorder(), recorder()];
    const bus = await open({}, [one]);
    await open({}, [two]);
    const ids = Array.from({ length: 40 }, (_, index) => `evt_${index}`);
    await Promise.all(ids.map((id) => bus.publish(aMessage(id, { key: id }))));
    await eventually(() => expect(one.seen.length + two.seen.length).toBe(40));
    expect([...one.seen, ...two.seen].sort()).toEqual(ids.map((id) => `${id}#1`).sort());
  });

  it("gives a message of a replica that hangs to another after the acknowledgement time", async () => {
    const hanging = recorder(() => new Promise(() => undefined));
    const bus = await open({ ackWaitMs: 300, stopTimeoutMs: 10 }, [hanging]);
    await bus.publish(aMessage("evt_1"));
    await eventually(() => expect(hanging.seen).toEqual(["evt_1#1"]));
    await bus.stop();
    const other = recorder();
    await open({ ackWaitMs: 300 }, [other]);
    await eventually(() => expect(other.seen).toEqual(["evt_1#2"]));
  });

  it("does not deliver again while a handler, or the queue before it, takes longer than the acknowledgement time", async () => {
    const finish = gate();
    const slow = recorder(() => finish.passed);
    const idle = recorder();
    const bus = await open({ ackWaitMs: 300, concurrency: 1 }, [slow]);
    await Promise.all([bus.publish(aMessage("slow")), bus.publish(aMessage("queued", { key: "ord_2" }))]);
    await eventually(() => expect(slow.seen).toEqual(["slow#1"]));
    await open({ ackWaitMs: 300 }, [idle]);
    const manager = await raw.jetstreamManager();
    const begun = performance.now();
    await eventually(() => expect(performance.now() - begun).toBeGreaterThan(1_000));
    const info = await manager.consumers.info(`${namespace}_PRODUCTS`, `${namespace}-${DURABLE}`);
    expect(info).toMatchObject({ num_ack_pending: 2, num_redelivered: 0 });
    finish.open();
    await eventually(() => expect(slow.seen).toEqual(["slow#1", "queued#1"]));
    expect(idle.seen).toEqual([]);
  });

  it("buries a message that was delivered too often without being handled", async () => {
    const hanging = recorder(() => new Promise(() => undefined));
    for (let process = 1; process <= 2; process += 1) {
      const bus = await open({ ackWaitMs: 200, stopTimeoutMs: 10, maxDeliveries: 2 }, [hanging]);
      if (process === 1) await bus.publish(aMessage("killer"));
      await eventually(() => expect(hanging.seen).toHaveLength(process));
      await bus.stop();
    }
    const next = recorder();
    await open({ ackWaitMs: 200, maxDeliveries: 2 }, [next]);
    const letters = await eventually(async () => {
      const found = await deadLetters();
      expect(found).toHaveLength(1);
      return found;
    });
    expect(letters[0]?.error).toContain("delivered too often");
    expect(next.seen).toEqual([]);
  });

  it.each([
    ["no JSON", "{", "The body is not JSON"],
    ["an empty body", "", "The body is not JSON"],
    ["no envelope", '{"id":"evt_1"}', "The body is not an envelope"],
    ["null", "null", "The body is not an envelope"],
  ])("buries %s at once, without asking the handler", async (_, body, problem) => {
    const consumer = recorder();
    const bus = await open({}, [consumer]);
    const streams = raw.jetstream();
    const withId = headers();
    withId.set("Nats-Msg-Id", "bad");
    await streams.publish(`${namespace}.${SUBJECT}`, body, { headers: withId });
    await bus.publish(aMessage("good"));
    const letters = await eventually(async () => {
      const found = await deadLetters();
      expect(found).toHaveLength(1);
      return found;
    });
    expect(letters[0]).toMatchObject({
      consumer: DURABLE,
      attempts: 1,
      error: expect.stringContaining(problem),
      message: { subject: SUBJECT, envelope: { id: "bad", type: "undecodable", data: body } },
    });
    await eventually(() => expect(consumer.seen).toEqual(["good#1"]));
  });

  it("takes up a consumer again that was deleted, and a stream", async () => {
    const consumer = recorder();
    const bus = await open({}, [consumer]);
    await bus.publish(aMessage("a"));
    await eventually(() => expect(consumer.seen).toEqual(["a#1"]));
    const manager = await raw.jetstreamManager();
    const stream = `${namespace}_PRODUCTS`;
    await manager.consumers.delete(stream, `${namespace}-${DURABLE}`);
    await bus.publish(aMessage("b"));
    // A new consumer begins at the start of the stream: at least once.
    await eventually(() => expect(consumer.seen).toContain("b#1"));
    await manager.streams.delete(stream);
    await eventually(() => bus.publish(aMessage("c")));
    await eventually(() => expect(consumer.seen).toContain("c#1"), { timeoutMs: 20_000 });
  });

  it("tells that what was published before is lost, once the stream had to be made anew", async () => {
    const bus = await open();
    const first = await bus.keptSince("tests");
    expect(await bus.keptSince("tests")).toEqual(first);
    const manager = await raw.jetstreamManager();
    await manager.streams.delete(`${namespace}_TESTS`);
    await expect(bus.keptSince("tests")).rejects.toThrow();
    // Another process finds the stream missing, and makes it.
    await (await open()).keptSince("tests");
    expect((await bus.keptSince("tests"))?.getTime()).toBeGreaterThan(first?.getTime() ?? 0);
  });

  it("brings streams and consumers up to date when their settings change", async () => {
    await (await open({ ackWaitMs: 30_000, maxAgeMs: 3_600_000 }, [recorder()])).stop();
    await open({ ackWaitMs: 5_000, maxAgeMs: 7_200_000 }, [recorder()]);
    const manager = await raw.jetstreamManager();
    const stream = await manager.streams.info(`${namespace}_PRODUCTS`);
    const consumer = await manager.consumers.info(`${namespace}_PRODUCTS`, `${namespace}-${DURABLE}`);
    expect([stream.config.max_age, consumer.config.ack_wait]).toEqual([7_200_000e6, 5_000e6]);
  });

  it("keeps namespaces apart", async () => {
    const [here, there] = [recorder(), recorder()];
    const bus = await open({}, [here]);
    await open({ namespace: `${namespace}x` }, [there]);
    await bus.publish(aMessage("evt_1"));
    await eventually(() => expect(here.seen).toEqual(["evt_1#1"]));
    expect(there.seen).toEqual([]);
    await (await raw.jetstreamManager()).streams.delete(`${namespace}x_PRODUCTS`);
  });

  it("rejects a message that is too large, and says so", async () => {
    const bus = await open();
    await expect(bus.publish(aMessage("evt_1", { data: "x".repeat(1_100_000) }))).rejects.toThrow(
      /1100\d{3} bytes.*MAX_PAYLOAD/,
    );
  });

  it("keeps a dead letter that is too large for the broker, without the data", async () => {
    const bus = await open({ maxDeliveries: 1 }, [
      recorder(() => {
        throw new Error("Never.");
      }),
    ]);
    await bus.publish(aMessage("large", { data: "x".repeat(1_048_576 - 400) }));
    const letters = await eventually(async () => {
      const found = await deadLetters();
      expect(found).toHaveLength(1);
      return found;
    });
    expect(letters[0]?.message.envelope).toMatchObject({
      id: "large",
      data: expect.stringContaining("the stream still holds it"),
    });
  });

  describe("a broker that fails", () => {
    let directory: string;
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "supergraph-nats-"));
    });
    afterEach(() => rm(directory, { recursive: true, force: true }));

    it("loses nothing that was acknowledged when it is killed, and is connected to again", async () => {
      const server = await startNatsServer({ directory });
      try {
        const consumer = recorder();
        const bus = await open({ servers: server.url, publishTimeoutMs: 500 }, [consumer]);
        const tailed: string[] = [];
        await bus.tail([SUBJECT], ({ envelope }) => tailed.push(envelope.id));
        const ids = Array.from({ length: 300 }, (_, index) => `evt_${index}`);
        let killed = false;
        await Promise.all(
          ids.map(async (id, index) => {
            if (index === 150) {
              process.kill(server.pid, "SIGKILL");
              killed = true;
            }
            await eventually(() => bus.publish(aMessage(id, { key: id })), { timeoutMs: 20_000 });
          }),
        );
        expect(killed).toBe(true);
        await eventually(
          () => expect(new Set(consumer.deliveries.map(({ delivery }) => delivery.envelope.id))).toEqual(new Set(ids)),
          { timeoutMs: 20_000 },
        );
        await eventually(() => bus.check());
        await bus.publish(aMessage("after"));
        await eventually(() => expect(tailed).toContain("after"));
        await bus.stop();
      } finally {
        await server.stop();
      }
    });

    it("is told by check() while it is away, and publishing rejects", async () => {
      const server = await startNatsServer({ directory });
      const bus = await open({ servers: server.url, publishTimeoutMs: 200 });
      await bus.publish(aMessage("before"));
      await server.stop();
      await eventually(() => expect(bus.check()).rejects.toThrow(/Not connected to NATS at 127\.0\.0\.1:\d+/));
      await expect(bus.publish(aMessage("lost"))).rejects.toThrow();
      await bus.stop();
    });

    it("is named when it cannot be reached at the start, without credentials", async () => {
      const server = await startNatsServer({ directory });
      await server.stop();
      const failure = connectNats({ servers: server.url, log: quietLog, connectTimeoutMs: 300 });
      await expect(failure).rejects.toMatchObject({ name: "NatsConnectError", code: "NATS_UNREACHABLE" });
      await expect(failure).rejects.toThrow(`127.0.0.1:${server.port}`);
      await expect(failure).rejects.not.toThrow(parseServers(server.url).pass);
    });

    it("is told apart from one that refuses the credentials, which fails at once", async () => {
      const server = await startNatsServer({ directory });
      try {
        const wrong = server.url.replace(/:[^:@]+@/, ":wrong@");
        const failure = connectNats({ servers: wrong, log: quietLog, connectTimeoutMs: 60_000 });
        await expect(failure).rejects.toMatchObject({ code: "NATS_REFUSED_CREDENTIALS" });
        await expect(failure).rejects.not.toThrow("wrong");
      } finally {
        await server.stop();
      }
    });
  });
});
