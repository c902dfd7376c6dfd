import { eventually } from "@supergraph/testing";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { type Fixture, openFixture, schema, type TestSchema } from "./testing/fixture.ts";

let fixture: Fixture;
let database: Database<TestSchema>;
beforeEach(async () => {
  fixture = await openFixture();
  database = openDatabase({ url: fixture.testDatabase.url, schema, applicationName: "pool-use-test", max: 2 });
});
afterEach(async () => {
  await database.close();
  await fixture.close();
});

/** Holds a connection in a transaction until it is let go. */
const hold = async () => {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const done = database.db.transaction(async (tx) => {
    await tx.execute(sql`select 1`);
    await held;
  });
  return { letGo, done };
};

describe("the use of a pool", () => {
  it("is none where nothing runs, also after statements and transactions that failed", async () => {
    await database.db.execute(sql`select 1`);
    await expect(database.db.execute(sql`select nonsense`)).rejects.toThrow();
    await expect(
      database.db.transaction(async () => {
        throw new Error("undone");
      }),
    ).rejects.toThrow("undone");
    expect(database.use()).toEqual({ max: 2, used: 0, pending: 0 });
  });

  it("counts transactions and statements, and tells of those beyond the connections that they are pending", async () => {
    const one = await hold();
    const two = await hold();
    await eventually(() => expect(database.use()).toEqual({ max: 2, used: 2, pending: 0 }));
    const three = await hold();
    const statement = Promise.resolve(database.db.execute(sql`select 1`));
    await eventually(() => expect(database.use()).toEqual({ max: 2, used: 2, pending: 2 }));
    for (const { letGo, done } of [one, two, three]) {
      letGo();
      await done;
    }
    await statement;
    expect(database.use()).toEqual({ max: 2, used: 0, pending: 0 });
  });

  it("does not count what was never sent", async () => {
    database.db.execute(sql`select 1`);
    await database.db.execute(sql`select 2`);
    expect(database.use().used).toBe(0);
  });

  it("is given back when a connection is lost under a transaction", async () => {
    const { done } = await hold();
    const lost = expect(done).rejects.toThrow();
    await fixture.database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool-use-test'`;
    await lost;
    expect(database.use()).toEqual({ max: 2, used: 0, pending: 0 });
  });
});
