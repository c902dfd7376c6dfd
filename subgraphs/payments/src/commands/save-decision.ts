import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { causeOf, toMessage } from "../announce.ts";
import type { Tx } from "../db/connection.ts";
import { openOperation } from "../db/operations.ts";
import { type StoredPayment, updatePayment } from "../db/payments.ts";
import { ORDER_CANCELLED, type RefundOrigin, saveRefunds } from "../db/refunds.ts";
import type { Decision, Request } from "../domain/payment.ts";

/**
 * Stores what was decided on a locked payment: its state, refunds, what is to be asked of the provider, and the events
 * that tell of it. Without a `cause` each event follows from the command whose operation it ends.
 */
export const saveDecision = async (
  tx: Tx,
  stored: StoredPayment,
  { payment, announcements, requests }: Decision,
  { now, cause, origin = ORDER_CANCELLED }: { now: Date; cause?: Cause; origin?: RefundOrigin },
): Promise<void> => {
  const { row, operations } = stored;
  if (payment !== stored.payment) {
    await saveRefunds(tx, row, stored.payment.refunds, payment.refunds, origin, now);
    await updatePayment(tx, row.id, payment, now);
  }
  for (const request of requests) {
    const follows = cause ?? causeOf({ kind: "voided" }, operations);
    await openOperation(tx, { ...identify(request, row.id), kind: request.kind, paymentId: row.id, ...follows }, now);
  }
  const about = { paymentId: row.id, orderId: row.orderId, currency: row.currency, payment, time: now };
  await appendToOutbox(
    tx,
    announcements.map((announcement) =>
      toMessage(announcement, { ...about, cause: cause ?? causeOf(announcement, operations) }),
    ),
  );
};

/** Ids of operations are the provider's idempotency keys: one fact, one id. */
export const authorizeOperationId = (paymentId: string): string => `authorize:${paymentId}`;
export const refundOperationId = (refundId: string): string => `refund:${refundId}`;

const identify = (request: Request, paymentId: string): { id: string; refundId: string | null } =>
  request.kind === "REFUND"
    ? { id: refundOperationId(request.refund.id), refundId: request.refund.id }
    : { id: `${request.kind.toLowerCase()}:${paymentId}`, refundId: null };
