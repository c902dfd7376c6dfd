import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@supergraph/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Mix, Shop } from "./model.ts";
import { openOrderLog, readOrderLog } from "./order-log.ts";
import { createRandom } from "./random.ts";
import { type FakeAnswer, startFakeRouter } from "./testing/fake-router.ts";
import { openClientele } from "./traffic.ts";

const account = (index: number) => ({ id: `usr_${index}`, email: `c${index}@example.com`, password: "secret" });
const shop: Shop = {
  customers: Array.from({ length: 20 }, (_, index) => account(index)),
  support: account(99),
  plentiful: [{ variantId: "var_1", onHand: 100 }],
  scarce: [{ variantId: "var_2", onHand: 1 }],
};
const plain: Partial<Mix> = { scarce: 0, cancelled: 0, doubled: 0, tokens: { tok_approve: 1 } };

const begin = async (interfere?: (key: string, attempt: number) => FakeAnswer | null, mix = plain) => {
  const router = await startFakeRouter(interfere);
  const directory = await mkdtemp(join(tmpdir(), "supergraph-traffic-"));
  const path = join(directory, "orders.jsonl");
  const log = await openOrderLog(path);
  const clientele = openClientele({ endpoint: router.endpoint, shop, log, totalOf: () => "9.99" });
  onTestFinished(async () => {
    await clientele.close();
    await router.stop();
    await log.close();
    await rm(directory, { recursive: true, force: true });
  });
  const traffic = clientele.send({ rate: 100, random: createRandom(1), mix });
  const until = async (orders: number) => {
    await eventually(async () => expect(traffic.tallies.acknowledged).toBeGreaterThanOrEqual(orders));
    await traffic.stop();
    return { router, tallies: traffic.tallies, log: await readOrderLog(path) };
  };
  return { traffic, until };
};

const error = (code: string, more = {}) => ({ data: null, errors: [{ message: code, extensions: { code, ...more } }] });
const onFirst = (answer: FakeAnswer) => (_key: string, attempt: number) => (attempt === 1 ? answer : null);

describe("customers who buy", () => {
  it("get their orders acknowledged, each on record before it counts", async () => {
    const { until } = await begin();
    const { router, tallies, log } = await until(20);
    expect(tallies).toMatchObject({ retried: 0, shed: 0, failures: [] });
    expect(log.acknowledged).toHaveLength(tallies.acknowledged);
    for (const { idempotencyKey, orderId } of log.acknowledged) expect(router.orders.get(idempotencyKey)).toBe(orderId);
    expect(log.sentKeys).toHaveLength(router.orders.size);
    expect(tallies.latenciesMs).toHaveLength(tallies.acknowledged);
  });

  it.each<[what: string, FakeAnswer]>([
    ["the connection breaks before", { hangUp: "before it took effect" }],
    ["the answer is lost", { hangUp: "after it took effect" }],
    ["a gateway is away", { status: 503, body: "try later" }],
    ["orders are away", { body: error("SUBGRAPH_UNAVAILABLE", { retryable: true, retryAfterMs: 10 }) }],
    ["nobody knows what happened", { body: error("OUTCOME_UNKNOWN") }],
    ["the router has too much to do", { status: 503, body: error("OVERLOADED", { retryAfterMs: 10 }) }],
  ])("try the same again with the same key when %s, and get one order", async (_, answer) => {
    const { until } = await begin(onFirst(answer));
    const { router, tallies, log } = await until(10);
    expect(tallies.failures).toEqual([]);
    expect(tallies.retried).toBeGreaterThanOrEqual(10);
    expect(router.orders.size).toBe(log.acknowledged.length);
    expect(router.placed.length).toBe(2 * router.orders.size);
  });

  it("wait as long as they are told when they are shed, and are not counted as retried", async () => {
    const shed = { code: "OVERLOADED", message: "later", retryAfterMs: 5 };
    const body = { data: { cartSetLine: { userErrors: [] }, placeOrder: { order: null, userErrors: [shed] } } };
    const { until } = await begin(onFirst({ body }));
    const { tallies } = await until(10);
    expect(tallies).toMatchObject({ retried: 0, failures: [] });
    expect(tallies.shed).toBeGreaterThanOrEqual(10);
  });

  it("go away when they are sent away, with what they were told, unless an earlier request may still take effect", async () => {
    const shed = { code: "OVERLOADED", message: "later", retryAfterMs: 3_600_000 };
    const body = { data: { cartSetLine: { userErrors: [] }, placeOrder: { order: null, userErrors: [shed] } } };
    const { traffic, until } = await begin((key, attempt) => {
      if (key === "order-1") return { body };
      if (key === "order-2") return attempt === 1 ? { hangUp: "before it took effect" } : { body };
      return null;
    });
    await eventually(async () => expect(traffic.tallies.shed).toBe(2));
    traffic.sendRefusedAway();
    const { router, tallies, log } = await until(5);
    expect(tallies.refusals.get("OVERLOADED")).toBe(2);
    expect(log.refusedKeys).toEqual(["order-1"]);
    expect([...router.orders.keys()]).not.toContain("order-1");
  });

  it("click twice, and must get the same order twice", async () => {
    const { until } = await begin(undefined, { ...plain, doubled: 1 });
    const { router, tallies, log } = await until(10);
    expect(tallies.failures).toEqual([]);
    expect(router.placed).toHaveLength(2 * router.orders.size);
    expect(new Set(log.acknowledged.map(({ orderId }) => orderId)).size).toBe(log.acknowledged.length);
  });

  it("tell of what no client should be answered, and try again all the same", async () => {
    const { until } = await begin(onFirst({ body: error("INTERNAL_SERVER_ERROR") }));
    const { tallies } = await until(3);
    expect(tallies.failures[0]).toContain("INTERNAL_SERVER_ERROR");
  });

  it("are on record as refused for good only where no earlier request can still take effect", async () => {
    const refused = { code: "VARIANT_UNAVAILABLE", message: "gone" };
    const body = { data: { cartSetLine: { userErrors: [refused] }, placeOrder: { order: null, userErrors: [] } } };
    const { until } = await begin((key, attempt) => {
      if (key === "order-1") return { body };
      if (key === "order-2") return attempt === 1 ? { hangUp: "before it took effect" } : { body };
      return null;
    });
    const { tallies, log } = await until(5);
    expect(tallies.refusals.get("VARIANT_UNAVAILABLE")).toBe(2);
    expect(log.refusedKeys).toEqual(["order-1"]);
  });

  it("come whether others are answered or not, up to a bound", async () => {
    let isAway = true;
    const { traffic, until } = await begin(() =>
      isAway ? { body: error("SUBGRAPH_TIMEOUT", { retryAfterMs: 50 }) } : null,
    );
    await eventually(async () => expect(traffic.tallies.turnedAway).toBeGreaterThan(10));
    expect(traffic.tallies.begun).toBe(shop.customers.length);
    isAway = false;
    await until(shop.customers.length);
  });
});
