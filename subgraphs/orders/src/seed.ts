import { SHOP_CURRENCY } from "@supergraph/contracts";
import { createTransactions, openDatabase } from "@supergraph/postgres";
import type { Tx } from "./db/connection.ts";
import * as schema from "./db/schema.ts";
import { projectVariantPrices } from "./db/variant-prices.ts";
import type { CancelReason, OrderStatus } from "./domain/order.ts";
import type { ShippingAddress } from "./domain/place-order-input.ts";
import type { Totals } from "./domain/pricing.ts";
import type { Saga, SagaState, Undo } from "./domain/saga-model.ts";
import { DEFAULT_SAGA_POLICY, schedule } from "./domain/saga-timing.ts";

export { type PricedLine, priceOrder, type Totals } from "./domain/pricing.ts";

export interface SeedVariantPrice {
  readonly variantId: string;
  readonly productId: string;
  readonly sku: string;
  /** Product title and variant title, as an order line shows them. */
  readonly title: string;
  /** Gross, in cents. */
  readonly priceMinor: bigint;
  readonly weightGrams: number;
  readonly purchasable: boolean;
  /** Of the variant in products: a `products.variant.changed` of a higher version replaces this. */
  readonly version: number;
}

export interface SeedOrder extends Totals {
  readonly id: string;
  readonly number: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  /** Given exactly where the status is CANCELLING or CANCELLED. */
  readonly cancelReason: CancelReason | null;
  readonly lines: readonly {
    readonly id: string;
    readonly variantId: string;
    readonly sku: string;
    readonly title: string;
    readonly quantity: number;
    readonly unitPriceMinor: bigint;
  }[];
  readonly shippingAddress: ShippingAddress;
  readonly placedAt: Date;
  /** Oldest first; the last is `status`. */
  readonly timeline: readonly { readonly status: OrderStatus; readonly at: Date; readonly note: string | null }[];
}

/**
 * Writes prices and orders into a migrated database, all or none, without events. Safe to repeat: an order that is
 * there stays as it is with all of its own, and so does a price of the same or a higher version.
 *
 * An order that is under way gets the saga that its status implies, as if it had come to it at the end of its timeline,
 * with the default deadlines: a running service takes it up. PENDING asks for the stock again, then for the payment
 * with the token `tok_approve`; AWAITING_PAYMENT waits for the customer's confirmation, for 10 minutes; CONFIRMED asks
 * for the capture again; CANCELLING asks for release and void again. Its reservation is {@link seedReservationId}.
 */
export const seedOrders = async (
  databaseUrl: string,
  seed: { readonly variantPrices: readonly SeedVariantPrice[]; readonly orders: readonly SeedOrder[] },
): Promise<void> => {
  const database = openDatabase({ url: databaseUrl, schema, applicationName: "orders-seed", max: 1 });
  try {
    await createTransactions(database).inTransaction(async (tx) => {
      await projectVariantPrices(
        tx,
        seed.variantPrices.map((price) => ({ ...price, currency: SHOP_CURRENCY })),
      );
      const added = await insertOrders(tx, seed.orders);
      await inChunks(added.flatMap(lineRows), (rows) => tx.insert(schema.orderLines).values(rows));
      await inChunks(added.flatMap(eventRows), (rows) => tx.insert(schema.orderEvents).values(rows));
      await inChunks(added.map(sagaRow), (rows) => tx.insert(schema.sagas).values(rows));
    });
  } finally {
    await database.close();
  }
};

/** True when the database, which must be migrated, holds any price: without one nothing can be bought. */
export const isSeeded = async (databaseUrl: string): Promise<boolean> => {
  const database = openDatabase({ url: databaseUrl, schema, applicationName: "orders-seed", max: 1 });
  try {
    const rows = await database.db
      .select({ variantId: schema.variantPrices.variantId })
      .from(schema.variantPrices)
      .limit(1);
    return rows.length > 0;
  } finally {
    await database.close();
  }
};

