import { type Database, openDatabase } from "@supergraph/postgres";
import { createTestDatabase, type TestDatabase } from "@supergraph/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrateOrders } from "../server.ts";
import { seededId as id, seedPendingOrders } from "../testing/seeded-orders.ts";
import { sagaAges } from "./sagas.ts";
import * as schema from "./schema.ts";

const NOON = new Date("2026-01-31T12:00:00.000Z");

let testDatabase: TestDatabase;
let database: Database<typeof schema>;
beforeAll(async () => {
  testDatabase = await createTestDatabase({ migrate: migrateOrders });
  database = openDatabase({ url: testDatabase.url, schema, applicationName: "sagas-test" });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

it("tells how many sagas are open, and for how long, by state, with nothing where there are none", async () => {
  const none = [
    "RESERVING",
    "AUTHORIZING",
    "AWAITING_ACTION",
    "COMMITTING",
    "RESERVING_AGAIN",
    "CAPTURING",
    "COMPENSATING",
  ];
  expect(await sagaAges(database.db, NOON)).toEqual(none.map((state) => ({ state, count: 0, oldestSeconds: 0 })));

  await seedPendingOrders(testDatabase.url, { count: 5, placedAt: new Date(NOON.getTime() - 90_000) });
  await database.sql`update sagas set entered_at = ${new Date(NOON.getTime() - 600_000).toISOString()} where order_id = ${id("ord", 1)}`;
  await database.sql`update sagas set state = 'CAPTURING', payment_method_token = null where order_id = ${id("ord", 2)}`;
  // The clock that asks may be behind the one that wrote.
  await database.sql`update sagas set state = 'COMPENSATING', payment_method_token = null, entered_at = ${new Date(NOON.getTime() + 5_000).toISOString()}
    where order_id = ${id("ord", 3)}`;
  await database.sql`update sagas set state = 'DONE', payment_method_token = null, deadline_at = null where order_id = ${id("ord", 4)}`;
  expect((await sagaAges(database.db, NOON)).filter(({ count }) => count > 0)).toEqual([
    { state: "RESERVING", count: 2, oldestSeconds: 600 },
    { state: "CAPTURING", count: 1, oldestSeconds: 90 },
    { state: "COMPENSATING", count: 1, oldestSeconds: 0 },
  ]);
});
