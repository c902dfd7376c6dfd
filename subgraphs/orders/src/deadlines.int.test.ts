import { createTransactions, type Database, openDatabase } from "@supergraph/postgres";
import { enableTracing, silentLogger } from "@supergraph/service";
import { createTestDatabase, eventually, type TestDatabase } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCheckoutMeter } from "./checkout-meter.ts";
import { type AdvanceSagas, makeAdvanceSagas } from "./commands/advance-sagas.ts";
import * as schema from "./db/schema.ts";
import { type Deadlines, startDeadlines } from "./deadlines.ts";
import { DEFAULT_SAGA_POLICY } from "./domain/saga-timing.ts";
import { migrateOrders } from "./server.ts";
import { seededId as id, seedPendingOrders } from "./testing/seeded-orders.ts";

const NOON = new Date("2026-01-31T12:00:00.000Z");
const ORDERS = 12;

let testDatabase: TestDatabase;
let database: Database<typeof schema>;
let running: Deadlines[];
let queries: string[];
beforeEach(async () => {
  running = [];
  queries = [];
  testDatabase = await createTestDatabase({ migrate: migrateOrders });
  database = openDatabase({
    url: testDatabase.url,
    schema,
    applicationName: "deadlines-test",
    onQuery: (query) => void queries.push(query),
  });
  await seedPendingOrders(testDatabase.url, { count: ORDERS, placedAt: new Date(NOON.getTime() - 3_600_000) });
});
afterEach(async () => {
  await Promise.all(running.map((deadlines) => deadlines.stop()));
  await database.close();
  await testDatabase.drop();
});

const start = (sagas: Pick<AdvanceSagas, "tellLocked"> = realSagas) => {
  const { inTransaction } = createTransactions(database);
  const deadlines = startDeadlines({ inTransaction, sagas, now: () => NOON, pollMs: 20, log: silentLogger() });
  running.push(deadlines);
  return deadlines;
};

const realSagas = makeAdvanceSagas({
  now: () => NOON,
  policy: DEFAULT_SAGA_POLICY,
  checkouts: createCheckoutMeter(),
  log: silentLogger(),
});

const releases = () => database.sql`select message_id from outbox where subject = 'orders.stock.release.v1'`;

const commits = () => database.sql`select message_id from outbox where subject = 'orders.stock.commit.v1'`;

describe("deadlines", () => {
  it("are told once each, however many processes look for them", async () => {
    const told: string[] = [];
    const tellLocked: AdvanceSagas["tellLocked"] = (tx, orders, event) => {
      told.push(...orders.map(({ order }) => order.id));
      return realSagas.tellLocked(tx, orders, event);
    };
    for (let process = 0; process < 4; process += 1) start({ tellLocked });
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
    expect(told.sort()).toEqual(Array.from({ length: ORDERS }, (_, n) => id("ord", n)));
    expect(await database.sql`select distinct state, version from sagas`).toEqual([
      { state: "COMPENSATING", version: 2 },
    ]);
  });

  it("that passed together are told in a few statements, not in some for each order", async () => {
    start();
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
    expect(queries.filter((query) => query.includes("update sagas"))).toHaveLength(1);
    expect(queries.filter((query) => query.includes("outbox"))).toHaveLength(1);
  });

  it("send on in the trace of the request that placed the order, many together though they are", async () => {
    enableTracing();
    const traceOf = (n: number) => `${n}`.padStart(2, "0").repeat(16);
    for (let n = 1; n < ORDERS; n += 1)
      await database.sql`update sagas set trace = ${database.sql.json({ traceparent: `00-${traceOf(n)}-00f067aa0ba902b7-01` })}
        where order_id = ${id("ord", n)}`;
    start();
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
    const rows = await database.sql<{ key: string; traceparent: string }[]>`
      select key, headers->>'traceparent' as traceparent from outbox order by key`;
    const traces = new Map(rows.map(({ key, traceparent }) => [key, traceparent.split("-")[1]]));
    for (let n = 1; n < ORDERS; n += 1) expect(traces.get(id("ord", n))).toBe(traceOf(n));
    // Of an order from before there were traces: in one of its own.
    expect(traces.get(id("ord", 0))).toMatch(/^[0-9a-f]{32}$/);
  });

  it("that passed together do not pass together again", async () => {
    await database.sql`update sagas set state = 'COMMITTING', give_up_at = null, payment_method_token = null`;
    start();
    await eventually(async () => expect(await commits()).toHaveLength(ORDERS));
    const spread = await database.sql<{ sends: number; deadlines: number; first: number; last: number }[]>`
      select max(sends) as sends, count(distinct deadline_at)::int as deadlines,
        extract(epoch from min(deadline_at) - ${NOON.toISOString()}::timestamptz)::float8 as first,
        extract(epoch from max(deadline_at) - ${NOON.toISOString()}::timestamptz)::float8 as last
      from sagas`;
    expect(spread[0]?.sends).toBe(2);
    expect(spread[0]?.deadlines).toBeGreaterThan(ORDERS / 2);
    expect(spread[0]?.first).toBeGreaterThanOrEqual(60);
    expect(spread[0]?.last).toBeLessThanOrEqual(90);
  });

  it("of one order that fails hold no other up, and are tried again", async () => {
    let fails = true;
    start({
      tellLocked(tx, orders, event) {
        if (fails && orders.some(({ order }) => order.id === id("ord", 0))) throw new Error("this one fails");
        return realSagas.tellLocked(tx, orders, event);
      },
    });
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS - 1));
    fails = false;
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
  });

  it("leave an order alone that somebody else works on, and wait for nobody", async () => {
    await database.sql.begin(async (sql) => {
      await sql`select 1 from sagas where order_id = ${id("ord", 0)} for update`;
      await sql`select 1 from orders where id = ${id("ord", 1)} for update`;
      start();
      await eventually(async () => expect(await releases()).toHaveLength(ORDERS - 2));
    });
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
  });

  it("are looked for again once the database is back", async () => {
    const { inTransaction } = createTransactions(database);
    let down = true;
    running.push(
      startDeadlines({
        inTransaction: (work) => (down ? Promise.reject(new Error("the database is down")) : inTransaction(work)),
        sagas: realSagas,
        now: () => NOON,
        pollMs: 20,
        log: silentLogger(),
      }),
    );
    await eventually(async () => expect(await releases()).toHaveLength(0));
    down = false;
    await eventually(async () => expect(await releases()).toHaveLength(ORDERS));
  });

  it("are left alone after stop, which waits for those in hand", async () => {
    let finished = 0;
    let begun = (): void => undefined;
    const began = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const deadlines = start({
      async tellLocked(tx, orders, event) {
        begun();
        const changed = await realSagas.tellLocked(tx, orders, event);
        finished += changed.length;
        return changed;
      },
    });
    await began;
    await deadlines.stop();
    expect(finished).toBe(ORDERS);
    expect(await releases()).toHaveLength(ORDERS);
  });
});
