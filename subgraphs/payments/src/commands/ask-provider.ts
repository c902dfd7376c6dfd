import type { StoredPayment } from "../db/payments.ts";
import type { OperationRow } from "../db/schema.ts";
import type { Finding } from "../domain/operation.ts";
import type { PaymentProvider, ProviderPayment, ProviderResult } from "../provider/payment-provider.ts";

export interface AskDeps {
  readonly provider: PaymentProvider;
  /** A request that got no answer is taken to have ended, one way or the other, after this. */
  readonly requestsEndAfterMs: number;
  readonly now: () => Date;
}

/** Makes one attempt at an operation: one request to the provider, or two where the first tells nothing. */
export const askProvider = (operation: OperationRow, stored: StoredPayment, deps: AskDeps): Promise<Finding> => {
  switch (operation.kind) {
    case "AUTHORIZE":
      return askToAuthorize(operation, stored, deps);
    case "CAPTURE":
      return askToCapture(operation, stored, deps);
    case "VOID":
      return askToVoid(operation, stored, deps);
    case "REFUND":
      return askToRefund(operation, stored, deps);
  }
};

const NEEDLESS: Finding = { kind: "needless" };

const askToAuthorize = async (
  { id, attempts }: OperationRow,
  { row, payment }: StoredPayment,
  { provider }: AskDeps,
): Promise<Finding> => {
  if (payment.status !== "PENDING" || payment.voidRequested) return NEEDLESS;
  const { orderId: reference, amountMinor, currency, paymentMethodToken } = row;
  const send = async (): Promise<Finding> =>
    paymentMethodToken === null
      ? { kind: "refused", reason: "payment_method_erased" }
      : toFinding(
          await provider.authorize({ idempotencyKey: id, reference, amountMinor, currency, paymentMethodToken }),
        );

  if (attempts === 1) {
    const sent = await send();
    if (sent.kind !== "unknown") return sent;
  }
  // The last request may have charged without telling: look before asking again.
  const found = await provider.find(reference);
  if (found.kind === "found") return seen(found.payment);
  if (found.kind === "unknown") return found;
  return attempts === 1 ? { kind: "unknown", reason: "no answer, and no payment yet" } : send();
};

const askToCapture = async (
  { id }: OperationRow,
  { payment }: StoredPayment,
  { provider }: AskDeps,
): Promise<Finding> => {
  if (payment.capturedMinor > 0n) return NEEDLESS;
  if (payment.voidRequested) return { kind: "refused", reason: "The payment is being voided." };
  if (payment.status !== "AUTHORIZED" || payment.providerPaymentId === null)
    return { kind: "refused", reason: "The payment is not authorised." };
  return toFinding(await provider.capture({ idempotencyKey: id, providerPaymentId: payment.providerPaymentId }));
};

const askToVoid = async (
  { id }: OperationRow,
  { row, payment, operations }: StoredPayment,
  { provider, requestsEndAfterMs, now }: AskDeps,
): Promise<Finding> => {
  if (payment.capturedMinor > 0n) return NEEDLESS;
  if (payment.providerPaymentId !== null)
    return toFinding(await provider.void({ idempotencyKey: id, providerPaymentId: payment.providerPaymentId }));

  const found = await provider.find(row.orderId);
  if (found.kind === "unknown") return found;
  if (found.kind === "found")
    return toFinding(await provider.void({ idempotencyKey: id, providerPaymentId: found.payment.id }));
  const sentAt = operations.find(({ kind }) => kind === "AUTHORIZE")?.lastAttemptAt;
  const mayStillArrive = sentAt != null && now().getTime() - sentAt.getTime() < requestsEndAfterMs;
  return mayStillArrive ? { kind: "unknown", reason: "the authorisation may still arrive" } : { kind: "absent" };
};

const askToRefund = async (
  { id, refundId }: OperationRow,
  { payment }: StoredPayment,
  { provider }: AskDeps,
): Promise<Finding> => {
  const refund = payment.refunds.find((candidate) => candidate.id === refundId);
  if (refund?.status !== "PENDING") return NEEDLESS;
  if (payment.providerPaymentId === null) return { kind: "refused", reason: "The provider does not know the payment." };
  return toFinding(
    await provider.refund({
      idempotencyKey: id,
      providerPaymentId: payment.providerPaymentId,
      reference: refund.id,
      amountMinor: refund.amountMinor,
    }),
  );
};

const seen = (payment: ProviderPayment): Finding => ({ kind: "seen", payment, refusal: null });

const toFinding = (result: ProviderResult): Finding => {
  switch (result.kind) {
    case "answered":
      return seen(result.payment);
    case "conflict":
      return { kind: "seen", payment: result.payment, refusal: result.reason };
    case "refused":
    case "unknown":
      return result;
  }
};
