import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accounts, type Fixture, openFixture } from "./testing/fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

/** What the connection of a transaction keeps prepared of statements on accounts. */
const preparedWithin = (
  work: (tx: Parameters<Parameters<Fixture["database"]["db"]["transaction"]>[0]>[0]) => Promise<void>,
) =>
  fixture.database.db.transaction(async (tx) => {
    await work(tx);
    const rows = await tx.execute<{ statement: string }>(
      sql`select statement from pg_prepared_statements where statement like '%accounts%' and statement not like '%pg_prepared%'`,
    );
    return rows.map(({ statement }) => statement);
  });

describe("a statement of Drizzle", () => {
  it("is prepared once it is repeated, and answers the same before and after", async () => {
    const ids = ["a", "b", "c", "d", "e", "f"];
    const prepared = await preparedWithin(async (tx) => {
      for (const id of ids) await tx.insert(accounts).values({ id, balance: 7n });
      for (const id of ids)
        expect(await tx.select().from(accounts).where(eq(accounts.id, id))).toEqual([{ id, balance: 7n }]);
    });
    expect(prepared).toHaveLength(2);
  });

  it("is not prepared where it comes once", async () => {
    expect(
      await preparedWithin(async (tx) => void (await tx.insert(accounts).values({ id: "a", balance: 1n }))),
    ).toEqual([]);
  });

  it("fails as it would unprepared, and works again in the next transaction", async () => {
    const { db } = fixture.database;
    const insert = () => db.transaction((tx) => tx.insert(accounts).values({ id: "a", balance: 1n }));
    await insert();
    for (let n = 0; n < 5; n += 1)
      await expect(insert()).rejects.toMatchObject({ cause: expect.objectContaining({ code: "23505" }) });
    expect(await db.select().from(accounts)).toEqual([{ id: "a", balance: 1n }]);
  });

  it("goes on after the table behind it was changed", async () => {
    const { db } = fixture.database;
    const all = () => db.execute(sql`select * from accounts where id = ${"a"}`);
    await db.insert(accounts).values({ id: "a", balance: 1n });
    for (let n = 0; n < 5; n += 1) await all();
    await fixture.database.sql.unsafe("alter table accounts add column note text");
    for (let n = 0; n < 12; n += 1) expect(await all()).toMatchObject([{ id: "a", note: null }]);
  });
});
