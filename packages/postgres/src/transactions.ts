import { reach } from "@supergraph/failpoints";
import { inRecordedSpan } from "@supergraph/tracing";
import { runAfterCommit } from "./commit-effects.ts";
import type { Database, Schema, Transaction } from "./database.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, limitMessages } from "./message-size.ts";
import { noteUndone } from "./outage.ts";
import { hasAppended } from "./outbox.ts";
import { sqlStateOf } from "./sql-state.ts";
import { databaseAttributes } from "./statement-spans.ts";

export interface Transactions<S extends Schema> {
  /**
   * Commits what `work` did, or nothing when it throws. Where Postgres asks for it (serialization failure, deadlock) the
   * transaction is run again, up to 5 times: `work` must have no effect outside of `tx`.
   */
  inTransaction<T>(work: (tx: Transaction<S>) => Promise<T>): Promise<T>;
  /** Calls `listener` after each commit of a transaction that appended to the outbox. Returns how to end it. */
  afterOutboxCommit(listener: () => void): () => void;
}

const MAX_RETRIES = 5;
const FIRST_RETRY_DELAY_MS = 10;

const SERIALIZATION_FAILURE = "40001";
const DEADLOCK_DETECTED = "40P01";

export interface TransactionOptions {
  /** The largest message that may be appended to the outbox, in bytes of JSON. 512 KiB unless given. */
  readonly maxMessageBytes?: number | undefined;
}

export const createTransactions = <S extends Schema>(
  database: Database<S>,
  { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES }: TransactionOptions = {},
): Transactions<S> => {
  const listeners = new Set<() => void>();
  const runOnce = async <T>(work: (tx: Transaction<S>) => Promise<T>): Promise<T> => {
    let appended = false;
    let isCommitting = false;
    let committed: object | undefined;
    const run = database.db.transaction(async (tx) => {
      limitMessages(tx, maxMessageBytes);
      const value = await work(tx);
      appended = hasAppended(tx);
      if (appended) reach("transaction:before-commit");
      isCommitting = true;
      committed = tx;
      return value;
    });
    const result = await run.catch((error: unknown) => {
      if (!isCommitting) noteUndone(error);
      throw error;
    });
    if (committed) runAfterCommit(committed);
    if (appended) {
      reach("transaction:committed");
      for (const listener of listeners) listener();
    }
    return result;
  };
  const runRepeatedly = async <T>(work: (tx: Transaction<S>) => Promise<T>): Promise<T> => {
    for (let retries = 0; ; retries += 1) {
      try {
        return await runOnce(work);
      } catch (error) {
        if (retries === MAX_RETRIES || !isWorthRepeating(error)) throw error;
        await delay(FIRST_RETRY_DELAY_MS * 2 ** retries * (0.5 + Math.random()));
      }
    }
  };
  const settings = { attributes: databaseAttributes(database.name) };
  return {
    inTransaction: (work) =>
      inRecordedSpan(
        "transaction",
        () => settings,
        () => runRepeatedly(work),
      ),
    afterOutboxCommit(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** Drizzle wraps the driver's error as its cause; a failure at commit comes bare. */
const isWorthRepeating = (error: unknown): boolean => {
  const code = sqlStateOf(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
};

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
