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

  describe("for a batch", () => {
    const consumer = message.consumer;
    const sorted = (ids: ReadonlySet<string>) => [...ids].sort();

    it("hands over only what is not on record, and each id once", async () => {
      await inbox.once({ consumer, messageIds: ["evt_2", "evt_4"] }, deposit);
      const seen: string[][] = [];
      await inbox.once({ consumer, messageIds: ["evt_5", "evt_4", "evt_1", "evt_2", "evt_1"] }, async (_, isNew) => {
        seen.push(sorted(isNew));
      });
      expect(seen).toEqual([["evt_1", "evt_5"]]);
    });

    it("does nothing when all of it is on record, or when it is empty", async () => {
      await inbox.once({ consumer, messageIds: ["evt_1", "evt_2"] }, deposit);
      await inbox.once({ consumer, messageIds: ["evt_2", "evt_1"] }, deposit);
      await inbox.once({ consumer, messageIds: [] }, deposit);
      expect(await balance()).toBe(1n);
    });

    it("forgets all of it when its work fails", async () => {
      const messages = { consumer, messageIds: ["evt_1", "evt_2"] };
      await expect(inbox.once(messages, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
      const seen: string[][] = [];
      await inbox.once(messages, async (_, isNew) => void seen.push(sorted(isNew)));
      expect(seen).toEqual([["evt_1", "evt_2"]]);
    });

    it("takes ids with whatever is in them", async () => {
      const ids = ['a"b', "a\\b", "a,b", "{a}", "null", "", "🍵", "a b", "it's"];
      const seen: string[][] = [];
      const note = async (_: unknown, isNew: ReadonlySet<string>) => void seen.push(sorted(isNew));
      await inbox.once({ consumer, messageIds: ids }, note);
      await inbox.once({ consumer, messageIds: ids }, note);
      expect(seen).toEqual([[...ids].sort()]);
    });

    it("does the work of each message once when batches that overlap, in any order, are handled at once", async () => {
      const ids = Array.from({ length: 100 }, (_, index) => `evt_${index}`);
      const done: string[] = [];
      const handle = (messageIds: readonly string[]) =>
        inbox.once({ consumer, messageIds }, async (tx, isNew) => {
          await deposit(tx);
          done.push(...isNew);
        });
      const before = await deadlocks();
      await Promise.all(
        Array.from({ length: 8 }, (_, turn) => {
          const turned = [...ids.slice(turn * 10), ...ids.slice(0, turn * 10)].slice(0, 60);
          return handle(turn % 2 === 0 ? turned : turned.reverse());
        }),
      );
      expect(done.toSorted()).toEqual(ids.toSorted());
      expect(await deadlocks()).toBe(before);
    });

    const deadlocks = async () => {
      const [row] = await fixture.database.sql`
        select deadlocks::int from pg_stat_database where datname = current_database()`;
      return row?.deadlocks;
    };
  });
});
