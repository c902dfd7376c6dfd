import { and, eq } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { idempotencyKeys } from "./schema.ts";

export interface IdempotentRequest {
  readonly userId: string;
  readonly key: string;
  readonly requestHash: string;
}

export type EarlierRequest =
  | { readonly kind: "none" }
  | { readonly kind: "same"; readonly orderId: string }
  | { readonly kind: "mismatch" };

/** What was done before under this person's key. */
export const findEarlierRequest = async (db: Db, request: IdempotentRequest): Promise<EarlierRequest> => {
  const [row] = await db
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.userId, request.userId), eq(idempotencyKeys.key, request.key)));
  return earlierRequest(row, request);
};

/** What a record of the same person's key, or its absence, says of `request`. */
export const earlierRequest = (
  record: { readonly requestHash: string; readonly orderId: string } | null | undefined,
  request: IdempotentRequest,
): EarlierRequest => {
  if (!record) return { kind: "none" };
  return record.requestHash === request.requestHash ? { kind: "same", orderId: record.orderId } : { kind: "mismatch" };
};

/**
 * Records a request that took effect. Waits for another transaction that is recording the same key; false when that
 * one committed, and then nothing of this transaction may stay.
 */
export const recordRequest = async (
  tx: Tx,
  request: IdempotentRequest & { readonly orderId: string; readonly createdAt: Date },
): Promise<boolean> => {
  const inserted = await tx
    .insert(idempotencyKeys)
    .values(request)
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  return inserted.length === 1;
};
