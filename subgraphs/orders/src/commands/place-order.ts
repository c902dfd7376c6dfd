import { randomBytes } from "node:crypto";
import { SHOP_CURRENCY } from "@supergraph/contracts";
import { reach } from "@supergraph/failpoints";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { emptyCart, findCartLines, lockCart, type PricedCartLine } from "../db/carts.ts";
import type { Db, Tx } from "../db/connection.ts";
import { isForgotten } from "../db/forgotten-customers.ts";
import { type EarlierRequest, findEarlierRequest, type IdempotentRequest } from "../db/idempotency-keys.ts";
import { findOrder, insertOrder, insertOrderEvent, insertOrderLines } from "../db/orders.ts";
import { insertSaga } from "../db/sagas.ts";
import type { OrderLineRow, OrderRow } from "../db/schema.ts";
import { cartIdOf } from "../domain/cart.ts";
import { orderNumber } from "../domain/order.ts";
import { type PlaceOrder, parsePlaceOrder, type RawPlaceOrder } from "../domain/place-order-input.ts";
import { isSellable, priceOrder, type Totals } from "../domain/pricing.ts";
import { begin } from "../domain/saga.ts";
import type { InvalidField } from "../domain/text.ts";
import { commandMessage, type MessageContext, orderPlacedMessage, statusMessages } from "../messages.ts";
import type { Deps } from "./deps.ts";
import { claimKey, inIdempotentTransaction, requestHash } from "./idempotency.ts";

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
  | { readonly kind: "overloaded"; readonly retryAfterMs: number };

/** Of two numbers drawn at once one in 887 million is the same; drawing a second time is enough, ten are certain. */
const MAX_NUMBER_DRAWS = 10;

/**
 * Turns the cart into an order, in one transaction of this database alone: whether the goods are there and the payment
 * is good is found out afterwards. Safe to repeat with the same key; of several at once exactly one makes an order.
 * Refused before it costs much while too much is under way, but for the repeat of a request that took effect.
 */
export const makePlaceOrder =
  (deps: Deps) =>
  async (command: { userId: string; correlationId: string; input: RawPlaceOrder }): Promise<PlaceOrderResult> => {
    const parsed = parsePlaceOrder(command.input);
    if (parsed.kind === "invalid") return parsed;
    const { request } = parsed;
    const idempotent = { userId: command.userId, key: request.idempotencyKey, requestHash: hashOf(request) };
    const admission = deps.intake.admit();
    if (admission.kind === "overloaded") {
      // Whoever did not hear of an order asks again, at such times above all: one read, a tenth of what placing costs,
      // keeps that from looking like a refusal.
      const earlier = await findEarlierRequest(deps.db, idempotent);
      return earlier.kind === "none" ? admission : answerAgain(deps.db, earlier);
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
    const { userId } = command;
    const cartId = cartIdOf(userId);
    // Before looking for the key: whoever holds the cart may be about to record it.
    await lockCart(tx, cartId);
    if (await isForgotten(tx, userId)) return { kind: "forgotten" };
    const earlier = await findEarlierRequest(tx, idempotent);
    if (earlier.kind !== "none") return answerAgain(tx, earlier);

    const lines = await findCartLines(tx, [cartId]);
    const refusal = refuse(lines, request);
    if (refusal) return refusal;
    const order = await create(tx, deps, { ...command, request, lines });
    await claimKey(tx, { ...idempotent, orderId: order.id, createdAt: order.placedAt });
    await emptyCart(tx, cartId);
    return { kind: "placed", order };
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

const create = async (
  tx: Tx,
  { now, policy }: Deps,
  {
    userId,
    correlationId,
    request,
    lines,
  }: { userId: string; correlationId: string; request: PlaceOrder; lines: readonly PricedCartLine[] },
): Promise<OrderRow> => {
  const placedAt = now();
  const order = await insertWithFreshNumber(tx, {
    id: newId("ord"),
    customerId: userId,
    status: "PENDING",
    ...request.shippingAddress,
    currency: SHOP_CURRENCY,
    ...totalsOf(lines, request),
    placedAt,
  });
  const orderLines = lines.map((line, position) => snapshot(line, order.id, position));
  await insertOrderLines(tx, orderLines);
  const { saga, commands } = begin({ now: placedAt, newReservationId: newId("res"), jitter: Math.random(), policy });
  const version = 1;
  const { paymentMethodToken } = request;
  await insertSaga(tx, saga, { orderId: order.id, version, paymentMethodToken, correlationId });
  const statusChange = { status: order.status, note: null };
  await insertOrderEvent(tx, { orderId: order.id, version, at: placedAt, ...statusChange });
  const context: MessageContext = { order, version, now: placedAt, cause: { correlationId, causationId: null } };
  await appendToOutbox(tx, [
    orderPlacedMessage(context, orderLines),
    ...commands.map((command) => commandMessage(context, command, { lines: orderLines, paymentMethodToken })),
    ...statusMessages(context, statusChange),
  ]);
  return order;
};

const insertWithFreshNumber = async (
  tx: Tx,
  order: Omit<Parameters<typeof insertOrder>[1], "number"> & { placedAt: Date },
): Promise<OrderRow> => {
  for (let draw = 0; draw < MAX_NUMBER_DRAWS; draw += 1) {
    const row = await insertOrder(tx, { ...order, number: orderNumber(order.placedAt, randomBytes(8)) });
    if (row) return row;
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
