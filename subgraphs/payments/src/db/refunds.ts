import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { Refund } from "../domain/payment.ts";
import type { Tx } from "./connection.ts";
import { type RefundRow, refunds } from "./schema.ts";

/** Who asked for a refund, and why; all null when an order's cancellation did. */
export type RefundOrigin = Pick<RefundRow, "reason" | "requestedBy" | "idempotencyKey" | "requestHash">;

export const ORDER_CANCELLED: RefundOrigin = {
  reason: null,
  requestedBy: null,
  idempotencyKey: null,
  requestHash: null,
};

/** Stores new refunds with `origin` and changed statuses of those that were there. */
export const saveRefunds = async (
  tx: Tx,
  payment: { readonly id: string; readonly currency: string },
  before: readonly Refund[],
  after: readonly Refund[],
  origin: RefundOrigin,
  now: Date,
): Promise<void> => {
  const known = new Map(before.map((refund) => [refund.id, refund]));
  for (const { id, amountMinor, status } of after) {
    const earlier = known.get(id);
    if (!earlier)
      await tx.insert(refunds).values({
        id,
        paymentId: payment.id,
        amountMinor,
        status,
        currency: payment.currency,
        createdAt: now,
        ...origin,
      });
    else if (earlier.status !== status) await tx.update(refunds).set({ status }).where(eq(refunds.id, id));
  }
};

/** Until `tx` ends, nobody else records a refund of this person under this key. Any text is a fit key here. */
export const lockRefundKey = async (tx: Tx, requestedBy: string, idempotencyKey: string): Promise<void> => {
  const hash = createHash("sha256")
    .update(JSON.stringify([requestedBy, idempotencyKey]))
    .digest();
  await tx.execute(sql`select pg_advisory_xact_lock(${hash.readBigInt64BE()}::bigint)`);
};

/** The refund that this person asked for under this key. */
export const findRequestedRefund = async (
  tx: Tx,
  requestedBy: string,
  idempotencyKey: string,
): Promise<RefundRow | null> => {
  const [row] = await tx
    .select()
    .from(refunds)
    .where(and(eq(refunds.requestedBy, requestedBy), eq(refunds.idempotencyKey, idempotencyKey)));
  return row ?? null;
};
