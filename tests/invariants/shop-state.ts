import { z } from "zod";
import { type Queries, type Query, read } from "./databases.ts";
import type { JournalReader, ProviderPayment } from "./journal.ts";

const Stock = z.object({
  variantId: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  /** By reservations that are held now. */
  held: z.int(),
  /** What there was before anybody bought or adjusted: it never changes. */
  origin: z.int(),
});

/** What a variant costs, in the version that is told to others. */
const Price = z.object({ variantId: z.string(), version: z.int(), priceMinor: z.int() });

const Reservation = z.object({ id: z.string(), orderId: z.string(), state: z.string(), lines: z.string() });

const Order = z.object({
  id: z.string(),
  status: z.string(),
  totalMinor: z.int(),
  subtotalMinor: z.int(),
  /** What its lines cost together. */
  linesMinor: z.int(),
  saga: z.string().nullable(),
  /** Its saga should have been looked at by now. */
  overdue: z.boolean(),
  /** Every status so far, oldest first, joined by commas. */
  timeline: z.string(),
  lines: z.string(),
  /** Idempotency keys that placed it. */
  placedBy: z.array(z.string()),
});

const Payment = z.object({
  id: z.string(),
  orderId: z.string(),
  status: z.string(),
  providerPaymentId: z.string().nullable(),
  amountMinor: z.int(),
  capturedMinor: z.int(),
  refundedMinor: z.int(),
  refundPendingMinor: z.int(),
  /** Those that succeeded: `<id> <minor units>`, sorted and joined by commas. */
  refunds: z.string(),
});

export type StockOfVariant = z.output<typeof Stock>;
export type PriceOfVariant = z.output<typeof Price>;
export type Reservation = z.output<typeof Reservation>;
export type Order = z.output<typeof Order>;
export type Payment = z.output<typeof Payment>;

/** What is known of goods as a whole. */
export interface Goods {
  readonly stock: readonly StockOfVariant[];
  /** As products sells them. */
  readonly catalogue: readonly PriceOfVariant[];
  /** As orders knows them from events. */
  readonly priceList: readonly PriceOfVariant[];
}

/** All that three databases and the provider know of some orders, and of what they would belong to if they existed. */
export interface OrdersState {
  readonly orders: readonly Order[];
  readonly reservations: readonly Reservation[];
  readonly payments: readonly Payment[];
  providerPaymentsOf(orderId: string): readonly ProviderPayment[];
}

export const readGoods = async ({ products, orders }: Queries): Promise<Goods> => {
  const [stock, catalogue, priceList] = await Promise.all([
    read(products, Stock, STOCK),
    read(products, Price, `select id as "variantId", version, price::int as "priceMinor" from variants`),
    read(
      orders,
      Price,
      `select variant_id as "variantId", version, price_minor::int as "priceMinor" from variant_prices`,
    ),
  ]);
  return { stock, catalogue, priceList };
};

export const readOrderIds = async ({ orders }: Queries): Promise<string[]> =>
  (await read(orders, z.object({ id: z.string() }), "select id from orders")).map(({ id }) => id);

/**
 * Reads the whole shop in slices of about `sliceSize` orders, so that hundreds of thousands fit into memory: every order,
 * reservation and payment is in exactly one slice. The next is read while the last is looked at.
 */
export async function* readOrdersStates(
  { products, orders, payments }: Queries,
  journal: JournalReader,
  sliceSize: number,
): AsyncGenerator<OrdersState> {
  const bounds = await read(
    orders,
    z.object({ id: z.string() }),
    `select id from (select id, row_number() over (order by id) as number from orders) as numbered
     where number % $1::int = 0 order by id`,
    [sliceSize],
  );
  const ids = bounds.map(({ id }) => id);
  const slices = [...ids, null].map((last, index) => ({ after: ids[index - 1] ?? "", last }));
  const readSlice = async ({ after, last }: { after: string; last: string | null }): Promise<OrdersState> => {
    const [ofOrders, ofReservations, ofPayments] = await Promise.all([
      readRange(orders, Order, ORDERS, after, last),
      readRange(products, Reservation, RESERVATIONS, after, last),
      readRange(payments, Payment, PAYMENTS, after, last),
    ]);
    return {
      orders: ofOrders,
      reservations: ofReservations,
      payments: ofPayments,
      providerPaymentsOf: (orderId) => journal.paymentsOf(orderId),
    };
  };
  let next: Promise<OrdersState> | undefined;
  for (const [index, slice] of slices.entries()) {
    const state = await (next ?? readSlice(slice));
    const following = slices[index + 1];
    next = following ? readSlice(following) : undefined;
    // Awaited above unless whoever looks gives up before.
    next?.catch(() => undefined);
    yield state;
  }
}

