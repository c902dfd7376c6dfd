import { type Cause, type Message, traceHeaders } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { causeOf, toMessage } from "../announce.ts";
import type { Tx } from "../db/connection.ts";
import { saveOperations } from "../db/operations.ts";
import { type StoredPayment, updatePayments } from "../db/payments.ts";
import { ORDER_CANCELLED, type RefundOrigin, saveRefunds } from "../db/refunds.ts";
import type { OperationRow, RefundRow } from "../db/schema.ts";
import type { Decision, OperationKind, Payment, Refund, Request } from "../domain/payment.ts";

/**
 * What a transaction makes of the payments that it has locked: decided in memory, each on what those before it have
 * left, and stored in a number of statements that does not depend on how many they are.
 */
export interface PaymentChanges {
  /** As decided so far. */
  ofOrder(orderId: string): StoredPayment | null;
  ofId(paymentId: string): StoredPayment | null;
  /**
   * Takes in a decision on the payment as it is here. Without a `cause` each event follows from the command whose
   * operation it ends.
   */
  decide(stored: StoredPayment, decision: Decision, follows?: { cause?: Cause; origin?: RefundOrigin }): void;
  /** Opens an operation, or one that ended before once more; one that is open goes on as it is. */
  open(stored: StoredPayment, operation: NewOperation): void;
  /** Stores an operation's new state. */
  put(stored: StoredPayment, operation: OperationRow): void;
  tell(message: Message): void;
  save(tx: Tx): Promise<void>;
}

/** Without `headers` it belongs to the trace of what is handled now. */
export type NewOperation = Pick<OperationRow, "id" | "kind" | "refundId"> & Cause;

export const createPaymentChanges = (locked: readonly StoredPayment[], now: Date): PaymentChanges => {
  const payments = new Map(locked.map((stored) => [stored.row.id, stored]));
  const idsByOrder = new Map(locked.map(({ row }) => [row.orderId, row.id]));
  const operations = new Map<string, OperationRow>();
  const refunds = new Map<string, RefundRow>();
  const changed = new Map<string, Payment>();
  const messages: Message[] = [];

  const current = ({ row }: StoredPayment): StoredPayment => {
    const stored = payments.get(row.id);
    if (!stored) throw new Error(`Payment ${row.id} is decided on, and was not locked.`);
    return stored;
  };

  const put = (given: StoredPayment, operation: OperationRow): void => {
    const stored = current(given);
    operations.set(operation.id, operation);
    const others = stored.operations.filter(({ id }) => id !== operation.id);
    payments.set(stored.row.id, { ...stored, operations: [...others, operation] });
  };

  const open = (given: StoredPayment, { headers, ...operation }: NewOperation): void => {
    const stored = current(given);
    const earlier = stored.operations.find(({ id }) => id === operation.id);
    if (earlier && earlier.doneAt === null) return;
    put(stored, {
      ...(earlier ?? { lastAttemptAt: null, createdAt: now }),
      ...operation,
      trace: headers ?? traceHeaders(operation.causationId),
      paymentId: stored.row.id,
      attempts: 0,
      nextAttemptAt: now,
      doneAt: null,
      lastError: null,
    });
  };

  return {
    ofOrder: (orderId) => payments.get(idsByOrder.get(orderId) ?? "") ?? null,
    ofId: (paymentId) => payments.get(paymentId) ?? null,
    put,
    open,
    decide(given, { payment, announcements, requests }, { cause, origin = ORDER_CANCELLED } = {}) {
      const stored = current(given);
      const { row } = stored;
      if (payment !== stored.payment) {
        const rows = refundRowsOf(payment.refunds, stored, origin, now);
        for (const refund of rows) if (!stored.refundRows.includes(refund)) refunds.set(refund.id, refund);
        changed.set(row.id, payment);
        payments.set(row.id, { ...stored, payment, refundRows: rows });
      }
      for (const request of requests) {
        const follows = cause ?? causeOf({ kind: "voided" }, stored.operations);
        open(stored, { ...identify(request, row.id), kind: request.kind, ...follows });
      }
      const about = { paymentId: row.id, orderId: row.orderId, currency: row.currency, payment, time: now };
      for (const announcement of announcements)
        messages.push(toMessage(announcement, { ...about, cause: cause ?? causeOf(announcement, stored.operations) }));
    },
    tell: (message) => void messages.push(message),
    async save(tx) {
      await updatePayments(
        tx,
        [...changed].map(([id, payment]) => ({ id, payment })),
        now,
      );
      await saveRefunds(tx, [...refunds.values()]);
      await saveOperations(tx, [...operations.values()]);
      await appendToOutbox(tx, messages);
    },
  };
};

/** Stores one decision on one payment. */
export const saveDecision = async (
  tx: Tx,
  stored: StoredPayment,
  decision: Decision,
  { now, cause, origin }: { now: Date; cause?: Cause; origin?: RefundOrigin },
): Promise<void> => {
  const changes = createPaymentChanges([stored], now);
  changes.decide(stored, decision, { ...(cause ? { cause } : {}), ...(origin ? { origin } : {}) });
  await changes.save(tx);
};

/** Ids of operations are the provider's idempotency keys: one fact, one id. */
export const authorizeOperationId = (paymentId: string): string => `authorize:${paymentId}`;
export const refundOperationId = (refundId: string): string => `refund:${refundId}`;

const identify = (request: Request, paymentId: string): { id: string; refundId: string | null } =>
  request.kind === "REFUND"
    ? { id: refundOperationId(request.refund.id), refundId: request.refund.id }
    : { id: operationId(request.kind, paymentId), refundId: null };

const operationId = (kind: Exclude<OperationKind, "REFUND">, paymentId: string): string =>
  `${kind.toLowerCase()}:${paymentId}`;

/** New refunds have `origin`; one whose status is as it was stays the same object. */
const refundRowsOf = (
  refunds: readonly Refund[],
  { row, refundRows }: StoredPayment,
  origin: RefundOrigin,
  now: Date,
): RefundRow[] =>
  refunds.map(({ id, amountMinor, status }) => {
    const earlier = refundRows.find((refund) => refund.id === id);
    if (earlier) return earlier.status === status ? earlier : { ...earlier, status };
    return { id, paymentId: row.id, amountMinor, status, currency: row.currency, createdAt: now, ...origin };
  });