/** The reservation of a seeded order, for whoever seeds the stock. */
export const seedReservationId = (orderId: string): string => `res_${orderId.slice(orderId.indexOf("_") + 1)}`;

/** The sandbox provider's token for a payment that goes through. */
const SEED_PAYMENT_METHOD_TOKEN = "tok_approve";

/** Rows a statement: a row has at most 20 parameters and a statement at most 65,534. */
const ROWS_PER_INSERT = 1_000;

const inChunks = async <Row>(rows: readonly Row[], insert: (rows: Row[]) => PromiseLike<unknown>): Promise<void> => {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
    await insert(rows.slice(start, start + ROWS_PER_INSERT));
};

/** Those that were not there before. */
const insertOrders = async (tx: Tx, orders: readonly SeedOrder[]): Promise<SeedOrder[]> => {
  const added = new Set<string>();
  await inChunks(orders.map(orderRow), async (rows) => {
    const inserted = await tx
      .insert(schema.orders)
      .values(rows)
      .onConflictDoNothing({ target: schema.orders.id })
      .returning({ id: schema.orders.id });
    for (const { id } of inserted) added.add(id);
  });
  return orders.filter(({ id }) => added.has(id));
};

const orderRow = (order: SeedOrder): typeof schema.orders.$inferInsert => ({
  id: order.id,
  number: order.number,
  customerId: order.customerId,
  status: order.status,
  cancelReason: order.cancelReason,
  trackingNumber:
    order.status === "SHIPPED" || order.status === "DELIVERED" ? `TRACK-${order.number.slice("SG-".length)}` : null,
  ...order.shippingAddress,
  currency: SHOP_CURRENCY,
  subtotalMinor: order.subtotalMinor,
  taxMinor: order.taxMinor,
  shippingMinor: order.shippingMinor,
  totalMinor: order.totalMinor,
  placedAt: order.placedAt,
});

const lineRows = (order: SeedOrder): (typeof schema.orderLines.$inferInsert)[] =>
  order.lines.map((line, position) => ({ ...line, orderId: order.id, position, currency: SHOP_CURRENCY }));

const eventRows = (order: SeedOrder): (typeof schema.orderEvents.$inferInsert)[] =>
  order.timeline.map((event, index) => ({ ...event, orderId: order.id, version: index + 1 }));

const sagaRow = (order: SeedOrder): typeof schema.sagas.$inferInsert => ({
  ...sagaOf(order),
  orderId: order.id,
  version: order.timeline.length,
  paymentMethodToken: order.status === "PENDING" ? SEED_PAYMENT_METHOD_TOKEN : null,
  correlationId: `seed-${order.id}`,
});

const sagaOf = ({ id, status, cancelReason, timeline, placedAt }: SeedOrder): Saga => {
  const state = SAGA_STATE[status];
  return schedule(
    {
      state,
      reservationId: seedReservationId(id),
      reservations: 1,
      // What has ended takes no late answers for something to undo.
      commitRequested: state === "CAPTURING" || state === "DONE" || state === "CANCELLED",
      captureRequested: state === "CAPTURING" || state === "DONE" || state === "CANCELLED",
      undo: state === "COMPENSATING" ? UNDO_BEFORE_CONFIRMATION : {},
      refundAttempt: 1,
      cancelReason,
    },
    { now: timeline.at(-1)?.at ?? placedAt, jitter: 0, policy: DEFAULT_SAGA_POLICY },
  );
};

const UNDO_BEFORE_CONFIRMATION: Undo = { RELEASE: "PENDING", VOID: "PENDING" };

const SAGA_STATE: Readonly<Record<OrderStatus, SagaState>> = {
  PENDING: "RESERVING",
  AWAITING_PAYMENT: "AWAITING_ACTION",
  CONFIRMED: "CAPTURING",
  PAID: "DONE",
  SHIPPED: "DONE",
  DELIVERED: "DONE",
  CANCELLING: "COMPENSATING",
  CANCELLED: "CANCELLED",
};
