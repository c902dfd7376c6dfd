import { createHash } from "node:crypto";
import { jsonRows } from "@supergraph/postgres";
import { and, eq, sql } from "drizzle-orm";
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

/** Stores refunds of payments that the caller has locked, as they are now: new ones, and those that were there. */
export const saveRefunds = async (tx: Tx, rows: readonly RefundRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const changed = jsonRows(
    rows,
    `id text, "paymentId" text, status text, "amountMinor" bigint, currency text, reason text, "requestedBy" text,
     "idempotencyKey" text, "requestHash" text, "createdAt" timestamptz`,
  );
  await tx.execute(sql`
    insert into refunds (id, payment_id, status, amount_minor, currency, reason, requested_by, idempotency_key,
      request_hash, created_at)
    select id, "paymentId", status, "amountMinor", currency, reason, "requestedBy", "idempotencyKey", "requestHash",
      "createdAt" from ${changed} order by id
    on conflict (id) do update set status = excluded.status`);
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
