import { and, asc, eq, inArray } from "drizzle-orm";
import { needsNoAddress, ORDER_STATUSES, type OrderStatus } from "../domain/order.ts";
import type { Db, Tx } from "./connection.ts";
import { type OrderEventRow, type OrderLineRow, type OrderRow, orderEvents, orderLines, orders } from "./schema.ts";

export const findOrders = (db: Db, ids: readonly string[]): Promise<OrderRow[]> =>
  db
    .select()
    .from(orders)
    .where(inArray(orders.id, [...ids]));

export const findOrder = async (db: Db, id: string): Promise<OrderRow | null> =>
  (await findOrders(db, [id]))[0] ?? null;

/** In the order in which the customer had them in the cart. */
export const findOrderLines = (db: Db, orderIds: readonly string[]): Promise<OrderLineRow[]> =>
  db
    .select()
    .from(orderLines)
    .where(inArray(orderLines.orderId, [...orderIds]))
    .orderBy(asc(orderLines.orderId), asc(orderLines.position));

/** Oldest first. */
export const findOrderEvents = (db: Db, orderIds: readonly string[]): Promise<OrderEventRow[]> =>
  db
    .select()
    .from(orderEvents)
    .where(inArray(orderEvents.orderId, [...orderIds]))
    .orderBy(asc(orderEvents.orderId), asc(orderEvents.version));

/** Erases a person's addresses: at once where nothing is to be sent there any more, else when that comes about. */
export const eraseAddressesOf = async (tx: Tx, customerId: string): Promise<void> => {
  // In the order in which everybody locks orders: an update alone would take them as it finds them.
  await tx
    .select({ id: orders.id })
    .from(orders)
    .where(eq(orders.customerId, customerId))
    .orderBy(orders.id)
    .for("update");
  await tx
    .update(orders)
    .set(ERASED_ADDRESS)
    .where(and(eq(orders.customerId, customerId), inArray(orders.status, WITHOUT_NEED_OF_ADDRESS)));
  await tx.update(orders).set({ eraseAddress: true }).where(eq(orders.customerId, customerId));
};

const WITHOUT_NEED_OF_ADDRESS: OrderStatus[] = ORDER_STATUSES.filter(needsNoAddress);

/** The country stays: it is what the tax was calculated for. */
export const ERASED_ADDRESS = {
  line1: "[erased]",
  line2: null,
  city: "[erased]",
  region: null,
  postalCode: "[erased]",
};
