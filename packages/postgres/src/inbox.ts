import { isOff } from "@supergraph/failpoints";
import { sql } from "drizzle-orm";
import type { Schema, Transaction } from "./database.ts";
import { inbox } from "./tables.ts";
import type { Transactions } from "./transactions.ts";

export interface Inbox<S extends Schema> {
  /**
   * Runs `work` in a transaction that also records that `consumer` handled the messages. `isNew` holds the ids that were
   * not on record; where there are none, `work` is not called. When `work` throws, nothing is recorded and all of the
   * messages may be handled again. An id may be named twice, and is new once.
   */
  once(
    messages: { readonly consumer: string; readonly messageIds: readonly string[] },
    work: (tx: Transaction<S>, isNew: ReadonlySet<string>) => Promise<void>,
  ): Promise<void>;
}

export const createInbox = <S extends Schema>(transactions: Transactions<S>): Inbox<S> => ({
  once: ({ consumer, messageIds }, work) =>
    transactions.inTransaction(async (tx) => {
      // In the order of ids: two batches that share some would otherwise wait for each other.
      const ids = [...new Set(messageIds)].sort();
      // Of two that handle the same message at once, the second waits here for the first to commit or roll back.
      const recorded = await tx.execute<{ messageId: string }>(sql`
        insert into ${inbox} (consumer, message_id) select ${consumer}, id from unnest(${sql.param(ids)}::text[]) as id
        on conflict do nothing returning message_id as "messageId"`);
      const isNew = new Set(isOff("inbox") ? ids : recorded.map(({ messageId }) => messageId));
      if (isNew.size > 0) await work(tx, isNew);
    }),
});
