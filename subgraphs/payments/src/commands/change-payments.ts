import { newId } from "@supergraph/service";
import { failedMessage, voidedMessage } from "../announce.ts";
import type { Tx } from "../db/connection.ts";
import { lockOrders, lockPayments, markOrdersVoided, type StoredPayment } from "../db/payments.ts";
import { type Decision, type Payment, requestCapture, requestFullRefund, requestVoid } from "../domain/payment.ts";
import type { Commanded } from "./commanded.ts";
import { createPaymentChanges } from "./payment-changes.ts";

export const capturePayments = (tx: Tx, commands: readonly Commanded[], now: Date): Promise<void> =>
  changeExisting(tx, commands, now, "CAPTURE", requestCapture);

export const refundOrders = (tx: Tx, commands: readonly Commanded[], now: Date): Promise<void> =>
  changeExisting(tx, commands, now, "REFUND", (payment) => requestFullRefund(payment, newId("ref")));

/** Before its authorise a void leaves a mark that refuses the authorise. */
export const voidPayments = async (tx: Tx, commands: readonly Commanded[], now: Date): Promise<void> => {
  const orderIds = orderIdsOf(commands);
  await lockOrders(tx, orderIds);
  const changes = createPaymentChanges(await lockPayments(tx, { orderIds }), now);
  await markOrdersVoided(
    tx,
    orderIds.filter((orderId) => !changes.ofOrder(orderId)),
    now,
  );
  for (const { orderId, cause } of commands) {
    const stored = changes.ofOrder(orderId);
    if (stored) changes.decide(stored, decideVoid(stored), { cause });
    else changes.tell(voidedMessage({ paymentId: null, orderId, cause, time: now }));
  }
  await changes.save(tx);
};

const decideVoid = ({ payment, operations }: StoredPayment): Decision => {
  const isSent = operations.some(({ kind, attempts }) => kind === "AUTHORIZE" && attempts > 0);
  return requestVoid(payment, isSent ? "sent" : "not sent", newId("ref"));
};

const changeExisting = async (
  tx: Tx,
  commands: readonly Commanded[],
  now: Date,
  operation: "CAPTURE" | "REFUND",
  decide: (payment: Payment) => Decision,
): Promise<void> => {
  const changes = createPaymentChanges(await lockPayments(tx, { orderIds: orderIdsOf(commands) }), now);
  for (const { orderId, cause } of commands) {
    const stored = changes.ofOrder(orderId);
    if (stored) changes.decide(stored, decide(stored.payment), { cause });
    else
      changes.tell(
        failedMessage({ paymentId: null, orderId, cause, time: now }, operation, "The order has no payment."),
      );
  }
  await changes.save(tx);
};

const orderIdsOf = (commands: readonly Commanded[]): string[] => [...new Set(commands.map(({ orderId }) => orderId))];
