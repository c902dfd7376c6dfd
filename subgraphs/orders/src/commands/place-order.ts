import { randomBytes } from "node:crypto";
import { SHOP_CURRENCY } from "@supergraph/contracts";
import { reach } from "@supergraph/failpoints";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { lockCart, type PricedCartLine } from "../db/carts.ts";
import type { Db, Tx } from "../db/connection.ts";
import { type EarlierRequest, findEarlierRequest, type IdempotentRequest } from "../db/idempotency-keys.ts";
import { findOrder } from "../db/orders.ts";
import { findPurchase, insertPlacedOrder, type PlacedOrder } from "../db/placing.ts";
import type { OrderLineRow, OrderRow } from "../db/schema.ts";
import { cartIdOf } from "../domain/cart.ts";
import { orderNumber } from "../domain/order.ts";
import { type PlaceOrder, parsePlaceOrder, type RawPlaceOrder } from "../domain/place-order-input.ts";
import { isSellable, priceOrder, type Totals } from "../domain/pricing.ts";
import { begin } from "../domain/saga.ts";
import type { InvalidField } from "../domain/text.ts";
import type { Refusal } from "../intake.ts";
import { commandMessage, type MessageContext, orderPlacedMessage, statusMessages } from "../messages.ts";
import type { Deps } from "./deps.ts";
import { inIdempotentTransaction, KeyTaken, requestHash } from "./idempotency.ts";
import { beginSagaStep } from "./saga-steps.ts";

export type PlaceOrderResult =
  | { readonly kind: "placed"; readonly order: OrderRow }
  | { readonly kind: "invalid"; readonly fields: readonly InvalidField[] }
  | { readonly kind: "cartEmpty" }
  | { readonly kind: "priceChanged"; readonly totalMinor: bigint }
  | { readonly kind: "variantsUnavailable"; readonly lines: readonly { variantId: string; title: string }[] }
  | { readonly kind: "idempotencyMismatch" }
  /** The account was deleted. */
  | { readonly kind: "forgotten" }
  /** Nothing was looked at but whether this request had taken effect before: it had not. */
  | Refusal;

export interface RequestedOrder {
  readonly userId: string;
  readonly correlationId: string;
  readonly input: RawPlaceOrder;
  /** Of the cart in the same request: it is not what its customer wants to buy. */
  readonly refusal: Refusal | null;
}

/** Of two numbers drawn at once one in 887 million is the same; drawing a second time is enough, ten are certain. */
const MAX_NUMBER_DRAWS = 10;

/**
 * Turns the cart into an order, in one transaction of this database alone: whether the goods are there and the payment
 * is good is found out afterwards. Safe to repeat with the same key; of several at once exactly one makes an order.
 * Refused before it costs much while too much is under way, but for the repeat of a request that took effect.
 */
export const makePlaceOrder =
  (deps: Deps) =>
  async (command: RequestedOrder): Promise<PlaceOrderResult> => {
    const parsed = parsePlaceOrder(command.input);
    if (parsed.kind === "invalid") return parsed;
    const { request } = parsed;
    const idempotent = { userId: command.userId, key: request.idempotencyKey, requestHash: hashOf(request) };
    const admission = command.refusal ?? deps.intake.admit();
    if (admission.kind === "overloaded") {
      // Whoever did not hear of an order asks again, at such times above all: one read, a tenth of what placing costs,
      // keeps that from looking like a refusal.
      const earlier = await findEarlierRequest(deps.dbOfRefused, idempotent);
      return earlier.kind === "none" ? admission : answerAgain(deps.dbOfRefused, earlier);
    }
    try {
      const result = await place(deps, command, request, idempotent);
      if (result.kind === "placed") reach("order:committed");
      return result;
    } finally {
      admission.leave();
    }
  };

const place = (
  deps: Deps,
  command: { userId: string; correlationId: string },
  request: PlaceOrder,
  idempotent: IdempotentRequest,
): Promise<PlaceOrderResult> =>
  inIdempotentTransaction(deps, async (tx) => {
    const cartId = cartIdOf(command.userId);
    // Before looking for the key: whoever holds the cart may be about to record it.
    await lockCart(tx, cartId);
    const { forgotten, earlier, lines } = await findPurchase(tx, { cartId, request: idempotent });
    if (forgotten) return { kind: "forgotten" };
    if (earlier.kind !== "none") return answerAgain(tx, earlier);
    const refusal = refuse(lines, request);
    if (refusal) return refusal;
    return { kind: "placed", order: await create(tx, deps, { ...command, cartId, request, idempotent, lines }) };
  });

