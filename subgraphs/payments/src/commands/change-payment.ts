import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { failedMessage, voidedMessage } from "../announce.ts";
import type { Tx } from "../db/connection.ts";
import { lockOrder, lockPayment, markOrderVoided } from "../db/payments.ts";
import { requestCapture, requestFullRefund, requestVoid } from "../domain/payment.ts";
import { saveDecision } from "./save-decision.ts";

interface Commanded {
  readonly cause: Cause;
  readonly now: Date;
}

export const capturePayment = async (tx: Tx, orderId: string, { cause, now }: Commanded): Promise<void> => {
  const stored = await lockPayment(tx, { orderId });
  if (stored) await saveDecision(tx, stored, requestCapture(stored.payment), { cause, now });
  else await refuseWithoutPayment(tx, orderId, "CAPTURE", { cause, now });
};

/** Before its authorise it leaves a mark that refuses the authorise. */
export const voidPayment = async (tx: Tx, orderId: string, { cause, now }: Commanded): Promise<void> => {
  await lockOrder(tx, orderId);
  const stored = await lockPayment(tx, { orderId });
  if (!stored) {
    await markOrderVoided(tx, orderId, now);
    return appendToOutbox(tx, [voidedMessage({ paymentId: null, orderId, cause, time: now })]);
  }
  const isSent = stored.operations.some(({ kind, attempts }) => kind === "AUTHORIZE" && attempts > 0);
  const decision = requestVoid(stored.payment, isSent ? "sent" : "not sent", newId("ref"));
  await saveDecision(tx, stored, decision, { cause, now });
};

export const refundOrder = async (tx: Tx, orderId: string, { cause, now }: Commanded): Promise<void> => {
  const stored = await lockPayment(tx, { orderId });
  if (stored) await saveDecision(tx, stored, requestFullRefund(stored.payment, newId("ref")), { cause, now });
  else await refuseWithoutPayment(tx, orderId, "REFUND", { cause, now });
};

const refuseWithoutPayment = (
  tx: Tx,
  orderId: string,
  operation: "CAPTURE" | "REFUND",
  { cause, now }: Commanded,
): Promise<void> =>
  appendToOutbox(tx, [
    failedMessage({ paymentId: null, orderId, cause, time: now }, operation, "The order has no payment."),
  ]);
