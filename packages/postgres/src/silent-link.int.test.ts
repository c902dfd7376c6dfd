import { createTestDatabase, eventually, type TestDatabase } from "@supergraph/testing";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./database.ts";
import { type ConnectionLimits, connectionLimits, NO_LIMITS } from "./limits.ts";
import { isOutage } from "./outage.ts";
import { sqlStateOf } from "./sql-state.ts";
import { type Forwarder, startForwarder } from "./testing/forwarder.ts";

const LIMITS = { statementMs: 400, lockMs: 200, idleInTransactionMs: 500, unansweredMs: 700 };

const outcomeOf = async (work: PromiseLike<unknown>): Promise<"done" | "outage" | Error> => {
  try {
    await work;
    return "done";
  } catch (error) {
    return isOutage(error) ? "outage" : error instanceof Error ? error : new Error(String(error));
  }
};

describe("a database behind a link that fails", () => {
  let testDatabase: TestDatabase;
  let link: Forwarder;
  let opened: Database<Record<string, never>>[];
  /** Not by way of the link. */
  let direct: postgres.Sql;

  beforeEach(async () => {
    testDatabase = await createTestDatabase({
      async migrate(url) {
        const client = postgres(url, { max: 1 });
        await client`create table counters (id int primary key, value int not null)`;
        await client`insert into counters select n, 0 from generate_series(1, 10) as n`;
        await client.end();
      },
    });
    link = await startForwarder(testDatabase.url);
    direct = postgres(testDatabase.url, { max: 1 });
    opened = [];
  });

  afterEach(async () => {
    for (const database of opened) await database.close();
    await direct.end();
    await link.close();
    await testDatabase.drop();
  });

  const open = (limits: Partial<ConnectionLimits> = LIMITS, max = 2) => {
    const database = openDatabase({ url: link.url, schema: {}, max, applicationName: "linked", limits });
    opened.push(database);
    return database;
  };

  const increment = (id: number) => sql`update counters set value = value + 1 where id = ${id}`;
  const counter = async (id: number) => (await direct`select value from counters where id = ${id}`)[0]?.value;

  it("answers what was asked before a short silence, after it", async () => {
    const { db } = open();
    await db.execute(sql`select 1`);
    link.hold();
    const answer = db.execute(sql`select 2 as two`);
    setTimeout(() => link.release(), 300);
    expect([...(await answer)]).toEqual([{ two: 2 }]);
  });

  it("rejects everything that waits on a link that stays silent, statements under way together too, and goes on", async () => {
    const { db } = open(LIMITS, 1);
    await db.execute(sql`select 1`);
    const slow = db.execute(sql`select pg_sleep(0.3)`);
    const behind = [db.execute(sql`select 1`), db.execute(increment(1))];
    const from = performance.now();
    setTimeout(() => link.halfOpen(), 100);
    expect(await Promise.all([slow, ...behind].map(outcomeOf))).toEqual(["outage", "outage", "outage"]);
    expect(performance.now() - from).toBeLessThan(2 * LIMITS.unansweredMs);
    expect([...(await db.execute(sql`select 3 as three`))]).toEqual([{ three: 3 }]);
  });

  it("notices the silence also after the first of several answers", async () => {
    const { db } = open({ ...LIMITS, statementMs: 600 }, 1);
    await db.execute(sql`select 1`);
    const first = db.execute(sql`select pg_sleep(0.1)`);
    const second = db.execute(sql`select pg_sleep(0.5)`);
    await first;
    link.halfOpen();
    expect(await outcomeOf(second)).toBe("outage");
  });

  it("gives back the locks of a transaction whose client fell silent, and rejects it", async () => {
    const { db } = open();
    const lost = db.transaction(async (tx) => {
      await tx.execute(increment(1));
      link.hold();
      await tx.execute(increment(2));
    });
    const outcome = outcomeOf(lost);
    const from = performance.now();
    await eventually(async () => {
      await direct`set lock_timeout = 100`;
      await direct`update counters set value = 10 where id = 1`;
    });
    expect(performance.now() - from).toBeLessThan(LIMITS.idleInTransactionMs + 1_000);
    expect(await outcome).toBe("outage");
    link.reset();
    link.release();
    expect(await counter(2)).toBe(0);
    await db.transaction((tx) => tx.execute(increment(1)));
    expect(await counter(1)).toBe(11);
  });

  it("ends a transaction that does nothing while it holds locks", async () => {
    const { db } = open();
    const idle = db.transaction(async (tx) => {
      await tx.execute(increment(1));
      await new Promise<never>(() => undefined);
    });
    expect(await outcomeOf(idle)).toBe("outage");
    await eventually(() => direct`update counters set value = 5 where id = 1`);
  });

  it("rejects a transaction that is reset in the middle, without a trace of it", async () => {
    const { db } = open();
    const lost = db.transaction(async (tx) => {
      await tx.execute(increment(1));
      link.reset();
      await tx.execute(increment(2));
    });
    expect(await outcomeOf(lost)).toBe("outage");
    expect([await counter(1), await counter(2)]).toEqual([0, 0]);
    expect(await outcomeOf(db.execute(increment(1)))).toBe("done");
  });

  it("answers who asks again at once when a reset rejected them, on the same connection", async () => {
    const { db } = open({}, 1);
    for (let resets = 0; resets < 5; resets += 1) {
      await eventually(() => db.execute(sql`select 1`));
      const text = `select pg_sleep(10) as reset_${resets}`;
      const slow = db.execute(sql.raw(text));
      const again = slow.then(
        () => [],
        () => Promise.allSettled(Array.from({ length: 5 }, () => db.execute(sql`select 2 as two`))),
      );
      await eventually(async () =>
        expect([...(await direct`select 1 from pg_stat_activity where query = ${text}`)]).toHaveLength(1),
      );
      link.reset();
      expect(await again).toHaveLength(5);
    }
    expect([...(await eventually(() => db.execute(sql`select 3 as three`)))]).toEqual([{ three: 3 }]);
  });

  it("rejects at once while connections are refused, and works by itself when they no longer are", async () => {
    const { db } = open();
    await db.execute(sql`select 1`);
    await link.refuse();
    await eventually(async () => expect(await outcomeOf(db.execute(sql`select 1`))).toBe("outage"));
    const from = performance.now();
    expect(await outcomeOf(db.execute(sql`select 1`))).toBe("outage");
    expect(performance.now() - from).toBeLessThan(2_000);
    await link.listen();
    await eventually(() => db.execute(sql`select 1`));
  });

  it("gives up a statement or a wait for a lock that takes too long, and keeps the connection", async () => {
    const { db } = open(LIMITS, 1);
    const backend = async () => (await db.execute(sql`select pg_backend_pid() as pid`))[0]?.pid;
    const before = await backend();
    await expect(db.execute(sql`select pg_sleep(5)`)).rejects.toSatisfy((error) => sqlStateOf(error) === "57014");
    await direct.begin(async (tx) => {
      await tx`update counters set value = 1 where id = 1`;
      await expect(db.execute(increment(1))).rejects.toSatisfy((error) => sqlStateOf(error) === "55P03");
    });
    expect(await backend()).toBe(before);
  });

  it("lets a transaction of maintenance take longer", async () => {
    const { db } = open(NO_LIMITS);
    const settings = await db.execute(sql`
      select current_setting('statement_timeout') || current_setting('lock_timeout')
        || current_setting('idle_in_transaction_session_timeout') as all`);
    expect([...settings]).toEqual([{ all: "000" }]);
    expect(await outcomeOf(db.execute(sql`select pg_sleep(${LIMITS.unansweredMs / 1000 + 0.3})`))).toBe("done");
  });

  it("closes in time though nobody hears it", async () => {
    const { db, close } = open();
    await db.execute(sql`select 1`);
    link.hold();
    const from = performance.now();
    await close();
    expect(performance.now() - from).toBeLessThan(2_500);
  });

  it("keeps every promise under load, whatever happens to the link", async () => {
    const { db } = open(LIMITS, 4);
    const acknowledged = new Map<number, number>();
    const failures: unknown[] = [];
    let stopped = false;
    const load = Array.from({ length: 10 }, async (_, n) => {
      const id = n + 1;
      let unknown = 0;
      while (!stopped) {
        const outcome = await outcomeOf(
          n % 2 ? db.execute(increment(id)) : db.transaction((tx) => tx.execute(increment(id))),
        );
        if (outcome === "done") acknowledged.set(id, (acknowledged.get(id) ?? 0) + 1);
        else unknown += 1;
        if (outcome instanceof Error && sqlStateOf(outcome) === undefined) failures.push(outcome);
      }
      return { id, unknown };
    });
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    for (let round = 0; round < 3; round += 1) {
      link.hold();
      await pause(100);
      link.release();
      await pause(100);
      link.reset();
      await pause(100);
      link.halfOpen();
      await pause(LIMITS.unansweredMs);
      await link.refuse();
      await pause(100);
      await link.listen();
      await eventually(async () => expect(await outcomeOf(db.execute(sql`select 1`))).toBe("done"));
    }
    stopped = true;
    const counts = await Promise.all(load);
    expect(failures).toEqual([]);
    for (const { id, unknown } of counts) {
      const value = await counter(id);
      expect(value).toBeGreaterThanOrEqual(acknowledged.get(id) ?? 0);
      expect(value).toBeLessThanOrEqual((acknowledged.get(id) ?? 0) + unknown);
    }
  });
});

describe("the limits of a connection", () => {
  it("give up a connection only when no statement can still run on it", () => {
    expect(connectionLimits()).toEqual({
      statementMs: 15_000,
      lockMs: 10_000,
      idleInTransactionMs: 15_000,
      unansweredMs: 20_000,
    });
    expect(connectionLimits({ statementMs: 0 }).unansweredMs).toBe(0);
    expect(() => connectionLimits({ statementMs: 20_000, unansweredMs: 20_000 })).toThrow(/must be longer/);
    expect(() => connectionLimits({ unansweredMs: 5_000, statementMs: 0 })).toThrow(/must be longer/);
    expect(() => connectionLimits({ lockMs: -1 })).toThrow(/lockMs must be whole milliseconds/);
  });
});