const answerAgain = async (db: Db, earlier: Exclude<EarlierRequest, { kind: "none" }>): Promise<PlaceOrderResult> => {
  if (earlier.kind === "mismatch") return { kind: "idempotencyMismatch" };
  const order = await findOrder(db, earlier.orderId);
  if (!order) throw new Error(`Expected order ${earlier.orderId} to exist, since its request is on record.`);
  return { kind: "placed", order };
};

const refuse = (lines: readonly PricedCartLine[], request: PlaceOrder): PlaceOrderResult | null => {
  if (lines.length === 0) return { kind: "cartEmpty" };
  const unavailable = lines.filter(({ price }) => !isSellable(price));
  if (unavailable.length > 0)
    return {
      kind: "variantsUnavailable",
      lines: unavailable.map(({ variantId, price }) => ({ variantId, title: price.title })),
    };
  const { totalMinor } = totalsOf(lines, request);
  return totalMinor === request.expectedTotalMinor ? null : { kind: "priceChanged", totalMinor };
};

interface NewOrder {
  readonly userId: string;
  readonly correlationId: string;
  readonly cartId: string;
  readonly request: PlaceOrder;
  readonly idempotent: IdempotentRequest;
  readonly lines: readonly PricedCartLine[];
}

const create = async (
  tx: Tx,
  { now, policy }: Deps,
  { userId, correlationId, cartId, request, idempotent, lines }: NewOrder,
): Promise<OrderRow> => {
  const placedAt = now();
  const draft: Omit<OrderRow, "number"> = {
    id: newId("ord"),
    customerId: userId,
    status: "PENDING",
    cancelReason: null,
    trackingNumber: null,
    ...request.shippingAddress,
    eraseAddress: false,
    currency: SHOP_CURRENCY,
    ...totalsOf(lines, request),
    placedAt,
  };
  const orderLines = lines.map((line, position) => snapshot(line, draft.id, position));
  const { saga, commands } = begin({ now: placedAt, newReservationId: newId("res"), jitter: Math.random(), policy });
  const version = 1;
  const step = beginSagaStep(draft.id, { from: null, to: saga.state }, { correlationId, causationId: null });
  const { paymentMethodToken } = request;
  const order = await insertWithFreshNumber(tx, {
    order: draft,
    lines: orderLines,
    saga,
    version,
    paymentMethodToken,
    correlationId,
    trace: step.headers,
    request: idempotent,
    cartId,
  });
  const cause = { correlationId, causationId: null, headers: step.headers };
  const context: MessageContext = { order, version, now: placedAt, cause };
  await appendToOutbox(tx, [
    orderPlacedMessage(context, orderLines),
    ...commands.map((command) => commandMessage(context, command, { lines: orderLines, paymentMethodToken })),
    ...statusMessages(context, { status: order.status, note: null }),
  ]);
  step.end();
  return order;
};

const insertWithFreshNumber = async (
  tx: Tx,
  placed: Omit<PlacedOrder, "order"> & { readonly order: Omit<OrderRow, "number"> },
): Promise<OrderRow> => {
  for (let draw = 0; draw < MAX_NUMBER_DRAWS; draw += 1) {
    const order = { ...placed.order, number: orderNumber(placed.order.placedAt, randomBytes(8)) };
    const result = await insertPlacedOrder(tx, { ...placed, order });
    if (result === "keyTaken") throw new KeyTaken();
    if (result === "inserted") return order;
  }
  throw new Error(`Expected a free order number within ${MAX_NUMBER_DRAWS} draws.`);
};

const snapshot = (line: PricedCartLine, orderId: string, position: number): OrderLineRow => ({
  id: newId("lin"),
  orderId,
  position,
  variantId: line.variantId,
  sku: line.price.sku,
  title: line.price.title,
  quantity: line.quantity,
  unitPriceMinor: line.price.priceMinor,
  currency: line.price.currency,
});

const totalsOf = (lines: readonly PricedCartLine[], { shippingAddress }: PlaceOrder): Totals =>
  priceOrder(
    lines.map(({ quantity, price }) => ({
      quantity,
      unitPriceMinor: price.priceMinor,
      weightGrams: price.weightGrams,
    })),
    shippingAddress.country,
  );

/** Of the input only: the cart is empty after a success. */
const hashOf = ({ shippingAddress: address, paymentMethodToken, expectedTotalMinor }: PlaceOrder): string =>
  requestHash([
    "placeOrder",
    address.line1,
    address.line2,
    address.city,
    address.region,
    address.postalCode,
    address.country,
    paymentMethodToken,
    expectedTotalMinor.toString(),
  ]);
