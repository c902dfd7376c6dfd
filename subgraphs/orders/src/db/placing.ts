import { sql } from "drizzle-orm";
import type { Saga } from "../domain/saga-model.ts";
import type { PricedCartLine } from "./carts.ts";
import type { Tx } from "./connection.ts";
import { type EarlierRequest, earlierRequest, type IdempotentRequest } from "./idempotency-keys.ts";
import type { OrderLineRow, OrderRow } from "./schema.ts";

/** What placing an order has to know before. */
export interface Purchase {
  /** The account was deleted. */
  readonly forgotten: boolean;
  readonly earlier: EarlierRequest;
  /** In the order of their adding, at the prices of now. */
  readonly lines: readonly PricedCartLine[];
}

/** One statement for what would be three: it is on the way of every order. */
export const findPurchase = async (
  tx: Tx,
  { cartId, request }: { cartId: string; request: IdempotentRequest },
): Promise<Purchase> => {
  const [row] = await tx.execute<{
    forgotten: boolean;
    earlier: { requestHash: string; orderId: string } | null;
    lines: (Omit<PricedCartLine, "price"> & {
      price: Omit<PricedCartLine["price"], "priceMinor"> & { priceMinor: string };
    })[];
  }>(sql`
    select
      exists (select from forgotten_customers where user_id = ${request.userId}) as forgotten,
      (select json_build_object('requestHash', request_hash, 'orderId', order_id)
       from idempotency_keys where user_id = ${request.userId} and key = ${request.key}) as earlier,
      (select coalesce(json_agg(json_build_object(
          'id', line.id, 'cartId', line.cart_id, 'variantId', variant_id, 'quantity', line.quantity,
          'price', json_build_object(
            'variantId', variant_id, 'productId', price.product_id, 'sku', price.sku, 'title', price.title,
            'priceMinor', price.price_minor::text, 'currency', price.currency, 'weightGrams', price.weight_grams,
            'purchasable', price.purchasable, 'version', price.version
          )) order by line.id), '[]')
       from cart_lines line join variant_prices price using (variant_id) where cart_id = ${cartId}) as lines`);
  if (!row) throw new Error("Expected one row of a select without a table.");
  return {
    forgotten: row.forgotten,
    earlier: earlierRequest(row.earlier, request),
    lines: row.lines.map(({ price, ...line }) => ({
      ...line,
      price: { ...price, priceMinor: BigInt(price.priceMinor) },
    })),
  };
};

export interface PlacedOrder {
  readonly order: OrderRow;
  readonly lines: readonly OrderLineRow[];
  readonly saga: Saga;
  readonly version: number;
  readonly paymentMethodToken: string;
  readonly correlationId: string;
  /** Headers with the trace context of the request. */
  readonly trace: Readonly<Record<string, string>>;
  readonly request: IdempotentRequest;
  /** Emptied. */
  readonly cartId: string;
}

export type InsertResult = "inserted" | "numberTaken" | "keyTaken";

/**
 * Stores an order with all that belongs to it, in one statement. Nothing is stored when somebody has its number, which
 * nobody can know beforehand. Waits for another transaction that is recording the same idempotency key: when that one
 * committed, nothing of this transaction may stay.
 */
export const insertPlacedOrder = async (
  tx: Tx,
  { order, lines, saga, version, paymentMethodToken, correlationId, trace, request, cartId }: PlacedOrder,
): Promise<InsertResult> => {
  const facts = toJson({ ...order, ...saga, version, paymentMethodToken, correlationId, trace, ...request });
  const [result] = await tx.execute<{ placed: boolean; claimed: boolean }>(sql`
    with fact as (
      select * from json_to_record(${facts}::json) as fact (
        id text, number text, "customerId" text, status text, line1 text, line2 text, city text, region text,
        "postalCode" text, country text, currency text, "subtotalMinor" bigint, "taxMinor" bigint,
        "shippingMinor" bigint, "totalMinor" bigint, "placedAt" timestamptz,
        state text, version int, "reservationId" text, reservations int, "commitRequested" boolean,
        "captureRequested" boolean, undo jsonb, "refundAttempt" int, "enteredAt" timestamptz, sends int,
        "giveUpAt" timestamptz, "deadlineAt" timestamptz, "paymentMethodToken" text, "correlationId" text, trace json,
        "userId" text, key text, "requestHash" text
      )
    ), placed as (
      insert into orders (
        id, number, customer_id, status, line1, line2, city, region, postal_code, country, currency, subtotal_minor,
        tax_minor, shipping_minor, total_minor, placed_at
      )
      select id, number, "customerId", status, line1, line2, city, region, "postalCode", country, currency,
        "subtotalMinor", "taxMinor", "shippingMinor", "totalMinor", "placedAt" from fact
      on conflict (number) do nothing returning id
    ), fresh as (
      select fact.* from fact join placed using (id)
    ), lines as (
      insert into order_lines (
        id, order_id, position, variant_id, sku, title, quantity, unit_price_minor, currency
      )
      select line.id, placed.id, position, "variantId", sku, title, quantity, "unitPriceMinor", currency
      from placed, json_to_recordset(${toJson(lines)}::json) as line (
        id text, position int, "variantId" text, sku text, title text, quantity int, "unitPriceMinor" bigint,
        currency text
      )
    ), started as (
      insert into sagas (
        order_id, state, version, reservation_id, reservations, commit_requested, capture_requested, undo,
        refund_attempt, entered_at, sends, give_up_at, deadline_at, payment_method_token, correlation_id, trace
      )
      select id, state, version, "reservationId", reservations, "commitRequested", "captureRequested", undo,
        "refundAttempt", "enteredAt", sends, "giveUpAt", "deadlineAt", "paymentMethodToken", "correlationId",
        trace::jsonb from fresh
    ), timeline as (
      insert into order_events (order_id, version, status, at) select id, version, status, "placedAt" from fresh
    ), claimed as (
      insert into idempotency_keys (user_id, key, request_hash, order_id, created_at)
      select "userId", key, "requestHash", id, "placedAt" from fresh
      on conflict do nothing returning key
    ), emptied as (
      delete from cart_lines using placed where cart_id = ${cartId}
    )
    select exists (select from placed) as placed, exists (select from claimed) as claimed`);
  if (!result?.placed) return "numberTaken";
  return result.claimed ? "inserted" : "keyTaken";
};

const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? part.toString() : part));
