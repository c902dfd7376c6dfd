import { jsonRows } from "@supergraph/postgres";
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
  readonly refundRows: readonly RefundRow[];
  readonly operations: readonly OperationRow[];
}

/** One that nobody has decided on yet. */
export const newlyStored = (row: PaymentRow): StoredPayment => ({
  row,
  payment: toPayment(row, []),
  refundRows: [],
  operations: [],
});

/**
 * Until `tx` ends, nobody else asks for or gives up the payments of these orders, there being payments or not. In the
 * order of the locks, and before any payment is locked: two batches that share orders would otherwise deadlock.
 */
export const lockOrders = async (tx: Tx, orderIds: readonly string[]): Promise<void> => {
  await tx.execute(sql`
    select pg_advisory_xact_lock(lock) from (
      select distinct hashtextextended(id, 0) as lock from unnest(${sql.param(orderIds)}::text[]) as id order by lock
    ) as locks`);
};

/**
 * Locks the payments, and their operations against being claimed, until `tx` ends; those that do not exist are left out.
 * In id order, as everybody locks payments who locks several.
 */
export const lockPayments = async (
  tx: Tx,
  by: { readonly ids: readonly string[] } | { readonly orderIds: readonly string[] },
): Promise<StoredPayment[]> => {
  const rows = await tx.select().from(payments).where(matching(by)).orderBy(asc(payments.id)).for("update");
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const operationRows = await tx
    .select()
    .from(operations)
    .where(inArray(operations.paymentId, ids))
    .orderBy(asc(operations.id))
    .for("update");
  return assemble(rows, await findRefundsOfPayments(tx, ids), operationRows);
};

/** As {@link lockPayments}, of one. */
export const lockPayment = async (
  tx: Tx,
  by: { readonly id: string } | { readonly orderId: string },
): Promise<StoredPayment | null> => {
  const [stored] = await lockPayments(tx, "id" in by ? { ids: [by.id] } : { orderIds: [by.orderId] });
  return stored ?? null;
};

/** Without locks: what to ask the provider is decided on it, never what to record. */
export const readPayments = async (db: Db, ids: readonly string[]): Promise<StoredPayment[]> => {
  const rows = await findPayments(db, ids);
  const operationRows = await db
    .select()
    .from(operations)
    .where(inArray(operations.paymentId, [...ids]));
  return assemble(rows, await findRefundsOfPayments(db, ids), operationRows);
};

export const insertPayments = async (tx: Tx, rows: readonly PaymentRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const inserted = jsonRows(
    rows,
    `id text, "orderId" text, "customerId" text, status text, currency text, "amountMinor" bigint,
     "authorizedMinor" bigint, "capturedMinor" bigint, "refundedMinor" bigint, "refundPendingMinor" bigint,
     "declineCode" text, "nextActionUrl" text, "providerPaymentId" text, "paymentMethodToken" text,
     "voidRequested" boolean, "createdAt" timestamptz, "updatedAt" timestamptz`,
  );
  await tx.execute(sql`
    insert into payments (id, order_id, customer_id, status, currency, amount_minor, authorized_minor, captured_minor,
      refunded_minor, refund_pending_minor, decline_code, next_action_url, provider_payment_id, payment_method_token,
      void_requested, created_at, updated_at)
    select id, "orderId", "customerId", status, currency, "amountMinor", "authorizedMinor", "capturedMinor",
      "refundedMinor", "refundPendingMinor", "declineCode", "nextActionUrl", "providerPaymentId", "paymentMethodToken",
      "voidRequested", "createdAt", "updatedAt" from ${inserted}`);
};

