import { findTextFault, type Money } from "@supergraph/contracts";
import { newId } from "@supergraph/service";
import { failedMessage } from "../announce.ts";
import type { Tx } from "../db/connection.ts";
import { findVoidedOrders, insertPayments, lockOrders, lockPayments, newlyStored } from "../db/payments.ts";
import type { PaymentRow } from "../db/schema.ts";
import { repeatAuthorize } from "../domain/payment.ts";
import type { Commanded } from "./commanded.ts";
import { authorizeOperationId, createPaymentChanges } from "./payment-changes.ts";

export interface AuthorizePayment extends Commanded {
  readonly customerId: string;
  readonly amount: Money;
  readonly paymentMethodToken: string;
}

const MAX_TOKEN_LENGTH = 255;

/** Records that the provider is to be asked, once an order; a repeat is answered with what came of it. */
export const authorizePayments = async (tx: Tx, commands: readonly AuthorizePayment[], now: Date): Promise<void> => {
  const orderIds = [...new Set(commands.map(({ orderId }) => orderId))];
  await lockOrders(tx, orderIds);
  const voided = await findVoidedOrders(tx, orderIds);
  const known = await lockPayments(tx, { orderIds });
  const inserted = newPayments(commands, new Set([...voided, ...known.map(({ row }) => row.orderId)]), now);
  await insertPayments(tx, [...inserted.values()]);

  const changes = createPaymentChanges([...known, ...[...inserted.values()].map(newlyStored)], now);
  for (const command of commands) {
    const { orderId, cause } = command;
    const stored = changes.ofOrder(orderId);
    const refusal = voided.has(orderId) ? "The payment was voided before it was asked for." : faultOf(command);
    if (stored && inserted.has(command)) {
      const id = authorizeOperationId(stored.row.id);
      changes.open(stored, { id, kind: "AUTHORIZE", refundId: null, ...cause });
    } else if (stored) {
      changes.decide(stored, repeatAuthorize(stored.payment), { cause });
    } else if (refusal !== null) {
      changes.tell(failedMessage({ paymentId: null, orderId, cause, time: now }, "AUTHORIZE", refusal));
    }
  }
  await changes.save(tx);
};

/** Of the first command of each order that can be carried out. */
const newPayments = (
  commands: readonly AuthorizePayment[],
  excluded: ReadonlySet<string>,
  now: Date,
): ReadonlyMap<AuthorizePayment, PaymentRow> => {
  const taken = new Set(excluded);
  const rows = new Map<AuthorizePayment, PaymentRow>();
  for (const command of commands) {
    if (taken.has(command.orderId) || faultOf(command) !== null) continue;
    taken.add(command.orderId);
    rows.set(command, newPayment(command, now));
  }
  return rows;
};

const newPayment = ({ orderId, customerId, amount, paymentMethodToken }: AuthorizePayment, now: Date): PaymentRow => ({
  id: newId("pay"),
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

/** Why it can never be carried out. */
const faultOf = ({ amount, paymentMethodToken }: AuthorizePayment): string | null => {
  if (amount.minorUnits <= 0n) return "The amount is not positive.";
  const isToken = findTextFault(paymentMethodToken, { max: MAX_TOKEN_LENGTH }) === null;
  return isToken ? null : "The payment method token is malformed.";
};
