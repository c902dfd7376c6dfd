import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { ProductStatus, VariantOption } from "../domain/product.ts";
import type { ReservationState, Shortage } from "../domain/reservation.ts";

export { inbox, outbox } from "@supergraph/postgres";

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** Milliseconds, as in a `Date`: a cursor made from a value finds exactly that value again. */
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const categories = pgTable(
  "categories",
  {
    id: text("id").primaryKey(),
    parentId: text("parent_id").references((): AnyPgColumn => categories.id),
    slug: text("slug").notNull().unique("categories_slug"),
    name: text("name").notNull(),
  },
  (table) => [
    index("categories_parent").on(table.parentId),
    check("categories_not_own_parent", sql`${table.parentId} <> ${table.id}`),
  ],
);

export const products = pgTable(
  "products",
  {
    id: text("id").primaryKey(),
    slug: text("slug").notNull().unique("products_slug"),
    title: text("title").notNull(),
    description: text("description"),
    status: text("status").$type<ProductStatus>().notNull(),
    createdAt: moment("created_at").notNull(),
    /** Kept by triggers, like all columns below: the span of the prices of the variants that are not removed. */
    minPrice: bigint("min_price", { mode: "bigint" }).notNull().default(sql`0`),
    maxPrice: bigint("max_price", { mode: "bigint" }).notNull().default(sql`0`),
    /** Titles and SKUs of those variants. */
    variantTerms: text("variant_terms").notNull().default(""),
    /** What full-text search looks at. */
    searchVector: tsvector("search_vector").notNull().default(sql`''`),
    /** What typing errors are compared with: title and variant terms in lower case without accents. */
    searchText: text("search_text").notNull().default(""),
  },
  (table) => [
    index("products_newest").on(table.status, table.createdAt, table.id),
    index("products_price").on(table.status, table.minPrice, table.id),
    index("products_search_vector").using("gin", table.searchVector),
    index("products_search_text").using("gin", sql`${table.searchText} gin_trgm_ops`),
    check("products_status", sql`${table.status} in ('DRAFT', 'ACTIVE', 'ARCHIVED')`),
  ],
);

export const productCategories = pgTable(
  "product_categories",
  {
    productId: text("product_id")
      .notNull()
      .references(() => products.id),
    categoryId: text("category_id")
      .notNull()
      .references(() => categories.id),
  },
  (table) => [
    primaryKey({ columns: [table.productId, table.categoryId] }),
    index("product_categories_category").on(table.categoryId, table.productId),
  ],
);

export const variants = pgTable(
  "variants",
  {
    id: text("id").primaryKey(),
    productId: text("product_id")
      .notNull()
      .references(() => products.id),
    sku: text("sku").notNull(),
    title: text("title").notNull(),
    options: jsonb("options").$type<VariantOption[]>().notNull().default([]),
    price: bigint("price", { mode: "bigint" }).notNull(),
    currency: text("currency").notNull().default("EUR"),
    weightGrams: integer("weight_grams").notNull(),
    /** Place among its siblings, from 0. */
    position: integer("position").notNull(),
    /** Version of the facts that `products.variant.changed` publishes. */
    version: integer("version").notNull().default(1),
    removedAt: moment("removed_at"),
  },
  (table) => [
    // A removed variant gives its SKU back.
    uniqueIndex("variants_sku").on(table.sku).where(sql`${table.removedAt} is null`),
    index("variants_product").on(table.productId, table.position),
    check("variants_price", sql`${table.price} > 0`),
    check("variants_currency", sql`${table.currency} = 'EUR'`),
    check("variants_weight", sql`${table.weightGrams} >= 0`),
  ],
);

/** Apart from `variants`: it changes with every order, and the catalogue's rows and indexes need not. */
export const stock = pgTable(
  "stock",
  {
    variantId: text("variant_id")
      .primaryKey()
      .references(() => variants.id),
    onHand: integer("on_hand").notNull().default(0),
    reserved: integer("reserved").notNull().default(0),
  },
  (table) => [check("stock_reserved", sql`${table.reserved} between 0 and ${table.onHand}`)],
);

/** A reservation is never deleted: its row answers repeated commands, and refuses those that come too late. */
export const reservations = pgTable(
  "reservations",
  {
    id: text("id").primaryKey(),
    orderId: text("order_id").notNull(),
    state: text("state").$type<ReservationState["kind"]>().notNull(),
    expiresAt: moment("expires_at"),
    rejection: text("rejection").$type<"OUT_OF_STOCK" | "UNKNOWN_VARIANT">(),
    shortages: jsonb("shortages").$type<readonly Shortage[]>().notNull().default([]),
    /** Of the command that opened it, for what happens later without a command. */
    correlationId: text("correlation_id").notNull(),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
  },
  (table) => [
    index("reservations_order").on(table.orderId),
    index("reservations_expiring").on(table.expiresAt).where(sql`${table.state} = 'HELD'`),
    check(
      "reservations_state",
      sql`${table.state} in ('HELD', 'COMMITTED', 'RELEASED', 'RESTOCKED', 'EXPIRED', 'REJECTED')`,
    ),
    check("reservations_held_expires", sql`${table.state} <> 'HELD' or ${table.expiresAt} is not null`),
    check("reservations_rejection", sql`(${table.state} = 'REJECTED') = (${table.rejection} is not null)`),
  ],
);

export const reservationLines = pgTable(
  "reservation_lines",
  {
    reservationId: text("reservation_id")
      .notNull()
      .references(() => reservations.id),
    variantId: text("variant_id")
      .notNull()
      .references(() => variants.id),
    quantity: integer("quantity").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.reservationId, table.variantId] }),
    check("reservation_lines_quantity", sql`${table.quantity} > 0`),
  ],
);

/** Each change of stock by hand: who, why, and the answer that a repeat of its idempotency key gets. */
export const stockAdjustments = pgTable(
  "stock_adjustments",
  {
    id: text("id").primaryKey(),
    variantId: text("variant_id")
      .notNull()
      .references(() => variants.id),
    delta: integer("delta").notNull(),
    reason: text("reason").notNull(),
    onHandAfter: integer("on_hand_after").notNull(),
    adjustedBy: text("adjusted_by").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    requestHash: text("request_hash").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    unique("stock_adjustments_key").on(table.adjustedBy, table.idempotencyKey),
    index("stock_adjustments_variant").on(table.variantId, table.createdAt),
    check("stock_adjustments_delta", sql`${table.delta} <> 0`),
  ],
);
