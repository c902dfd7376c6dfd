import { createTestDatabase, eventually, type TestDatabase } from "@supergraph/testing";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./database.ts";

const POOL_SIZE = 4;

/** Depends on whether something was being written. */
const CONNECTION_LOSS = /CONNECTION_CLOSED|ECONNRESET|EPIPE/;

describe("a database whose connections are ended", () => {
  let testDatabase: TestDatabase;
  let database: Database<Record<string, never>>;
  let admin: postgres.Sql;

  beforeEach(async () => {
    testDatabase = await createTestDatabase({ migrate: async () => undefined });
    database = openDatabase({ url: testDatabase.url, schema: {}, max: POOL_SIZE, applicationName: "test" });
    admin = postgres(testDatabase.adminUrl, { max: 1, fetch_types: false });
  });

  afterEach(async () => {
    await database.close();
    await admin.end();
    await testDatabase.drop();
  });

  const endConnections = () => admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'test' and datname = current_database()`;

  it("rejects a transaction whose connection is lost between two statements, and runs the next one", async () => {
    const lost = database.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      await endConnections();
      await eventually(() => expect(tx.execute(sql`select ${"x".repeat(2_000)}::text`)).rejects.toThrow());
    });
    await expect(lost).rejects.toThrow(CONNECTION_LOSS);
    expect([...(await database.db.transaction((tx) => tx.execute(sql`select 1 as one`)))]).toEqual([{ one: 1 }]);
  });

  it("rejects a transaction that goes on in a savepoint after its connection is lost", async () => {
    const lost = database.db.transaction(async (tx) => {
      await endConnections();
      await eventually(() => expect(tx.transaction((nested) => nested.execute(sql`select 1`))).rejects.toThrow());
      await tx.transaction((nested) => nested.execute(sql`select 2`));
    });
    await expect(lost).rejects.toThrow(CONNECTION_LOSS);
  });

  it("does not roll back somebody else's transaction on the connection that took the place of the lost one", async () => {
    let fail = () => {};
    const failure = new Promise<never>((_, reject) => {
      fail = () => reject(new Error("late"));
    });
    const single = openDatabase({ url: testDatabase.url, schema: {}, max: 1, applicationName: "test" });
    const lost = single.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      await endConnections();
      await failure;
    });
    await expect(lost).rejects.toThrow(CONNECTION_LOSS);
    await single.db.transaction(async (tx) => {
      await tx.execute(sql`create table kept ()`);
      fail();
      await tx.execute(sql`select pg_sleep(0.05)`);
    });
    expect([...(await single.db.execute(sql`select to_regclass('kept')::text as found`))]).toEqual([{ found: "kept" }]);
    await single.close();
  });

  it("refuses a statement of a transaction that has ended", async () => {
    let late: () => PromiseLike<unknown> = async () => undefined;
    await database.db.transaction(async (tx) => {
      late = () => tx.execute(sql`select 1`);
      await late();
    });
    await expect(late()).rejects.toMatchObject({ cause: { message: expect.stringContaining("has ended") } });
  });

  it("has every connection of its pool back soon, however often they were ended under load", async () => {
    let stopped = false;
    const load = Array.from({ length: POOL_SIZE * 3 }, async (_, worker) => {
      while (!stopped) {
        const text = "x".repeat((worker % 3) * 600);
        const statement = sql`select ${text}::text, pg_sleep(0.001)`;
        await (worker % 2 === 0
          ? database.db.execute(statement)
          : database.db.transaction(async (tx) => {
              await tx.execute(statement);
              await tx.execute(statement).catch(() => tx.execute(statement));
            })
        ).catch(() => undefined);
      }
    });
    for (let round = 0; round < 15; round += 1) {
      await eventually(async () => {
        const [row] = await admin`
          select count(*)::int as open from pg_stat_activity
          where application_name = 'test' and datname = current_database()`;
        expect(row?.open).toBeGreaterThan(1);
      });
      await endConnections();
    }
    stopped = true;
    await Promise.all(load);
    const pids = await Promise.all(
      Array.from({ length: POOL_SIZE }, async () => {
        const [row] = await database.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid, pg_sleep(0.5)`);
        return row?.pid;
      }),
    );
    expect(new Set(pids).size).toBe(POOL_SIZE);
  });

  it("reads and writes arrays, in either pool", async () => {
    const texts = ["a", 'say "hi"', "back\\slash", "🧀", "null", ""];
    expect(
      await database.sql`select ${texts}::text[] as texts, ${["9007199254740993"]}::bigint[] as big, array[1, null]::int[] as ints`,
    ).toEqual([{ texts, big: ["9007199254740993"], ints: [1, null] }]);
    const rows = await database.db.execute(sql`select array['x,y', null, '🧀'] as texts, array[true, false] as flags`);
    expect([...rows]).toEqual([{ texts: ["x,y", null, "🧀"], flags: [true, false] }]);
  });
});

describe("a database that is not there", () => {
  it("is told at once by check", async () => {
    const database = openDatabase({ url: "postgres://a:b@127.0.0.1:1/c", schema: {}, applicationName: "test" });
    await expect(database.check()).rejects.toThrow(/ECONNREFUSED/);
    await expect(database.db.execute(sql`select 1`)).rejects.toThrow();
    await database.close();
  });
});
