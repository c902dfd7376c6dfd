import { findTextFault, type Money } from "@supergraph/contracts";
import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { failedMessage } from "../announce.ts";
import type { Tx } from "../db/connection.ts";
import { openOperation } from "../db/operations.ts";
import { insertPayment, isOrderVoided, lockOrder, lockPayment } from "../db/payments.ts";
import { repeatAuthorize } from "../domain/payment.ts";
import { authorizeOperationId, saveDecision } from "./save-decision.ts";

export interface AuthorizePayment {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
  readonly paymentMethodToken: string;
}

const MAX_TOKEN_LENGTH = 255;

/** Records that the provider is to be asked, once an order; a repeat is answered with what came of it. */
export const authorizePayment = async (
  tx: Tx,
  command: AuthorizePayment,
  { cause, now }: { cause: Cause; now: Date },
): Promise<void> => {
  const { orderId, customerId, amount, paymentMethodToken } = command;
  const refuse = (reason: string) =>
    appendToOutbox(tx, [failedMessage({ paymentId: null, orderId, cause, time: now }, "AUTHORIZE", reason)]);

  await lockOrder(tx, orderId);
  if (await isOrderVoided(tx, orderId)) return refuse("The payment was voided before it was asked for.");
  const stored = await lockPayment(tx, { orderId });
  if (stored) return saveDecision(tx, stored, repeatAuthorize(stored.payment), { cause, now });
  if (amount.minorUnits <= 0n) return refuse("The amount is not positive.");
  if (!isToken(paymentMethodToken)) return refuse("The payment method token is malformed.");

  const id = newId("pay");
  await insertPayment(tx, {
    id,
    orderId,
    customerId,
    status: "PENDING",
    currency: amount.currency,
    amountMinor: amount.minorUnits,
    authorizedMinor: 0n,
    capturedMinor: 0n,
    refundedMinor: 0n,
    refundPendingMinor: 0n,
    declineCode: null,
    nextActionUrl: null,
    providerPaymentId: null,
    paymentMethodToken,
    voidRequested: false,
    createdAt: now,
    updatedAt: now,
  });
  await openOperation(
    tx,
    { id: authorizeOperationId(id), kind: "AUTHORIZE", paymentId: id, refundId: null, ...cause },
    now,
  );
};

const isToken = (token: string): boolean => findTextFault(token, { max: MAX_TOKEN_LENGTH }) === null;