export const updatePayments = async (
  tx: Tx,
  changed: readonly { readonly id: string; readonly payment: Payment }[],
  now: Date,
): Promise<void> => {
  if (changed.length === 0) return;
  const rows = jsonRows(
    changed.map(({ id, payment: { refunds: made, amountMinor: _, ...fields } }) => ({
      id,
      ...fields,
      refundPendingMinor: pendingRefundMinor(made),
      keepsToken: fields.status === "PENDING" && !fields.voidRequested,
    })),
    `id text, status text, "authorizedMinor" bigint, "capturedMinor" bigint, "refundedMinor" bigint,
     "refundPendingMinor" bigint, "declineCode" text, "nextActionUrl" text, "providerPaymentId" text,
     "voidRequested" boolean, "keepsToken" boolean`,
  );
  await tx.execute(sql`
    update payments set status = changed.status, authorized_minor = changed."authorizedMinor",
      captured_minor = changed."capturedMinor", refunded_minor = changed."refundedMinor",
      refund_pending_minor = changed."refundPendingMinor", decline_code = changed."declineCode",
      next_action_url = changed."nextActionUrl", provider_payment_id = changed."providerPaymentId",
      void_requested = changed."voidRequested", updated_at = ${now.toISOString()}::timestamptz,
      payment_method_token = case when changed."keepsToken" then payments.payment_method_token end
    from ${rows} where payments.id = changed.id`);
};

/** Tokens of authorisations that were not sent; one that was sent is erased when its outcome is known. */
export const eraseUnsentTokens = async (tx: Tx, customerId: string): Promise<void> => {
  const unsent = tx
    .select({ id: operations.paymentId })
    .from(operations)
    .where(and(eq(operations.kind, "AUTHORIZE"), eq(operations.attempts, 0)));
  // In id order, as everybody locks payments who locks several.
  const erased = await tx
    .select({ id: payments.id })
    .from(payments)
    .where(
      and(eq(payments.customerId, customerId), isNotNull(payments.paymentMethodToken), inArray(payments.id, unsent)),
    )
    .orderBy(asc(payments.id))
    .for("update");
  if (erased.length === 0) return;
  const ids = erased.map(({ id }) => id);
  await tx.update(payments).set({ paymentMethodToken: null }).where(inArray(payments.id, ids));
};

export const markOrdersVoided = async (tx: Tx, orderIds: readonly string[], voidedAt: Date): Promise<void> => {
  if (orderIds.length === 0) return;
  await tx
    .insert(voidedOrders)
    .values(orderIds.map((orderId) => ({ orderId, voidedAt })))
    .onConflictDoNothing();
};

/** Those of the orders whose payment was given up before it was asked for. */
export const findVoidedOrders = async (tx: Tx, orderIds: readonly string[]): Promise<Set<string>> => {
  const rows = await tx
    .select({ orderId: voidedOrders.orderId })
    .from(voidedOrders)
    .where(inArray(voidedOrders.orderId, [...orderIds]));
  return new Set(rows.map(({ orderId }) => orderId));
};

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

const matching = (by: { readonly ids: readonly string[] } | { readonly orderIds: readonly string[] }): SQL =>
  "ids" in by ? inArray(payments.id, [...by.ids]) : inArray(payments.orderId, [...by.orderIds]);

const assemble = (
  rows: readonly PaymentRow[],
  refundRows: readonly RefundRow[],
  operationRows: readonly OperationRow[],
): StoredPayment[] => {
  const refundsOf = byPayment(refundRows);
  const operationsOf = byPayment(operationRows);
  return rows.map((row) => ({
    row,
    payment: toPayment(row, refundsOf.get(row.id) ?? []),
    refundRows: refundsOf.get(row.id) ?? [],
    operations: operationsOf.get(row.id) ?? [],
  }));
};

const byPayment = <Row extends { readonly paymentId: string }>(rows: readonly Row[]): Map<string, Row[]> => {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const group = grouped.get(row.paymentId);
    if (group) group.push(row);
    else grouped.set(row.paymentId, [row]);
  }
  return grouped;
};

const toPayment = (row: PaymentRow, refundRows: readonly RefundRow[]): Payment => ({
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
});
