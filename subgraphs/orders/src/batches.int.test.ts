import { type EventContract, money, paymentEvents, productEvents } from "@supergraph/contracts";
import { type Delivery, newMessage } from "@supergraph/messaging";
import { createTransactions, type Database, openDatabase } from "@supergraph/postgres";
import { newId, silentLogger } from "@supergraph/service";
import { createTestDatabase, type TestDatabase } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { createCheckoutMeter } from "./checkout-meter.ts";
import { makeAdvanceSagas } from "./commands/advance-sagas.ts";
import { makeCancelOrder } from "./commands/cancel-order.ts";
import { forgetCustomer } from "./commands/forget-customer.ts";
import { claimDueOrders, lockOrders, saveChangedOrders } from "./db/sagas.ts";
import * as schema from "./db/schema.ts";
import { DEFAULT_SAGA_POLICY } from "./domain/saga-timing.ts";
import { subscriptions } from "./events.ts";
import { migrateOrders } from "./server.ts";
import { seededId as id, reservationOf, seedPendingOrders } from "./testing/seeded-orders.ts";

const NOON = new Date("2026-01-31T12:00:00.000Z");
const ORDERS = 60;

let testDatabase: TestDatabase;
let database: Database<typeof schema>;
let queries: string[];
beforeEach(async () => {
  queries = [];
  testDatabase = await createTestDatabase({ migrate: migrateOrders });
  database = openDatabase({
    url: testDatabase.url,
    schema,
    applicationName: "batches-test",
    onQuery: (query) => void queries.push(query),
  });
  await seedPendingOrders(testDatabase.url, { count: ORDERS, placedAt: NOON });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const checkouts = createCheckoutMeter();
const deps = { now: () => NOON, policy: DEFAULT_SAGA_POLICY, checkouts, log: silentLogger() };
const sagas = makeAdvanceSagas(deps);

/** What a consumer does with messages that wait together. Answers how many statements that took. */
const deliver = async <Schema extends z.ZodType>(
  contract: EventContract<Schema>,
  data: readonly z.output<Schema>[],
): Promise<number> => {
  const subscription = subscriptions(sagas).find(({ subject }) => subject === contract.subject);
  const deliveries: Delivery[] = data.map((one, n) => ({
    ...newMessage(contract, {
      id: newId("evt"),
      key: `${n}`,
      time: NOON,
      correlationId: `request-${n}`,
      causationId: null,
      data: one,
    }),
    attempt: 1,
  }));
  const before = queries.length;
  await createTransactions(database).inTransaction((tx) => subscription?.handle(deliveries, tx) ?? Promise.reject());
  return queries.length - before;
};

const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);
const stock = (n: number) => ({ orderId: id("ord", n), reservationId: reservationOf(n) });
const reserved = (n: number) => ({ ...stock(n), expiresAt: NOON.toISOString() });
const payment = (n: number) => ({ orderId: id("ord", n), paymentId: `pay_${n}` });
const captured = (n: number) => ({ ...payment(n), amount: money(1_000n) });

const states = async () =>
  (
    await database.sql<{ state: string; count: number }[]>`
    select state, count(*)::int from sagas group by state order by state`
  ).map(({ state, count }) => [state, count]);

describe("a batch of answers", () => {
  it("moves every order, with its timeline and its messages", async () => {
    await deliver(productEvents.stockReserved, range(0, 50).map(reserved));
    expect(await states()).toEqual([
      ["AUTHORIZING", 50],
      ["RESERVING", 10],
    ]);
    const [one] = await database.sql`
      select o.status, s.version, s.deadline_at > ${NOON.toISOString()} as waits, s.payment_method_token is not null as token,
        (select jsonb_agg(jsonb_build_array(version, status) order by version) from order_events where order_id = o.id) as timeline,
        (select jsonb_agg(jsonb_build_array(message_id, envelope->>'correlationId') order by position) from outbox where key = o.id) as messages
      from orders o join sagas s on s.order_id = o.id where o.id = ${id("ord", 7)}`;
    expect(one).toEqual({
      status: "AWAITING_PAYMENT",
      version: 2,
      waits: true,
      token: true,
      timeline: [
        [1, "PENDING"],
        [2, "AWAITING_PAYMENT"],
      ],
      messages: [
        [`authorize:${id("ord", 7)}`, "request-7"],
        [`status:${id("ord", 7)}:2`, "request-7"],
      ],
    });
  });

  it("takes as many statements as one answer, whatever it is that is answered", async () => {
    const steps: (readonly [EventContract, (n: number) => unknown])[] = [
      [productEvents.stockReserved, reserved],
      [paymentEvents.paymentAuthorized, captured],
      // The goods are reserved anew, for which the orders' lines are read.
      [productEvents.stockExpired, stock],
    ];
    for (const [contract, of] of steps) {
      const alone = await deliver(contract, [of(0)]);
      expect(await deliver(contract, range(1, 50).map(of))).toBe(alone);
    }
    expect(await states()).toEqual([
      ["RESERVING", 9],
      ["RESERVING_AGAIN", 51],
    ]);
    expect(
      await database.sql`
      select distinct jsonb_array_length(envelope->'data'->'lines') as lines, count(*)::int from outbox
      where subject = 'orders.stock.reserve.v1' group by 1`,
    ).toEqual([{ lines: 1, count: 51 }]);
  });

  it("tells one order of several answers one after another", async () => {
    await deliver(productEvents.stockReserved, range(0, 3).map(reserved));
    await deliver(paymentEvents.paymentAuthorized, range(0, 3).map(captured));
    await createTransactions(database).inTransaction((tx) =>
      sagas.tell(tx, [
        { orderId: id("ord", 1), event: { kind: "committed", reservationId: reservationOf(1) } },
        { orderId: id("ord", 0), event: { kind: "committed", reservationId: reservationOf(0) } },
        { orderId: id("ord", 1), event: { kind: "captured" } },
        // The first of its kind has moved the order on: this one says nothing new.
        { orderId: id("ord", 1), event: { kind: "committed", reservationId: reservationOf(1) } },
      ]),
    );
    const rows = await database.sql`
      select o.status, s.state, s.version, s.payment_method_token as token,
        (select jsonb_agg(version order by version) from order_events where order_id = o.id) as timeline
      from orders o join sagas s on s.order_id = o.id where o.id in ${database.sql([id("ord", 0), id("ord", 1)])} order by o.id`;
    expect(rows).toEqual([
      { status: "CONFIRMED", state: "CAPTURING", version: 4, token: null, timeline: [1, 2, 4] },
      { status: "PAID", state: "DONE", version: 5, token: null, timeline: [1, 2, 4, 5] },
    ]);
  });

  it("leaves out what it does not know and what comes too late, and stores the rest", async () => {
    await deliver(productEvents.stockReserved, [
      { ...reserved(0), orderId: newId("ord") },
      { ...reserved(1), reservationId: "res_of_long_ago" },
      reserved(2),
    ]);
    await deliver(productEvents.stockReserved, [reserved(2)]);
    expect(await states()).toEqual([
      ["AUTHORIZING", 1],
      ["RESERVING", ORDERS - 1],
    ]);
  });

  it("writes nothing where nothing changes", async () => {
    expect(await deliver(paymentEvents.paymentCaptured, range(0, 20).map(captured))).toBe(1);
  });

  it("is stored whole or not at all: a saga that somebody changed without its lock fails all", async () => {
    const { inTransaction } = createTransactions(database);
    const saving = inTransaction(async (tx) => {
      const locked = await lockOrders(tx, [id("ord", 0), id("ord", 1)]);
      await saveChangedOrders(
        tx,
        locked.map(({ saga, order, version }, n) => ({
          saga: { ...saga, sends: 7 },
          order,
          fromVersion: version + n,
          version: version + n + 1,
          keepToken: true,
          events: [],
        })),
      );
    });
    await expect(saving).rejects.toThrow("Expected 2 sagas at the versions that were locked, found 1");
    expect(await database.sql`select 1 from sagas where sends = 7`).toEqual([]);
  });
});

describe("a batch of prices", () => {
  const price = (n: number, version: number, title = `Mug ${n}`) => ({
    variantId: id("var", n),
    productId: id("prd", n),
    version,
    sku: `SKU-${n}`,
    title,
    price: money(1_000n),
    weightGrams: 1,
    purchasable: true,
  });

  it("takes one statement", async () => {
    const prices = range(1_000, 100).map((n) => price(n, 1));
    expect(await deliver(productEvents.variantChanged, prices)).toBe(1);
    expect(await database.sql`select 1 from variant_prices where title like 'Mug 1%'`).toHaveLength(100);
  });

  it("keeps the newest version of each variant, in whatever order they come, and drops what is older", async () => {
    const titles = () => database.sql`select variant_id as id, title, version from variant_prices order by 1`;
    await deliver(productEvents.variantChanged, [
      price(2, 5, "b5"),
      price(1, 2, "a2"),
      price(2, 7, "b7"),
      price(2, 6, "b6"),
    ]);
    await deliver(productEvents.variantChanged, [price(1, 1, "a1"), price(2, 7, "b7 again")]);
    await deliver(productEvents.variantChanged, [price(1, 3, "a3")]);
    expect(await titles()).toEqual([
      { id: id("var", 1), title: "a3", version: 3 },
      { id: id("var", 2), title: "b7", version: 7 },
    ]);
  });
});

describe("orders that are changed from all sides at once", () => {
  it("never wait for each other in a circle", async () => {
    // Without the repeats that `inTransaction` makes: a deadlock would show.
    const inTransaction = <T>(work: (tx: Parameters<typeof forgetCustomer>[0]) => Promise<T>): Promise<T> =>
      database.db.transaction(work);
    const refuse = () => ({ kind: "overloaded", retryAfterMs: 1 }) as const;
    const cancelOrder = makeCancelOrder({
      ...deps,
      db: database.db,
      dbOfRefused: database.db,
      inTransaction,
      intake: { admit: refuse, admitCart: refuse },
    });
    const later = new Date(NOON.getTime() + 60_000);
    const byNumber = range(0, ORDERS);
    const tell = (ids: readonly number[]) =>
      inTransaction((tx) =>
        sagas.tell(
          tx,
          ids.map((n) => ({ orderId: id("ord", n), event: { kind: "reserved", reservationId: reservationOf(n) } })),
        ),
      );
    const rounds = range(0, 6).flatMap((round) => [
      tell(byNumber),
      tell([...byNumber].reverse()),
      tell(byNumber.filter((n) => n % 2 === 0)),
      inTransaction((tx) => forgetCustomer(tx, id("usr", 1))),
      inTransaction(async (tx) => {
        const due = await claimDueOrders(tx, { now: later, except: [], limit: 20 });
        await makeAdvanceSagas({ ...deps, now: () => later }).tellLocked(tx, due, { kind: "deadline" });
      }),
      ...[3, 30, 57].map((n) =>
        cancelOrder({
          userId: id("usr", 1),
          mayCancelAny: false,
          correlationId: "request",
          input: { id: id("ord", n), idempotencyKey: `cancel-${n}-${round}` },
        }),
      ),
    ]);
    const results = await Promise.allSettled(rounds);
    expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await states()).toEqual([
      ["AUTHORIZING", ORDERS - 3],
      ["COMPENSATING", 3],
    ]);
  });
});