const readRange = <Row>(
  query: Query,
  row: z.ZodType<Row>,
  sql: (within: (column: string) => string) => string,
  after: string,
  last: string | null,
): Promise<Row[]> =>
  last === null
    ? read(
        query,
        row,
        sql((column) => `${column} > $1`),
        [after],
      )
    : read(
        query,
        row,
        sql((column) => `${column} > $1 and ${column} <= $2`),
        [after, last],
      );

const STOCK = `
  select stock.variant_id as "variantId", on_hand as "onHand", reserved,
    coalesce(lines.held, 0)::int as held,
    (on_hand + coalesce(lines.sold, 0) - coalesce(adjusted.delta, 0))::int as origin
  from stock
  left join (
    select variant_id, sum(quantity) filter (where state = 'HELD') as held, sum(quantity) filter (where state = 'COMMITTED') as sold
    from reservation_lines join reservations on reservations.id = reservation_id group by variant_id
  ) lines on lines.variant_id = stock.variant_id
  left join (select variant_id, sum(delta) as delta from stock_adjustments group by variant_id) adjusted
    on adjusted.variant_id = stock.variant_id`;

const RESERVATIONS = (within: (column: string) => string): string => `
  with slice as (select id, order_id, state from reservations where ${within("order_id")})
  select slice.id, slice.order_id as "orderId", slice.state, coalesce(lines.lines, '') as lines
  from slice left join (
    select reservation_id, string_agg(variant_id || ' × ' || quantity, ', ' order by variant_id) as lines
    from reservation_lines where reservation_id in (select id from slice) group by reservation_id
  ) lines on lines.reservation_id = slice.id`;

// Grouped once a slice: subqueries for each order take several times as long.
const ORDERS = (within: (column: string) => string): string => `
  select orders.id, status, total_minor::int as "totalMinor", subtotal_minor::int as "subtotalMinor",
    coalesce(lines.minor, 0)::int as "linesMinor", coalesce(lines.lines, '') as lines,
    sagas.state as saga, coalesce(deadline_at < now() - interval '10 seconds', false) as overdue,
    coalesce(events.timeline, '') as timeline, coalesce(keys.keys, '{}') as "placedBy"
  from orders
  left join sagas on sagas.order_id = orders.id
  left join (
    select order_id, string_agg(status, ',' order by version) as timeline
    from order_events where ${within("order_id")} group by order_id
  ) events on events.order_id = orders.id
  left join (
    select order_id, sum(minor) as minor, string_agg(variant_id || ' × ' || quantity, ', ' order by variant_id) as lines
    from (
      select order_id, variant_id, sum(quantity) as quantity, sum(quantity * unit_price_minor) as minor
      from order_lines where ${within("order_id")} group by order_id, variant_id
    ) merged group by order_id
  ) lines on lines.order_id = orders.id
  left join (
    select idempotency_keys.order_id, array_agg(key order by key) as keys
    from idempotency_keys join orders on orders.id = idempotency_keys.order_id and placed_at = created_at
    where ${within("idempotency_keys.order_id")} group by idempotency_keys.order_id
  ) keys on keys.order_id = orders.id
  where ${within("orders.id")}`;

const PAYMENTS = (within: (column: string) => string): string => `
  with slice as (select * from payments where ${within("order_id")})
  select slice.id, order_id as "orderId", status, provider_payment_id as "providerPaymentId", amount_minor::int as "amountMinor",
    captured_minor::int as "capturedMinor", refunded_minor::int as "refundedMinor",
    refund_pending_minor::int as "refundPendingMinor", coalesce(made.refunds, '') as refunds
  from slice left join (
    select payment_id, string_agg(id || ' ' || amount_minor, ',' order by id collate "C") as refunds
    from refunds where status = 'SUCCEEDED' and payment_id in (select id from slice) group by payment_id
  ) made on made.payment_id = slice.id`;
