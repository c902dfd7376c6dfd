import { randomBytes } from "node:crypto";
import { eventually, testNatsUrl, WITHOUT_NATS } from "@supergraph/testing";
import { AckPolicy, connect, type JetStreamManager, type NatsConnection, RetentionPolicy, StorageType } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import { aMessage, quietLog, recorder, SUBJECT } from "../testing/messages.ts";
import { connectNats } from "./bus.ts";
import type { NatsOptions } from "./options.ts";
import { parseServers } from "./servers.ts";

const url = testNatsUrl();
const MB = 1_048_576;

describe.skipIf(url === null)(`what the broker keeps${url === null ? ` (${WITHOUT_NATS})` : ""}`, () => {
  const servers = url ?? "";
  let raw: NatsConnection;
  let manager: JetStreamManager;
  let namespace: string;
  const buses: Bus[] = [];

  beforeAll(async () => {
    const { hosts, user, pass } = parseServers(servers);
    raw = await connect({ servers: [...hosts], user, pass });
    manager = await raw.jetstreamManager();
  });
  afterAll(() => raw.close());
  beforeEach(() => {
    namespace = `t${randomBytes(6).toString("hex")}`;
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
    for await (const { config } of manager.streams.list())
      if (config.name.startsWith(namespace)) await manager.streams.delete(config.name);
  });

  const open = async (options: Partial<NatsOptions> = {}): Promise<Bus> => {
    const bus = await connectNats({ servers, namespace, log: quietLog, ...options });
    buses.push(bus);
    return bus;
  };

  const half = "x".repeat(MB / 2);
  const publish = (bus: Bus, id: string, subject = SUBJECT) =>
    bus.publish(aMessage(id, { key: id, subject, data: half }));

  const held = async (stream = "PRODUCTS") => (await manager.streams.info(`${namespace}_${stream}`)).state.messages;

  it("is a stream a producer and one for dead letters, once the first service is connected", async () => {
    await open({ producers: ["users", "orders"] });
    await open({ producers: ["users", "orders"] });
    const names: string[] = [];
    for await (const { config } of manager.streams.list())
      if (config.name.startsWith(namespace)) names.push(config.name.slice(namespace.length + 1));
    expect(names.sort()).toEqual(["DLQ", "ORDERS", "USERS"]);
  });

  it("takes new settings at the next start, with all messages", async () => {
    const before = await open({ producers: ["products"], maxBytes: 50 * MB, maxAgeMs: 3_600_000 });
    await publish(before, "evt_1");
    await open({ producers: ["products"], maxBytes: 20 * MB, maxAgeMs: 7_200_000, duplicateWindowMs: 60_000 });
    const { config, state } = await manager.streams.info(`${namespace}_PRODUCTS`);
    expect(config).toMatchObject({ max_bytes: 20 * MB, max_age: 7_200_000e6, duplicate_window: 60_000e6 });
    expect(state.messages).toBe(1);
  });

  it("is changed also where an earlier version let a full stream drop its oldest", async () => {
    await manager.streams.add({ name: `${namespace}_USERS`, subjects: [`${namespace}.users.>`] });
    await open({ producers: ["users"] });
    expect((await manager.streams.info(`${namespace}_USERS`)).config.discard).toBe("new");
  });

  it("never makes room by dropping what nobody handled: publishing is refused, and goes on when it was handled", async () => {
    const bus = await open({ maxBytes: 5 * MB });
    const ids = Array.from({ length: 9 }, (_, index) => `evt_${index}`);
    for (const id of ids) await publish(bus, id);
    await expect(publish(bus, "one more")).rejects.toMatchObject({ name: "BusFull", code: "BUS_FULL" });
    expect(await held()).toBe(9);

    const consumer = recorder();
    await bus.consume(consumer);
    await eventually(() => publish(bus, "one more"), { timeoutMs: 20_000 });
    await eventually(() => expect(consumer.seen.map((seen) => seen.split("#")[0])).toEqual([...ids, "one more"]));
  });

  it("keeps, when it makes room, what one of two consumers has not handled, and what nobody reads yet", async () => {
    const [quick, slow] = [recorder(), recorder(() => new Promise(() => undefined), { service: "payments" })];
    const bus = await open({ maxBytes: 5 * MB, stopTimeoutMs: 10 });
    await bus.consume(quick);
    await bus.consume(slow);
    for (const id of ["evt_0", "evt_1", "evt_2", "evt_3"]) await publish(bus, id);
    for (const id of ["new_0", "new_1", "new_2", "new_3", "new_4"])
      await publish(bus, id, "products.variant.changed.v1");
    await eventually(() => expect(quick.seen).toHaveLength(4));
    await expect(publish(bus, "one more")).rejects.toMatchObject({ code: "BUS_FULL" });
    expect(await held()).toBe(9);
  });

  it("tells what is too large for ever from what may go through later", async () => {
    const bus = await open();
    await expect(bus.publish(aMessage("evt_1", { data: "x".repeat(2 * MB) }))).rejects.toMatchObject({
      name: "MessageTooLarge",
      code: "MESSAGE_TOO_LARGE",
      permanent: true,
      message: expect.stringMatching(/does not take evt_1 \(2097\d{3} bytes\) under products\.stock\.reserved\.v1/),
    });
  });

  it("must be able to hold the messages that services make, and the dead letters around them", async () => {
    await open({ maxMessageBytes: MB / 2 });
    await expect(open({ maxMessageBytes: MB })).rejects.toMatchObject({
      code: "NATS_MAX_PAYLOAD_TOO_SMALL",
      message: expect.stringContaining("raise max_payload there, or lower NATS_MAX_MESSAGE_BYTES here"),
    });
  });

  it.each([
    [
      "storage that forgets",
      { storage: StorageType.Memory },
      "NATS_STREAM_CONFLICT",
      /has retention limits and storage memory/,
    ],
    [
      "messages that go when they are read",
      { retention: RetentionPolicy.Workqueue },
      "NATS_STREAM_CONFLICT",
      /has retention workqueue and storage file/,
    ],
  ])("is refused with a clear error when the stream is there with %s", async (_, config, code, message) => {
    await manager.streams.add({ name: `${namespace}_USERS`, subjects: [`${namespace}.users.>`], ...config });
    const failure = open({ producers: ["users"] });
    await expect(failure).rejects.toMatchObject({ name: "NatsStreamError", code });
    await expect(failure).rejects.toThrow(message);
  });

  it.each([
    ["acknowledges nothing", { subject: SUBJECT, ack_policy: AckPolicy.None }],
    ["is sent its messages", { subject: SUBJECT, ack_policy: AckPolicy.Explicit, deliver_subject: "somewhere" }],
    ["reads other messages", { subject: "products.stock.expired.v1", ack_policy: AckPolicy.Explicit }],
  ])("is refused with a clear error when there is a consumer of the name that %s", async (_, config) => {
    await open({ producers: ["products"] });
    const durable = `${namespace}-orders-products-stock-reserved-v1`;
    const { subject, ...settings } = config;
    const wanted = { ...settings, durable_name: durable, filter_subject: `${namespace}.${subject}` };
    await manager.consumers.add(`${namespace}_PRODUCTS`, wanted);
    const bus = await open();
    await expect(bus.consume(recorder())).rejects.toMatchObject({
      code: "NATS_CONSUMER_CONFLICT",
      message: expect.stringContaining(`The consumer ${durable} of the stream ${namespace}_PRODUCTS`),
    });
  });

  it("is refused with a clear error when somebody else's stream has the subjects", async () => {
    await manager.streams.add({ name: `${namespace}-theirs`, subjects: [`${namespace}.users.>`] });
    const failure = open({ producers: ["users"] });
    await expect(failure).rejects.toMatchObject({ code: "NATS_STREAM_REFUSED" });
    await expect(failure).rejects.toThrow(/overlap.*set NATS_NAMESPACE/);
  });

  it("is refused with a clear error when there are to be more copies than nodes", async () => {
    const failure = open({ producers: ["users"], replicas: 3 });
    await expect(failure).rejects.toMatchObject({ code: "NATS_STREAM_REFUSED" });
    await expect(failure).rejects.toThrow(/NATS_REPLICAS=3 needs a cluster of at least 3 nodes/);
  });
});
