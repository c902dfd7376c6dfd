import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  char,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  unique,
} from "drizzle-orm/pg-core";
import type { OperationKind, PaymentStatus, RefundStatus } from "../domain/payment.ts";

export { inbox, outbox } from "@supergraph/postgres";

/** Milliseconds, as in a `Date`. */
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const minor = (name: string) => bigint(name, { mode: "bigint" });

export const payments = pgTable(
  "payments",
  {
    id: text("id").primaryKey(),
    orderId: text("order_id").notNull().unique("payments_order"),
    customerId: text("customer_id").notNull(),
    status: text("status").$type<PaymentStatus>().notNull(),
    currency: char("currency", { length: 3 }).notNull(),
    amountMinor: minor("amount_minor").notNull(),
    authorizedMinor: minor("authorized_minor").notNull(),
    capturedMinor: minor("captured_minor").notNull(),
    refundedMinor: minor("refunded_minor").notNull(),
    /** Set aside by refunds that are under way. */
    refundPendingMinor: minor("refund_pending_minor").notNull(),
    declineCode: text("decline_code"),
    nextActionUrl: text("next_action_url"),
    providerPaymentId: text("provider_payment_id").unique("payments_provider_payment"),
    /** Kept only until the authorisation's outcome is known. */
    paymentMethodToken: text("payment_method_token"),
    voidRequested: boolean("void_requested").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [
    index("payments_customer").on(table.customerId),
    check(
      "payments_status",
      sql`${table.status} in ('PENDING', 'ACTION_REQUIRED', 'AUTHORIZED', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOIDED', 'FAILED')`,
    ),
    check("payments_amount", sql`${table.amountMinor} > 0`),
    check("payments_captured", sql`${table.capturedMinor} between 0 and ${table.authorizedMinor}`),
    check(
      "payments_refunded",
      sql`${table.refundedMinor} >= 0 and ${table.refundPendingMinor} >= 0 and ${table.refundedMinor} + ${table.refundPendingMinor} <= ${table.capturedMinor}`,
    ),
    check("payments_token", sql`${table.paymentMethodToken} is null or ${table.status} = 'PENDING'`),
    check("payments_action", sql`${table.nextActionUrl} is null or ${table.status} = 'ACTION_REQUIRED'`),
  ],
);

export const refunds = pgTable(
  "refunds",
  {
    id: text("id").primaryKey(),
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
    status: text("status").$type<RefundStatus>().notNull(),
    amountMinor: minor("amount_minor").notNull(),
    currency: char("currency", { length: 3 }).notNull(),
    reason: text("reason"),
    /** Who asked in the graph; null for a refund that the order's cancellation brought. */
    requestedBy: text("requested_by"),
    idempotencyKey: text("idempotency_key"),
    requestHash: text("request_hash"),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    index("refunds_payment").on(table.paymentId),
    unique("refunds_idempotency").on(table.requestedBy, table.idempotencyKey),
    check("refunds_amount", sql`${table.amountMinor} > 0`),
    check("refunds_status", sql`${table.status} in ('PENDING', 'SUCCEEDED', 'FAILED')`),
    check(
      "refunds_request",
      sql`(${table.idempotencyKey} is null) = (${table.requestHash} is null) and (${table.idempotencyKey} is null) = (${table.requestedBy} is null)`,
    ),
  ],
);

/** What is to be asked of the provider, and was: `id` is also the idempotency key of every attempt. */
export const operations = pgTable(
  "operations",
  {
    id: text("id").primaryKey(),
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
    refundId: text("refund_id").references(() => refunds.id),
    kind: text("kind").$type<OperationKind>().notNull(),
    attempts: integer("attempts").notNull(),
    lastAttemptAt: moment("last_attempt_at"),
    /** Not before this; a worker that claims it moves it behind its lease. */
    nextAttemptAt: moment("next_attempt_at").notNull(),
    doneAt: moment("done_at"),
    lastError: text("last_error"),
    /** What the events that follow from it carry. */
    correlationId: text("correlation_id").notNull(),
    causationId: text("causation_id"),
    /** Headers with the trace context of what it follows from. */
    trace: jsonb("trace").$type<Readonly<Record<string, string>>>().notNull().default({}),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    index("operations_due").on(table.nextAttemptAt).where(sql`${table.doneAt} is null`),
    index("operations_payment").on(table.paymentId),
    index("operations_done").on(table.doneAt).where(sql`${table.doneAt} is not null`),
    check("operations_kind", sql`${table.kind} in ('AUTHORIZE', 'CAPTURE', 'VOID', 'REFUND')`),
    check("operations_refund", sql`(${table.kind} = 'REFUND') = (${table.refundId} is not null)`),
  ],
);

/** Orders whose payment was voided before it was asked for: a later request is refused. */
export const voidedOrders = pgTable("voided_orders", {
  orderId: text("order_id").primaryKey(),
  voidedAt: moment("voided_at").notNull(),
});

/** Webhooks whose effect is committed. */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    id: text("id").primaryKey(),
    handledAt: moment("handled_at").notNull(),
  },
  (table) => [index("webhook_events_handled").on(table.handledAt)],
);

export type PaymentRow = typeof payments.$inferSelect;
export type RefundRow = typeof refunds.$inferSelect;
export type OperationRow = typeof operations.$inferSelect;
