import type { Schema, Transaction } from "./database.ts";
import { inbox } from "./tables.ts";
import type { Transactions } from "./transactions.ts";

export interface Inbox<S extends Schema> {
  /**
   * Runs `work` in a transaction that also records that `consumer` handled `messageId`; does nothing when that is on
   * record. When `work` throws, nothing is recorded and the message may be handled again.
   */
  once(
    message: { readonly consumer: string; readonly messageId: string },
    work: (tx: Transaction<S>) => Promise<void>,
  ): Promise<void>;
}

export const createInbox = <S extends Schema>(transactions: Transactions<S>): Inbox<S> => ({
  once: ({ consumer, messageId }, work) =>
    transactions.inTransaction(async (tx) => {
      // Of two that handle the same message at once, the second waits here for the first to commit or roll back.
      const recorded = await tx
        .insert(inbox)
        .values({ consumer, messageId })
        .onConflictDoNothing()
        .returning({ messageId: inbox.messageId });
      if (recorded.length > 0) await work(tx);
    }),
});
