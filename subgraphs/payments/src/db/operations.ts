import { and, eq, inArray, isNotNull, isNull, lte, sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { type OperationRow, operations } from "./schema.ts";

/** Opens an operation, or one that ended before once more; one that is open goes on as it is. */
export const openOperation = async (
  tx: Tx,
  operation: Pick<OperationRow, "id" | "kind" | "paymentId" | "refundId" | "correlationId" | "causationId">,
  now: Date,
): Promise<void> => {
  const fresh = { attempts: 0, nextAttemptAt: now, doneAt: null, lastError: null };
  await tx
    .insert(operations)
    .values({ ...operation, ...fresh, lastAttemptAt: null, createdAt: now })
    .onConflictDoUpdate({
      target: operations.id,
      set: { ...fresh, correlationId: operation.correlationId, causationId: operation.causationId },
      setWhere: isNotNull(operations.doneAt),
    });
};

/**
 * Takes up to `limit` operations that are due (or the one of `id`), each for `leaseMs`: when nothing is recorded by
 * then, because the process died, they are due again.
 */
export const claimOperations = (
  db: Db,
  { limit, now, leaseMs, id }: { limit: number; now: Date; leaseMs: number; id?: string },
): Promise<OperationRow[]> => {
  // A common table expression that locks is evaluated once; a subquery might be again, and claim more.
  const due = db.$with("due").as(
    db
      .select({ id: operations.id })
      .from(operations)
      .where(and(isNull(operations.doneAt), lte(operations.nextAttemptAt, now), id ? eq(operations.id, id) : undefined))
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

export const endOperation = async (tx: Tx, id: string, now: Date): Promise<void> => {
  await tx.update(operations).set({ doneAt: now }).where(eq(operations.id, id));
};

export const postponeOperation = async (db: Db, id: string, until: Date, error: string): Promise<void> => {
  await db
    .update(operations)
    .set({ nextAttemptAt: until, lastError: error.slice(0, 500) })
    .where(and(eq(operations.id, id), isNull(operations.doneAt)));
};
