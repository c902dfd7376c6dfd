import { createHash } from "node:crypto";
import { formatAmount, money } from "@supergraph/contracts";
import type { Transactions } from "@supergraph/postgres";
import { isId, newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { lockPayment } from "../db/payments.ts";
import { findRequestedRefund, lockRefundKey } from "../db/refunds.ts";
import type * as schema from "../db/schema.ts";
import { startRefund } from "../domain/payment.ts";
import {
  checkRefundInput,
  decideRefund,
  type InvalidInput,
  type RefundInput,
  requestedMinor,
} from "../domain/refund-request.ts";
import { refundOperationId, saveDecision } from "./payment-changes.ts";

export interface RefundRequester {
  readonly userId: string;
  readonly correlationId: string;
}

export type RefundPaymentResult =
  /** The refund is recorded; whether it succeeded is in its status by now, or `PENDING` when the provider did not say. */
  | { readonly kind: "recorded"; readonly paymentId: string; readonly refundId: string }
  | { readonly kind: "notFound" }
  | { readonly kind: "notCaptured"; readonly paymentId: string }
  | { readonly kind: "exceedsCaptured"; readonly paymentId: string; readonly left: string }
  | { readonly kind: "idempotencyMismatch" }
  | InvalidInput;

export type RefundPayment = (input: RefundInput, requester: RefundRequester) => Promise<RefundPaymentResult>;

export interface RefundPaymentDeps {
  readonly transactions: Transactions<typeof schema>;
  /** Asks the provider now; resolves after one attempt. */
  readonly attempt: (operationId: string) => Promise<void>;
  readonly now: () => Date;
}

/**
 * Sets the amount aside in one transaction, then has the provider asked. The same key with the same request is one
 * refund, however often and at whatever time it comes.
 */
export const makeRefundPayment =
  ({ transactions, attempt, now }: RefundPaymentDeps): RefundPayment =>
  async (input, requester) => {
    const result = await transactions.inTransaction((tx) => record(tx, input, requester, now()));
    if (result.kind === "recorded") await attempt(refundOperationId(result.refundId));
    return result;
  };

const record = async (
  tx: Tx,
  input: RefundInput,
  { userId, correlationId }: RefundRequester,
  now: Date,
): Promise<RefundPaymentResult> => {
  // Before the payment: two payments could race for one key.
  await lockRefundKey(tx, userId, input.idempotencyKey);
  // Ids are checked for their shape first: a text that Postgres refuses must not reach it.
  const stored = isId("pay", input.paymentId) ? await lockPayment(tx, { id: input.paymentId }) : null;
  if (!stored) return { kind: "notFound" };
  const { row, payment } = stored;
  const invalid = checkRefundInput(input, row.currency);
  if (invalid) return invalid;

  const amount = requestedMinor(input.amount, row.currency);
  const requestHash = hashRequest(input, amount);
  const earlier = await findRequestedRefund(tx, userId, input.idempotencyKey);
  if (earlier)
    return earlier.requestHash === requestHash
      ? { kind: "recorded", paymentId: earlier.paymentId, refundId: earlier.id }
      : { kind: "idempotencyMismatch" };

  const decided = decideRefund(payment, amount);
  if (decided.kind === "notCaptured") return { kind: "notCaptured", paymentId: row.id };
  if (decided.kind === "exceedsCaptured")
    return { kind: "exceedsCaptured", paymentId: row.id, left: formatAmount(money(decided.leftMinor, row.currency)) };

  const refund = { id: newId("ref"), amountMinor: decided.amountMinor, status: "PENDING" } as const;
  await saveDecision(tx, stored, startRefund(payment, refund), {
    now,
    cause: { correlationId, causationId: null },
    origin: { reason: input.reason, requestedBy: userId, idempotencyKey: input.idempotencyKey, requestHash },
  });
  return { kind: "recorded", paymentId: row.id, refundId: refund.id };
};

/** `10.0` and `10.00` are the same request. */
const hashRequest = ({ paymentId, reason }: RefundInput, amountMinor: bigint | null): string =>
  createHash("sha256")
    .update(JSON.stringify([paymentId, amountMinor?.toString() ?? null, reason]))
    .digest("hex");
