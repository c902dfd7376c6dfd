import { jsonRows } from "@supergraph/postgres";
import { and, eq, gt, inArray, isNull, lte, sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { type OperationRow, operations } from "./schema.ts";

export interface Claim {
  readonly limit: number;
  readonly now: Date;
  /** When nothing is recorded by then, because the process died, an operation is due again. */
  readonly leaseMs: number;
  /** Only those that were never tried, or only those that were; all, unless given. */
  readonly tried?: boolean;
  /** Only this one. */
  readonly id?: string;
}

/** Takes up to `limit` operations that are due, the longest due first. */
export const claimOperations = (db: Db, { limit, now, leaseMs, tried, id }: Claim): Promise<OperationRow[]> => {
  // A common table expression that locks is evaluated once; a subquery might be again, and claim more.
  const due = db.$with("due").as(
    db
      .select({ id: operations.id })
      .from(operations)
      .where(
        and(
          isNull(operations.doneAt),
          lte(operations.nextAttemptAt, now),
          tried === undefined ? undefined : tried ? gt(operations.attempts, 0) : eq(operations.attempts, 0),
          id === undefined ? undefined : eq(operations.id, id),
        ),
      )
      .orderBy(operations.nextAttemptAt)
      .limit(limit)
      // Whoever wants this very operation waits for a decision on its payment that is under way; others pass it by.
      .for("update", id === undefined ? { skipLocked: true } : {}),
  );
  return db
    .with(due)
    .update(operations)
    .set({
      attempts: sql`${operations.attempts} + 1`,
      lastAttemptAt: now,
      nextAttemptAt: new Date(now.getTime() + leaseMs),
    })
    .where(inArray(operations.id, sql`(select ${due.id} from ${due})`))
    .returning();
};

/** Stores operations of payments that the caller has locked, as they are now: new ones, and those that were there. */
export const saveOperations = async (tx: Tx, rows: readonly OperationRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const changed = jsonRows(
    rows,
    `id text, "paymentId" text, "refundId" text, kind text, attempts int, "lastAttemptAt" timestamptz,
     "nextAttemptAt" timestamptz, "doneAt" timestamptz, "lastError" text, "correlationId" text, "causationId" text,
     trace jsonb, "createdAt" timestamptz`,
  );
  await tx.execute(sql`
    insert into operations (id, payment_id, refund_id, kind, attempts, last_attempt_at, next_attempt_at, done_at,
      last_error, correlation_id, causation_id, trace, created_at)
    select id, "paymentId", "refundId", kind, attempts, "lastAttemptAt", "nextAttemptAt", "doneAt", "lastError",
      "correlationId", "causationId", trace, "createdAt" from ${changed} order by id
    on conflict (id) do update set attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
      done_at = excluded.done_at, last_error = excluded.last_error, correlation_id = excluded.correlation_id,
      causation_id = excluded.causation_id, trace = excluded.trace`);
};

/**
 * Removes up to `limit` operations that ended before `before`, and answers how many. Those of a payment that is still
 * being decided about stay: what was sent, and when, decides how a void goes on.
 */
export const pruneOperations = async (db: Db, before: Date, limit: number): Promise<number> => {
  const removed = await db.execute(sql`
    delete from operations where id in (
      select operations.id from operations join payments on payments.id = operations.payment_id
      where operations.done_at < ${before.toISOString()}::timestamptz
        and payments.status not in ('PENDING', 'ACTION_REQUIRED') and not payments.void_requested
        and not exists (select from operations open where open.payment_id = payments.id and open.done_at is null)
      order by operations.done_at limit ${limit} for update of operations skip locked)
    returning id`);
  return removed.length;
};
