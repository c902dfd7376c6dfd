import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOutage } from "./outage.ts";
import { accounts, type Fixture, openFixture } from "./testing/fixture.ts";

describe("an outage of a real database", () => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await openFixture();
  });

  afterAll(() => fixture.close());

  const failureOf = (work: Parameters<typeof fixture.transactions.inTransaction>[0]): Promise<unknown> =>
    fixture.transactions.inTransaction(work).catch((error: unknown) => error);

  it("is that it ends the session in mid-transaction", async () => {
    const admin = postgres(fixture.testDatabase.adminUrl, { max: 1 });
    const failure = await failureOf(async (tx) => {
      const [session] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await admin`select pg_terminate_backend(${session?.pid ?? 0})`;
      await tx.insert(accounts).values({ id: "lost", balance: 0n });
    });
    await admin.end();
    expect(isOutage(failure)).toBe(true);
  });

  it("is that it lets itself only be read", async () => {
    const failure = await failureOf(async (tx) => {
      await tx.execute(sql`set transaction read only`);
      await tx.insert(accounts).values({ id: "refused", balance: 0n });
    });
    expect(isOutage(failure)).toBe(true);
  });

  it("is not that it refuses what a message asks for", async () => {
    const failure = await failureOf(async (tx) => {
      await tx.insert(accounts).values({ id: "twice", balance: 0n });
      await tx.insert(accounts).values({ id: "twice", balance: 0n });
    });
    expect(failure).toBeInstanceOf(Error);
    expect(isOutage(failure)).toBe(false);
  });
});
