import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "./connection.ts";
import { stockAdjustments } from "./schema.ts";

export type AdjustmentRow = typeof stockAdjustments.$inferSelect;

/** The adjustment that was made under this key. Until the transaction ends nobody else makes one under it. */
export const lockAdjustment = async (
  tx: Tx,
  adjustedBy: string,
  idempotencyKey: string,
): Promise<AdjustmentRow | null> => {
  const name = JSON.stringify(["adjustment", adjustedBy, idempotencyKey]);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
  const [row] = await tx
    .select()
    .from(stockAdjustments)
    .where(and(eq(stockAdjustments.adjustedBy, adjustedBy), eq(stockAdjustments.idempotencyKey, idempotencyKey)));
  return row ?? null;
};

export const insertAdjustment = async (tx: Tx, adjustment: AdjustmentRow): Promise<void> => {
  await tx.insert(stockAdjustments).values(adjustment);
};
