import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { afterCommit } from "./commit-effects.ts";
import { OutboxMessageTooLarge } from "./message-size.ts";
import { outageOf } from "./outage.ts";
import { appendToOutbox } from "./outbox.ts";
import { sqlStateOf } from "./sql-state.ts";
import { accounts, aMessage, type Fixture, openFixture } from "./testing/fixture.ts";
import { createTransactions } from "./transactions.ts";

describe("a transaction", () => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await openFixture();
  });

  afterAll(() => fixture.close());

  beforeEach(async () => {
    await fixture.database.sql`truncate accounts, outbox`;
    await fixture.database.db.insert(accounts).values([
      { id: "acc_1", balance: 0n },
      { id: "acc_2", balance: 0n },
    ]);
  });

  const balances = async () =>
    (await fixture.database.db.select().from(accounts).orderBy(accounts.id)).map(({ balance }) => balance);

  it("is run again after a deadlock, so that both of two that lock crosswise commit", async () => {
    let attempts = 0;
    let arrivals = 0;
    let meet = () => {};
    const bothHoldTheirFirst = new Promise<void>((resolve) => (meet = resolve));
    const move = (first: string, second: string) =>
      fixture.transactions.inTransaction(async (tx) => {
        attempts += 1;
        const add = (id: string) =>
          tx
            .update(accounts)
            .set({ balance: sql`${accounts.balance} + 1` })
            .where(eq(accounts.id, id));
        await add(first);
        arrivals += 1;
        if (arrivals === 2) meet();
        await bothHoldTheirFirst;
        await add(second);
      });
    await Promise.all([move("acc_1", "acc_2"), move("acc_2", "acc_1")]);
    expect(attempts).toBeGreaterThan(2);
    expect(await balances()).toEqual([2n, 2n]);
  });

  it("has effects after its commit once, also where it is run again, and none where it is undone", async () => {
    const told: string[] = [];
    let attempts = 0;
    await fixture.transactions.inTransaction(async (tx) => {
      attempts += 1;
      afterCommit(tx, () => void told.push("first"));
      afterCommit(tx, () => void told.push("second"));
      expect(told).toEqual([]);
      if (attempts === 1) await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    expect(attempts).toBe(2);
    const undone = fixture.transactions.inTransaction(async (tx) => {
      afterCommit(tx, () => void told.push("undone"));
      throw new Error("no");
    });
    await expect(undone).rejects.toThrow("no");
    expect(told).toEqual(["first", "second"]);
  });

  it("keeps nothing when a message of it is larger than a broker may take, and as much as it is told otherwise", async () => {
    const limited = createTransactions(fixture.database, { maxMessageBytes: 1_000 });
    const append = (characters: number, { inTransaction } = limited) =>
      inTransaction(async (tx) => {
        await tx.update(accounts).set({ balance: sql`${accounts.balance} + 1` });
        await appendToOutbox(tx, [aMessage({ id: "small" }), aMessage({ id: "large", data: "ä".repeat(characters) })]);
      });
    await expect(append(500)).rejects.toBeInstanceOf(OutboxMessageTooLarge);
    await expect(append(500)).rejects.toThrow(/large under tests\.thing\.happened\.v1 has 11\d\d bytes, and 1000 are/);
    await expect(append(600_000, fixture.transactions)).rejects.toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    expect(await balances()).toEqual([0n, 0n]);
    await append(400);
    expect(await balances()).toEqual([1n, 1n]);
  });

  it("is run again no more than 5 times", async () => {
    let attempts = 0;
    const work = fixture.transactions.inTransaction(async (tx) => {
      attempts += 1;
      await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    await expect(work).rejects.toSatisfy((error) => sqlStateOf(error) === "40001");
    expect(attempts).toBe(6);
  });

  it("is not run again after any other failure", async () => {
    let attempts = 0;
    const work = fixture.transactions.inTransaction(async (tx) => {
      attempts += 1;
      await tx.insert(accounts).values({ id: "acc_1", balance: 0n });
    });
    await expect(work).rejects.toSatisfy((error) => sqlStateOf(error) === "23505");
    expect(attempts).toBe(1);
  });

  it("tells listeners of a commit that appended to the outbox, and of no other", async () => {
    let heard = 0;
    const stopListening = fixture.transactions.afterOutboxCommit(() => {
      heard += 1;
    });
    await fixture.transactions.inTransaction(async (tx) => {
      await tx.update(accounts).set({ balance: 5n });
      await appendToOutbox(tx, []);
    });
    expect(heard).toBe(0);
    await fixture.transactions
      .inTransaction(async (tx) => {
        await appendToOutbox(tx, [aMessage()]);
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    expect(heard).toBe(0);
    await fixture.transactions.inTransaction(async (tx) => {
      await appendToOutbox(tx, [aMessage()]);
      expect(heard).toBe(0);
    });
    expect(heard).toBe(1);
    stopListening();
    await fixture.transactions.inTransaction((tx) => appendToOutbox(tx, [aMessage()]));
    expect(heard).toBe(1);
  });

  it("stores an envelope as a JSON object, not as JSON text in JSON", async () => {
    await fixture.transactions.inTransaction((tx) => appendToOutbox(tx, [aMessage({ data: { a: 1 } })]));
    const rows = await fixture.database.sql`
      select jsonb_typeof(envelope) as envelope, jsonb_typeof(headers) as headers from outbox`;
    expect([...rows]).toEqual([{ envelope: "object", headers: "object" }]);
  });

  it("tells an outage before its commit, which undoes it, from one at its commit, of which nobody knows", async () => {
    const { database, transactions } = fixture;
    const die = sql`select pg_terminate_backend(pg_backend_pid())`;
    const failureOf = (work: Promise<unknown>) => work.catch((error: unknown) => error);

    const before = await failureOf(transactions.inTransaction((tx) => tx.execute(die)));
    expect(outageOf(before)).toBe("undone");

    await database.sql`create function die() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`;
    await database.sql`create constraint trigger die_at_commit after update on accounts
      deferrable initially deferred for each row execute function die()`;
    try {
      const update = { balance: sql`${accounts.balance} + 1` };
      const during = await failureOf(transactions.inTransaction((tx) => tx.update(accounts).set(update)));
      expect(outageOf(during)).toBe("unknown");
    } finally {
      await database.sql`drop function die cascade`;
    }
    // A statement without a transaction is one with its commit.
    expect(outageOf(await failureOf(database.db.execute(die)))).toBe("unknown");
    expect(outageOf(await failureOf(transactions.inTransaction((tx) => tx.execute(sql`select 1 / 0`))))).toBeNull();
  });
});
