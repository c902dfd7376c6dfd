import { and, asc, eq, inArray, isNotNull, type SQL, sql } from "drizzle-orm";
import { type Payment, pendingRefundMinor } from "../domain/payment.ts";
import type { Db, Tx } from "./connection.ts";
import {
  type OperationRow,
  operations,
  type PaymentRow,
  payments,
  type RefundRow,
  refunds,
  voidedOrders,
} from "./schema.ts";

/** The aggregate as it is stored; `payment` is what decisions are made on. */
export interface StoredPayment {
  readonly row: PaymentRow;
  readonly payment: Payment;
  readonly operations: readonly OperationRow[];
}

/** Until `tx` ends, nobody else asks for or gives up the payment of this order, there being a payment or not. */
export const lockOrder = async (tx: Tx, orderId: string): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${orderId}, 0))`);
};

/** Locks the payment, and its operations against being claimed, until `tx` ends. */
export const lockPayment = async (
  tx: Tx,
  by: { readonly id: string } | { readonly orderId: string },
): Promise<StoredPayment | null> => {
  const [row] = await tx.select().from(payments).where(matching(by)).for("update");
  if (!row) return null;
  const operationRows = await tx.select().from(operations).where(eq(operations.paymentId, row.id)).for("update");
  return assemble(row, await refundsOf(tx, row.id), operationRows);
};

/** Without a lock: what to ask the provider is decided on it, never what to record. */
export const readPayment = async (db: Db, id: string): Promise<StoredPayment | null> => {
  const [row] = await db.select().from(payments).where(eq(payments.id, id));
  if (!row) return null;
  const operationRows = await db.select().from(operations).where(eq(operations.paymentId, id));
  return assemble(row, await refundsOf(db, id), operationRows);
};

export const insertPayment = async (tx: Tx, row: PaymentRow): Promise<void> => {
  await tx.insert(payments).values(row);
};

export const updatePayment = async (tx: Tx, id: string, payment: Payment, now: Date): Promise<void> => {
  const { refunds: made, amountMinor: _, ...fields } = payment;
  const isOutcomeOpen = payment.status === "PENDING" && !payment.voidRequested;
  await tx
    .update(payments)
    .set({
      ...fields,
      refundPendingMinor: pendingRefundMinor(made),
      updatedAt: now,
      ...(isOutcomeOpen ? {} : { paymentMethodToken: null }),
    })
    .where(eq(payments.id, id));
};

/** Tokens of authorisations that were not sent; one that was sent is erased when its outcome is known. */
export const eraseUnsentTokens = async (tx: Tx, customerId: string): Promise<void> => {
  const unsent = tx
    .select({ id: operations.paymentId })
    .from(operations)
    .where(and(eq(operations.kind, "AUTHORIZE"), eq(operations.attempts, 0)));
  await tx
    .update(payments)
    .set({ paymentMethodToken: null })
    .where(
      and(eq(payments.customerId, customerId), isNotNull(payments.paymentMethodToken), inArray(payments.id, unsent)),
    );
};

export const markOrderVoided = async (tx: Tx, orderId: string, voidedAt: Date): Promise<void> => {
  await tx.insert(voidedOrders).values({ orderId, voidedAt }).onConflictDoNothing();
};

export const isOrderVoided = async (tx: Tx, orderId: string): Promise<boolean> =>
  (await tx.select().from(voidedOrders).where(eq(voidedOrders.orderId, orderId))).length > 0;

export const findPayments = (db: Db, ids: readonly string[]): Promise<PaymentRow[]> =>
  db
    .select()
    .from(payments)
    .where(inArray(payments.id, [...ids]));

export const findPaymentsOfOrders = (db: Db, orderIds: readonly string[]): Promise<PaymentRow[]> =>
  db
    .select()
    .from(payments)
    .where(inArray(payments.orderId, [...orderIds]));

/** Oldest first. */
export const findRefundsOfPayments = (db: Db, paymentIds: readonly string[]): Promise<RefundRow[]> =>
  db
    .select()
    .from(refunds)
    .where(inArray(refunds.paymentId, [...paymentIds]))
    .orderBy(asc(refunds.createdAt), asc(refunds.id));

const refundsOf = (db: Db, paymentId: string): Promise<RefundRow[]> => findRefundsOfPayments(db, [paymentId]);

const matching = (by: { readonly id: string } | { readonly orderId: string }): SQL =>
  "id" in by ? eq(payments.id, by.id) : eq(payments.orderId, by.orderId);

const assemble = (
  row: PaymentRow,
  refundRows: readonly RefundRow[],
  operationRows: readonly OperationRow[],
): StoredPayment => ({
  row,
  payment: {
    status: row.status,
    amountMinor: row.amountMinor,
    authorizedMinor: row.authorizedMinor,
    capturedMinor: row.capturedMinor,
    refundedMinor: row.refundedMinor,
    declineCode: row.declineCode,
    nextActionUrl: row.nextActionUrl,
    providerPaymentId: row.providerPaymentId,
    voidRequested: row.voidRequested,
    refunds: refundRows.map(({ id, amountMinor, status }) => ({ id, amountMinor, status })),
  },
  operations: operationRows,
});
