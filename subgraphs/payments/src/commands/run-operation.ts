import { reach } from "@supergraph/failpoints";
import type { Database, Transactions } from "@supergraph/postgres";
import { type Logger, newId } from "@supergraph/service";
import { endOperation, postponeOperation } from "../db/operations.ts";
import { lockPayment, readPayment, type StoredPayment } from "../db/payments.ts";
import type * as schema from "../db/schema.ts";
import type { OperationRow } from "../db/schema.ts";
import { conclude, type Finding, retryDelayMs } from "../domain/operation.ts";
import type { PaymentProvider, ProviderPayment, ProviderResult } from "../provider/payment-provider.ts";
import { saveDecision } from "./save-decision.ts";

export interface RunOperationDeps {
  readonly database: Database<typeof schema>;
  readonly transactions: Transactions<typeof schema>;
  readonly provider: PaymentProvider;
  /** A request that got no answer is taken to have ended, one way or the other, after this. */
  readonly requestsEndAfterMs: number;
  readonly now: () => Date;
  readonly log: Logger;
}

export type RunOperation = (operation: OperationRow) => Promise<void>;

/**
 * One attempt at a claimed operation: asks the provider outside of any transaction, then records what came of it, with
 * its events, in one. A crash in between repeats the attempt, with the same idempotency key.
 */
export const makeRunOperation =
  (deps: RunOperationDeps): RunOperation =>
  async (operation) => {
    const { database, transactions, now, log } = deps;
    const before = await readPayment(database.db, operation.paymentId);
    if (!before)
      throw new Error(`Operation ${operation.id} is about payment ${operation.paymentId}, which is not there.`);
    const finding = await ask(operation, before, deps);
    if (finding.kind === "seen") reach("provider:answered");

    const done = await transactions.inTransaction(async (tx) => {
      const stored = await lockPayment(tx, { id: operation.paymentId });
      const current = stored?.operations.find(({ id }) => id === operation.id);
      // A webhook cannot end it, but another worker can, once this one's lease has run out.
      if (!stored || !current || current.doneAt !== null) return true;
      const conclusion = conclude(operation, finding, stored.payment, newId("ref"));
      if (conclusion.done) await endOperation(tx, operation.id, now());
      await saveDecision(tx, stored, conclusion.decision, { now: now() });
      return conclusion.done;
    });
    if (done) {
      log.info({ operation: operation.id, attempt: operation.attempts, finding: describe(finding) }, "operation ended");
      return;
    }
    const reason = finding.kind === "unknown" ? finding.reason : "not settled yet";
    const delayMs = retryDelayMs(operation.attempts, Math.random());
    log.info(
      { operation: operation.id, attempt: operation.attempts, reason, delayMs },
      "asking the provider again later",
    );
    await postponeOperation(database.db, operation.id, new Date(now().getTime() + delayMs), reason);
  };

const ask = (operation: OperationRow, stored: StoredPayment, deps: RunOperationDeps): Promise<Finding> => {
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

const describe = (finding: Finding): string => (finding.kind === "seen" ? finding.payment.status : finding.kind);

const NEEDLESS: Finding = { kind: "needless" };

const askToAuthorize = async (
  { id, attempts }: OperationRow,
  { row, payment }: StoredPayment,
  { provider }: RunOperationDeps,
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
  { provider }: RunOperationDeps,
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
  { provider, requestsEndAfterMs, now }: RunOperationDeps,
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
  { provider }: RunOperationDeps,
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
