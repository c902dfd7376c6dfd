import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Transaction } from "./database.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { accounts, type Fixture, openFixture, type TestSchema } from "./testing/fixture.ts";

describe("the inbox", () => {
  let fixture: Fixture;
  let inbox: Inbox<TestSchema>;

  beforeAll(async () => {
    fixture = await openFixture();
    inbox = createInbox(fixture.transactions);
  });

  afterAll(() => fixture.close());

  beforeEach(async () => {
    await fixture.database.sql`truncate inbox, accounts`;
    await fixture.database.db.insert(accounts).values({ id: "acc_1", balance: 0n });
  });

  const deposit = async (tx: Transaction<TestSchema>) => {
    await tx
      .update(accounts)
      .set({ balance: sql`${accounts.balance} + 1` })
      .where(eq(accounts.id, "acc_1"));
  };

  const balance = async () => (await fixture.database.db.select().from(accounts))[0]?.balance;

  const message = { consumer: "tests.thing.happened.v1", messageIds: ["evt_1"] };

  it("does the work of a message that arrives twice once", async () => {
    await inbox.once(message, deposit);
    await inbox.once(message, deposit);
    expect(await balance()).toBe(1n);
  });

  it("does the work once when the same message is handled many times at once", async () => {
    await Promise.all(Array.from({ length: 8 }, () => inbox.once(message, deposit)));
    expect(await balance()).toBe(1n);
  });

  it("keeps consumers of one message apart", async () => {
    await inbox.once(message, deposit);
    await inbox.once({ ...message, consumer: "tests.thing.other.v1" }, deposit);
    expect(await balance()).toBe(2n);
  });

  it("forgets a message whose work failed, and undoes the work", async () => {
    const failing = inbox.once(message, async (tx) => {
      await deposit(tx);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await balance()).toBe(0n);
    await inbox.once(message, deposit);
    expect(await balance()).toBe(1n);
  });
});
