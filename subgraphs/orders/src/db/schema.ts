import { type SQL, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  char,
  check,
  index,
  integer,
  jsonb,
  type PgColumn,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from "drizzle-orm/pg-core";
import { CANCEL_REASONS, ORDER_STATUSES } from "../domain/order.ts";
import { SAGA_STATES, type Undo } from "../domain/saga-model.ts";

export { inbox, outbox } from "@supergraph/postgres";

/** Milliseconds, as JavaScript has them: a cursor made from a row must find that row again. */
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

const minorUnits = (name: string) => bigint(name, { mode: "bigint" });

const oneOf = (column: PgColumn, values: readonly string[]): SQL =>
  sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(", "))})`;

/** What a variant costs and whether it is sold, as products told last. Rows are never deleted: carts point at them. */
export const variantPrices = pgTable(
  "variant_prices",
  {
    variantId: text("variant_id").primaryKey(),
    productId: text("product_id").notNull(),
    sku: text("sku").notNull(),
    title: text("title").notNull(),
    priceMinor: minorUnits("price_minor").notNull(),
    currency: char("currency", { length: 3 }).notNull(),
    weightGrams: integer("weight_grams").notNull(),
    purchasable: boolean("purchasable").notNull(),
    version: integer("version").notNull(),
  },
  (table) => [
    check("variant_prices_price", sql`${table.priceMinor} >= 0`),
    check("variant_prices_weight", sql`${table.weightGrams} >= 0`),
  ],
);

export const carts = pgTable("carts", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull().unique(),
  createdAt: moment("created_at").notNull(),
});

/** Whose accounts were deleted: their access tokens live on for a while, and must not bring back what was erased. */
export const forgottenCustomers = pgTable("forgotten_customers", {
  userId: text("user_id").primaryKey(),
  forgottenAt: moment("forgotten_at").notNull().defaultNow(),
});

export const cartLines = pgTable(
  "cart_lines",
  {
    id: text("id").primaryKey(),
    cartId: text("cart_id")
      .notNull()
      .references(() => carts.id, { onDelete: "cascade" }),
    variantId: text("variant_id")
      .notNull()
      .references(() => variantPrices.variantId),
    quantity: integer("quantity").notNull(),
  },
  (table) => [
    unique("cart_lines_variant").on(table.cartId, table.variantId),
    check("cart_lines_quantity", sql`${table.quantity} between 1 and 99`),
  ],
);

export const orders = pgTable(
  "orders",
  {
    id: text("id").primaryKey(),
    number: text("number").notNull().unique(),
    customerId: text("customer_id").notNull(),
    status: text("status", { enum: ORDER_STATUSES }).notNull(),
    cancelReason: text("cancel_reason", { enum: CANCEL_REASONS }),
    trackingNumber: text("tracking_number"),
    line1: text("line1").notNull(),
    line2: text("line2"),
    city: text("city").notNull(),
    region: text("region"),
    postalCode: text("postal_code").notNull(),
    country: char("country", { length: 2 }).notNull(),
    /** Set once the customer's account is gone: the address is erased as soon as nothing has to be sent there. */
    eraseAddress: boolean("erase_address").notNull().default(false),
    currency: char("currency", { length: 3 }).notNull(),
    subtotalMinor: minorUnits("subtotal_minor").notNull(),
    taxMinor: minorUnits("tax_minor").notNull(),
    shippingMinor: minorUnits("shipping_minor").notNull(),
    totalMinor: minorUnits("total_minor").notNull(),
    placedAt: moment("placed_at").notNull(),
  },
  (table) => [
    index("orders_newest").on(table.placedAt.desc(), table.id.desc()),
    index("orders_of_customer").on(table.customerId, table.placedAt.desc(), table.id.desc()),
    index("orders_by_status").on(table.status, table.placedAt.desc(), table.id.desc()),
    check("orders_status", oneOf(table.status, ORDER_STATUSES)),
    check("orders_cancel_reason", oneOf(table.cancelReason, CANCEL_REASONS)),
    check(
      "orders_cancelled_for_a_reason",
      sql`(${table.status} in ('CANCELLING', 'CANCELLED')) = (${table.cancelReason} is not null)`,
    ),
    check("orders_subtotal", sql`${table.subtotalMinor} >= 0`),
    check("orders_shipping", sql`${table.shippingMinor} >= 0`),
    check("orders_tax", sql`${table.taxMinor} between 0 and ${table.totalMinor}`),
    check("orders_total", sql`${table.totalMinor} = ${table.subtotalMinor} + ${table.shippingMinor}`),
  ],
);

export const orderLines = pgTable(
  "order_lines",
  {
    id: text("id").primaryKey(),
    orderId: text("order_id")
      .notNull()
      .references(() => orders.id, { onDelete: "cascade" }),
    position: integer("position").notNull(),
    variantId: text("variant_id").notNull(),
    sku: text("sku").notNull(),
    title: text("title").notNull(),
    quantity: integer("quantity").notNull(),
    unitPriceMinor: minorUnits("unit_price_minor").notNull(),
    currency: char("currency", { length: 3 }).notNull(),
  },
  (table) => [
    unique("order_lines_position").on(table.orderId, table.position),
    check("order_lines_quantity", sql`${table.quantity} > 0`),
    check("order_lines_unit_price", sql`${table.unitPriceMinor} >= 0`),
  ],
);

/** The timeline: a row each time an order came to a status. */
export const orderEvents = pgTable(
  "order_events",
  {
    orderId: text("order_id")
      .notNull()
      .references(() => orders.id, { onDelete: "cascade" }),
    /** Of the saga, after the change. */
    version: integer("version").notNull(),
    status: text("status", { enum: ORDER_STATUSES }).notNull(),
    at: moment("at").notNull(),
    note: text("note"),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.version] }),
    check("order_events_status", oneOf(table.status, ORDER_STATUSES)),
  ],
);

/** The checkout of each order. `version` guards order and saga together: every change of either raises it. */
export const sagas = pgTable(
  "sagas",
  {
    orderId: text("order_id")
      .primaryKey()
      .references(() => orders.id, { onDelete: "cascade" }),
    state: text("state", { enum: SAGA_STATES }).notNull(),
    version: integer("version").notNull(),
    reservationId: text("reservation_id").notNull().unique(),
    reservations: integer("reservations").notNull(),
    commitRequested: boolean("commit_requested").notNull(),
    captureRequested: boolean("capture_requested").notNull(),
    undo: jsonb("undo").$type<Undo>().notNull(),
    refundAttempt: integer("refund_attempt").notNull(),
    cancelReason: text("cancel_reason", { enum: CANCEL_REASONS }),
    enteredAt: moment("entered_at").notNull(),
    sends: integer("sends").notNull(),
    giveUpAt: moment("give_up_at"),
    deadlineAt: moment("deadline_at"),
    /** Kept only until the provider has decided on the payment. */
    paymentMethodToken: text("payment_method_token"),
    /** The request that placed the order: what deadlines do follows from it. */
    correlationId: text("correlation_id").notNull(),
    /** Its trace context, as headers. */
    trace: jsonb("trace").$type<Readonly<Record<string, string>>>().notNull().default({}),
  },
  (table) => [
    index("sagas_deadline").on(table.deadlineAt).where(sql`${table.deadlineAt} is not null`),
    check("sagas_state", oneOf(table.state, SAGA_STATES)),
    check("sagas_cancel_reason", oneOf(table.cancelReason, CANCEL_REASONS)),
    check("sagas_wait_until", sql`(${table.state} in ('DONE', 'CANCELLED')) = (${table.deadlineAt} is null)`),
    check(
      "sagas_forget_the_token",
      sql`${table.paymentMethodToken} is null or ${table.state} in ('RESERVING', 'AUTHORIZING', 'AWAITING_ACTION')`,
    ),
  ],
);

/** One row a request that took effect, so that its repeat is known. A key belongs to the person who chose it. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    userId: text("user_id").notNull(),
    key: text("key").notNull(),
    requestHash: text("request_hash").notNull(),
    orderId: text("order_id")
      .notNull()
      .references(() => orders.id, { onDelete: "cascade" }),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] })],
);

export type VariantPriceRow = typeof variantPrices.$inferSelect;
export type CartLineRow = typeof cartLines.$inferSelect;
export type OrderRow = typeof orders.$inferSelect;
export type OrderLineRow = typeof orderLines.$inferSelect;
export type OrderEventRow = typeof orderEvents.$inferSelect;
export type SagaRow = typeof sagas.$inferSelect;
