import type { Page } from "@supergraph/service";
import { and, asc, count, desc, eq, getTableColumns, gt, inArray, lte, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { OrderStatus } from "../domain/order.ts";
import type { Db } from "./connection.ts";
import { type OrderRow, orders } from "./schema.ts";

/** Where a page starts: the moment of placing, and the id to tell orders of one millisecond apart. */
export const OrderKey = z.tuple([
  // Postgres has no year 0, which a made-up cursor may name.
  z.iso.datetime().refine((moment) => moment >= "0001"),
  z
    .string()
    .max(100)
    .regex(/^[a-z0-9_]*$/),
]);

export type OrderKey = z.output<typeof OrderKey>;

export const orderKey = (order: OrderRow): OrderKey => [order.placedAt.toISOString(), order.id];

export interface OrderFilter {
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly placedAfter?: Date | undefined;
  readonly customerId?: string | undefined;
}

/** Newest first, one more than the page has, where there is one. */
export const findOrderPage = (db: Db, filter: OrderFilter, page: Page<OrderKey>): Promise<OrderRow[]> =>
  db
    .select()
    .from(orders)
    .where(and(...conditions(filter), beyond(page)))
    .orderBy(desc(orders.placedAt), desc(orders.id))
    .limit(page.limit + 1);

export const countOrders = async (db: Db, filter: OrderFilter): Promise<number> => {
  const [row] = await db
    .select({ count: count() })
    .from(orders)
    .where(and(...conditions(filter)));
  return row?.count ?? 0;
};

/** The same page for several customers in one statement: up to `limit + 1` rows of each, newest first. */
export const findOrderPagesOf = async (
  db: Db,
  customerIds: readonly string[],
  page: Page<OrderKey>,
): Promise<OrderRow[]> => {
  const ranked = db
    .select({
      ...getTableColumns(orders),
      rank: sql<number>`row_number() over (partition by ${orders.customerId} order by ${orders.placedAt} desc, ${orders.id} desc)`.as(
        "rank",
      ),
    })
    .from(orders)
    .where(and(inArray(orders.customerId, [...customerIds]), beyond(page)))
    .as("ranked");
  const rows = await db
    .select()
    .from(ranked)
    .where(lte(ranked.rank, page.limit + 1))
    .orderBy(asc(ranked.customerId), asc(ranked.rank));
  return rows.map(({ rank: _, ...order }) => order);
};

export const countOrdersOf = (
  db: Db,
  customerIds: readonly string[],
): Promise<{ customerId: string; count: number }[]> =>
  db
    .select({ customerId: orders.customerId, count: count() })
    .from(orders)
    .where(inArray(orders.customerId, [...customerIds]))
    .groupBy(orders.customerId);

const conditions = ({ statuses, placedAfter, customerId }: OrderFilter): (SQL | undefined)[] => [
  statuses ? inArray(orders.status, [...statuses]) : undefined,
  placedAfter ? gt(orders.placedAt, placedAfter) : undefined,
  customerId === undefined ? undefined : eq(orders.customerId, customerId),
];

/** A row comparison, which the index on both columns answers. */
const beyond = ({ cursor }: Page<OrderKey>): SQL | undefined =>
  cursor ? sql`(${orders.placedAt}, ${orders.id}) < (${cursor[0]}::timestamptz, ${cursor[1]})` : undefined;
