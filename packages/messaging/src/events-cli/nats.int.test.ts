import { randomBytes } from "node:crypto";
import { eventually, testNatsUrl, WITHOUT_NATS } from "@supergraph/testing";
import { connect, type JetStreamManager, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import { connectNats } from "../nats/bus.ts";
import { parseServers } from "../nats/servers.ts";
import { aMessage, quietLog, type Recorder, recorder, SUBJECT } from "../testing/messages.ts";
import { operator } from "./testing/operator.ts";

const url = testNatsUrl();
const CONSUMER = "orders-products-stock-reserved-v1";

describe.skipIf(url === null)(`dead letters of a broker${url === null ? ` (${WITHOUT_NATS})` : ""}`, () => {
  const servers = url ?? "";
  let raw: NatsConnection;
  let manager: JetStreamManager;
  let namespace: string;
  let run: ReturnType<typeof operator>;
  let broken: Set<string>;
  let orders: Recorder;
  let reporting: Recorder;
  let bus: Bus;

  beforeAll(async () => {
    const { hosts, user, pass } = parseServers(servers);
    raw = await connect({ servers: [...hosts], user, pass });
    manager = await raw.jetstreamManager();
  });
  afterAll(() => raw.close());
  beforeEach(async () => {
    namespace = `t${randomBytes(6).toString("hex")}`;
    run = operator({ NATS_URL: servers, NATS_NAMESPACE: namespace });
    broken = new Set(["poison", "venom"]);
    orders = recorder(({ envelope }) => {
      if (broken.has(envelope.id)) throw new Error(`${envelope.id} is a bug,\nof two lines.`);
    });
    reporting = recorder(undefined, { service: "reporting" });
    bus = await connectNats({
      servers,
      namespace,
      log: quietLog,
      maxDeliveries: 2,
      backoffMs: { first: 20, max: 80 },
    });
    await bus.consume(orders);
    await bus.consume(reporting);
  });
  afterEach(async () => {
    await bus.stop();
    for await (const { config } of manager.streams.list())
      if (config.name.startsWith(namespace)) await manager.streams.delete(config.name);
  });

  const letters = async () => JSON.parse((await run("dlq list --json")).out) as { id: string; messageId: string }[];

  /** One after another, so that the first has the number 1. */
  const bury = async (...ids: string[]) => {
    const before = (await letters()).length;
    for (const [index, id] of ids.entries()) {
      await bus.publish(aMessage(id, { key: id, data: { of: id } }));
      await eventually(async () => expect(await letters()).toHaveLength(before + index + 1));
    }
  };

  const handlings = ({ deliveries }: Recorder, id: string) =>
    deliveries.filter(({ delivery }) => delivery.envelope.id === id).length;

  it("are listed by consumer with what is needed to decide, also when there are none", async () => {
    expect(await run("dlq list")).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^No dead letters at NATS at /),
    });
    await bury("poison", "venom");
    const { exit, out } = await run("dlq list");
    expect(exit).toBe(0);
    const lines = out.split("\n").map((line) => line.replace(/\s+/g, " "));
    expect(lines.slice(0, 4)).toEqual([
      "ID SUBJECT MESSAGE AGE ATTEMPTS ERROR",
      `${CONSUMER} (orders)`,
      expect.stringMatching(/^1 products\.stock\.reserved\.v1 poison \d+ s 2 Error: poison is a bug,$/),
      expect.stringMatching(/^2 products\.stock\.reserved\.v1 venom \d+ s 2 Error: venom is a bug,$/),
    ]);
    expect(out).toMatch(/2 dead letters at NATS at 127\.0\.0\.1:\d+, namespace t/);
    expect(out).not.toContain(parseServers(servers).pass);
  });

  it("are found by service, subject and age", async () => {
    await bury("poison");
    for (const [filter, found] of [
      ["--service orders", 1],
      ["--service payments", 0],
      [`--subject ${SUBJECT}`, 1],
      ["--subject products.stock.expired.v1", 0],
      ["--older-than 0s", 1],
      ["--older-than 1h", 0],
    ] as const) {
      const { out } = await run(`dlq list --json ${filter}`);
      expect(JSON.parse(out), filter).toHaveLength(found);
    }
  });

  it("are shown with history and message", async () => {
    await bury("poison");
    const { exit, out } = await run("dlq show 1");
    expect(exit).toBe(0);
    for (const part of [
      /^consumer {5}orders-products-stock-reserved-v1$/m,
      /^attempts {5}2$/m,
      /^key {10}poison$/m,
      /^ {2}Error: poison is a bug,\n {2}of two lines\.\n {6}at /m,
      /^history\n {2}1 {2}2\d{3}-\S+Z {2}Error: poison is a bug,/m,
      /^data\n {2}\{\n {4}"of": "poison"\n {2}\}$/m,
    ])
      expect(out).toMatch(part);
    expect(JSON.parse((await run("dlq show 1 --json")).out)).toMatchObject({
      id: "1",
      obstacle: null,
      failures: [{ attempt: 1 }, { attempt: 2 }],
      message: { envelope: { id: "poison", data: { of: "poison" } } },
    });
  });

  it("are replayed to the consumer that buried them, although the broker still knows the message; then they are gone", async () => {
    await bury("poison", "venom");
    broken.clear();
    const { exit, out } = await run("dlq replay 1");
    expect([exit, out]).toEqual([0, `replayed  1  ${CONSUMER}  poison\n1 dead letter replayed.\n`]);
    await eventually(() => expect(handlings(orders, "poison")).toBe(3));
    expect((await letters()).map(({ messageId }) => messageId)).toEqual(["venom"]);
    expect(orders.deliveries.at(-1)?.delivery).toMatchObject({
      attempt: 1,
      key: "poison",
      envelope: { data: { of: "poison" } },
    });
    expect(orders.deliveries.at(-1)?.delivery.headers).toEqual({});
    // Whoever handled it may have forgotten that by now: it gets what comes after, and not this once more.
    await bus.publish(aMessage("after"));
    await eventually(() => expect(handlings(reporting, "after")).toBe(1));
    expect(handlings(reporting, "poison")).toBe(1);
  });

  it("come back when they fail again, and can be replayed again", async () => {
    await bury("poison");
    expect((await run("dlq replay --all")).exit).toBe(0);
    await eventually(async () => expect(await letters()).toMatchObject([{ id: "2", messageId: "poison" }]));
    broken.clear();
    expect((await run("dlq replay --all --service orders")).exit).toBe(0);
    await eventually(() => expect(handlings(orders, "poison")).toBe(5));
    expect(await letters()).toEqual([]);
  });

  it("change nothing in a dry run, which says what would be done", async () => {
    await bury("poison", "venom");
    broken.clear();
    expect(await run("dlq replay --all --dry-run")).toMatchObject({
      exit: 0,
      out: expect.stringMatching(
        /^would replay {2}1 .*\nwould replay {2}2 .*\nWould replay 2 dead letters\. Nothing was changed\.\n$/,
      ),
    });
    expect(JSON.parse((await run("dlq discard 2 --dry-run --json")).out)).toMatchObject([
      { id: "2", messageId: "venom", outcome: "would discard", reason: null },
    ]);
    expect(await letters()).toHaveLength(2);
    expect(handlings(orders, "poison")).toBe(2);
  });

  it("are discarded only by somebody who says yes", async () => {
    await bury("poison", "venom");
    expect(await run("dlq discard 1")).toMatchObject({ exit: 2, err: expect.stringContaining("add --yes") });
    for (const answer of ["", "no", "y"])
      expect(await run("dlq discard 1", { answer })).toMatchObject({ exit: 2, err: "Nothing was discarded.\n" });
    expect(await letters()).toHaveLength(2);
    const asked = await run("dlq discard 1", { answer: "yes" });
    expect(asked).toMatchObject({
      exit: 0,
      questions: [expect.stringMatching(/^Discard 1 dead letter at NATS .* for ever\?/)],
    });
    expect((await run("dlq discard --all --yes --json")).out).toContain('"outcome": "discarded"');
    expect(await letters()).toEqual([]);
  });

  it("are not replayed when that cannot help: the message is no envelope, is no letter, or nobody reads it any more", async () => {
    await raw.jetstream().publish(`${namespace}.${SUBJECT}`, "no envelope");
    // Both consumers of the subject bury it.
    await eventually(async () => expect(await letters()).toHaveLength(2));
    await raw.jetstream().publish(`${namespace}.dlq.orders.x`, "\u001b[2Jhello");
    const { exit, out } = await run("dlq replay --all");
    expect(exit).toBe(1);
    expect(out).toMatch(/cannot {2}1 .*: its message could not be decoded/);
    expect(out).toMatch(/cannot {2}3 .*: it is no dead letter/);
    expect((await run("dlq list")).out).not.toContain("\u001b");
    expect((await run("dlq discard 1 2 3 --yes")).exit).toBe(0);

    await bury("poison");
    await bus.stop();
    await manager.consumers.delete(`${namespace}_PRODUCTS`, `${namespace}-${CONSUMER}`);
    expect(await run("dlq replay --all")).toMatchObject({ exit: 1, out: expect.stringContaining("has no consumer") });
    expect(await letters()).toHaveLength(1);
  });

  it.each([
    ["dlq show 99", 3, /There is not a dead letter 99 at NATS/],
    ["dlq show poison", 3, /There is not a dead letter poison/],
    ["dlq replay 98 99", 3, /There is not dead letters 98, 99/],
    ["dlq replay --all", 3, /No dead letters at NATS at .* match/],
    ["dlq discard --all --yes --service users", 3, /match/],
    ["dlq replay", 2, /Say which letters/],
    ["dlq replay --service orders", 2, /together with --all/],
    ["dlq replay 1 --all", 2, /not both/],
    ["dlq discard 1 --service orders --yes", 2, /not both/],
    ["dlq list --older-than soon", 2, /"soon" is no duration/],
    ["dlq list --unheard-of", 2, /unknown option/],
    ["dlq show", 2, /missing required argument 'id'/],
    ["dlq burn 1", 2, /unknown command/],
    ["dlq list --nats nats://localhost --directory .data", 2, /cannot be used with/],
    ["dlq list --nats nats://127.0.0.1:1", 1, /No NATS server answered at 127\.0\.0\.1:1/],
  ])("explain themselves: %s ends with %i", async (line, exit, message) => {
    const ran = await run(line);
    expect(ran.err).toMatch(message);
    expect([ran.exit, ran.out]).toEqual([exit, ""]);
  });
});
