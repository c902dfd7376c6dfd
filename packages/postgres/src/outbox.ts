import { sql } from "drizzle-orm";
import type { Schema, Transaction } from "./database.ts";
import { jsonRows } from "./json-rows.ts";
import { assertFits } from "./message-size.ts";
import { outbox } from "./tables.ts";

/** What the outbox stores and the relay publishes: the bus's message, told here by its shape since this package knows no bus. */
export interface OutboxMessage {
  readonly subject: string;
  /** Id of the aggregate; messages of one key are published in the order in which they were appended. */
  readonly key: string;
  readonly envelope: {
    /** The same id twice is one message. */
    readonly id: string;
    readonly type: string;
    readonly version: number;
    readonly time: string;
    readonly correlationId: string;
    readonly causationId: string | null;
    readonly data: unknown;
  };
  readonly headers?: Readonly<Record<string, string>>;
}

/** All rows of a statement are one parameter: this is what of it is in memory at once. */
const ROWS_PER_INSERT = 1_000;

const appended = new WeakSet<object>();

/**
 * Stores messages to be published after the commit of `tx`. A message whose id is already in the outbox is ignored.
 * Give it the transaction of `inTransaction` itself: from a nested one the relay hears only by its next poll.
 * @throws OutboxMessageTooLarge when a message is larger than `createTransactions` was told.
 */
export const appendToOutbox = async <S extends Schema>(
  tx: Transaction<S>,
  messages: readonly OutboxMessage[],
): Promise<void> => {
  for (const message of messages) assertFits(tx, message);
  for (let start = 0; start < messages.length; start += ROWS_PER_INSERT) {
    // A scan of the rows alone keeps their order, and so do the positions: nothing may be joined or sorted here.
    await tx.execute(sql`
      insert into ${outbox} (message_id, subject, key, envelope, headers)
      select "messageId", subject, key, envelope, headers
      from ${jsonRows(messages.slice(start, start + ROWS_PER_INSERT).map(toRow), COLUMNS)}
      on conflict (message_id) do nothing`);
    appended.add(tx);
  }
};

/** True once {@link appendToOutbox} was called with this transaction. */
export const hasAppended = (tx: object): boolean => appended.has(tx);

const COLUMNS = `"messageId" text, subject text, key text, envelope jsonb, headers jsonb`;

const toRow = ({ subject, key, envelope, headers }: OutboxMessage) => ({
  messageId: envelope.id,
  subject,
  key,
  envelope,
  headers: headers ?? {},
});
