import { createTransactions, type Database, openDatabase } from "@supergraph/postgres";
import { silentLogger } from "@supergraph/service";
import { createTestDatabase, eventually, type TestDatabase } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AdvanceSaga, makeAdvanceSaga } from "./commands/advance-saga.ts";
import * as schema from "./db/schema.ts";
import { type Deadlines, startDeadlines } from "./deadlines.ts";
import { DEFAULT_SAGA_POLICY } from "./domain/saga-timing.ts";
import { priceOrder, seedOrders } from "./seed.ts";
import { migrateOrders } from "./server.ts";

const NOON = new Date("2026-01-31T12:00:00.000Z");
const ORDERS = 12;

const id = (prefix: string, n: number): string => `${prefix}_01k0000000e008${String(n).padStart(12, "0")}`;

let testDatabase: TestDatabase;
let database: Database<typeof schema>;
let running: Deadlines[];
beforeEach(async () => {
  running = [];
  testDatabase = await createTestDatabase({ migrate: migrateOrders });
  database = openDatabase({ url: testDatabase.url, schema, applicationName: "deadlines-test" });
  const placedAt = new Date(NOON.getTime() - 3_600_000);
  await seedOrders(testDatabase.url, {
    variantPrices: [],
    orders: Array.from({ length: ORDERS }, (_, n) => ({
      id: id("ord", n),
      number: `SG-20260131-Z${n}`,
      customerId: id("usr", 1),
      status: "PENDING",
      cancelReason: null,
      lines: [
        { id: id("lin", n), variantId: id("var", 1), sku: "SKU-1", title: "Mug", quantity: 1, unitPriceMinor: 1_000n },
      ],
      shippingAddress: { line1: "a", line2: null, city: "b", region: null, postalCode: "c", country: "SE" },
      ...priceOrder([{ quantity: 1, unitPriceMinor: 1_000n, weightGrams: 1 }], "SE"),
      placedAt,
      timeline: [{ status: "PENDING", at: placedAt, note: null }],
    })),
  });
});
afterEach(async () => {
  await Promise.all(running.map((deadlines) => deadlines.stop()));
  await database.close();
  await testDatabase.drop();
});

const start = (advance: AdvanceSaga) => {
  const { inTransaction } = createTransactions(database);
  const deadlines = startDeadlines({ inTransaction, advance, now: () => NOON, pollMs: 20, log: silentLogger() });
  running.push(deadlines);
  return deadlines;
};

const realAdvance = makeAdvanceSaga({ now: () => NOON, policy: DEFAULT_SAGA_POLICY, log: silentLogger() });

const releases = () => database.sql`select message_id from outbox where subject = 'orders.stock.release.v1'`;

describe("deadlines", () => {
  it("are told once each, however many processes look for them", async () => {
    const told: string[] = [];
    const advance: AdvanceSaga = (tx, orderId, event) => {
      told.push(orderId);
      return realAdvance(tx, orderId, event);
    };
    for (let process = 0; process < 4; process += 1) start(advance);
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
    expect(told.sort()).toEqual(Array.from({ length: ORDERS }, (_, n) => id("ord", n)));
    expect(await database.sql`select distinct state, version from sagas`).toEqual([
      { state: "COMPENSATING", version: 2 },
    ]);
  });

  it("of one order that fails hold no other up, and are tried again", async () => {
    let fails = true;
    start((tx, orderId, event) => {
      if (fails && orderId === id("ord", 0)) throw new Error("this one fails");
      return realAdvance(tx, orderId, event);
    });
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS - 1));
    fails = false;
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
  });

  it("are looked for again once the database is back", async () => {
    const { inTransaction } = createTransactions(database);
    let down = true;
    running.push(
      startDeadlines({
        inTransaction: (work) => (down ? Promise.reject(new Error("the database is down")) : inTransaction(work)),
        advance: realAdvance,
        now: () => NOON,
        pollMs: 20,
        log: silentLogger(),
      }),
    );
    await eventually(async () => expect(await releases()).toHaveLength(0));
    down = false;
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
  });

  it("are left alone after stop, which waits for the one in hand", async () => {
    let finished = false;
    let begun = (): void => undefined;
    const began = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const deadlines = start(async (tx, orderId, event) => {
      begun();
      const result = await realAdvance(tx, orderId, event);
      finished = true;
      return result;
    });
    await began;
    await deadlines.stop();
    expect(finished).toBe(true);
    expect(await releases()).toHaveLength(1);
  });
});
