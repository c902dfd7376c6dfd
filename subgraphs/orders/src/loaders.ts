import { isId, type Page, type Viewer } from "@supergraph/service";
import DataLoader from "dataloader";
import { findCartLines, type PricedCartLine } from "./db/carts.ts";
import type { Db } from "./db/connection.ts";
import { countOrdersOf, findOrderPagesOf, type OrderKey } from "./db/order-pages.ts";
import { findOrderEvents, findOrderLines, findOrders } from "./db/orders.ts";
import type { OrderEventRow, OrderLineRow, OrderRow } from "./db/schema.ts";
import { cartIdOf } from "./domain/cart.ts";

export interface PageOf {
  readonly customerId: string;
  readonly page: Page<OrderKey>;
}

/** Per request. What the viewer may not see answers as what does not exist. */
export const createLoaders = (db: Db, viewer: Viewer | null) => {
  const seesAll = viewer?.scopes.includes("orders:read") ?? false;
  const maySee = (customerId: string): boolean => seesAll || customerId === viewer?.userId;

  const order = new DataLoader<string, OrderRow | null>(async (ids) => {
    const wellFormed = viewer ? ids.filter((id) => isId("ord", id)) : [];
    const rows = wellFormed.length > 0 ? await findOrders(db, wellFormed) : [];
    const byId = new Map(rows.filter(({ customerId }) => maySee(customerId)).map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  });
  const orderLines = new DataLoader<string, OrderLineRow[]>(async (orderIds) =>
    inOrderOf(orderIds, await findOrderLines(db, orderIds), ({ orderId }) => orderId),
  );
  const orderEvents = new DataLoader<string, OrderEventRow[]>(async (orderIds) =>
    inOrderOf(orderIds, await findOrderEvents(db, orderIds), ({ orderId }) => orderId),
  );
  const cartLines = new DataLoader<string, PricedCartLine[]>(async (cartIds) =>
    inOrderOf(cartIds, await findCartLines(db, cartIds), ({ cartId }) => cartId),
  );
  /** Each page of up to `limit + 1` rows; of several customers' same page in one statement. */
  const orderPage = new DataLoader<PageOf, OrderRow[], string>(
    async (wanted) => {
      const samePage = new Map<string, { page: Page<OrderKey>; customerIds: string[] }>();
      for (const { customerId, page } of wanted) {
        const group = samePage.get(JSON.stringify(page));
        if (group) group.customerIds.push(customerId);
        else samePage.set(JSON.stringify(page), { page, customerIds: [customerId] });
      }
      const found = new Map<string, OrderRow[]>();
      for (const { page, customerIds } of samePage.values()) {
        const lists = inOrderOf(
          customerIds,
          await findOrderPagesOf(db, customerIds, page),
          ({ customerId }) => customerId,
        );
        customerIds.forEach((customerId, index) => {
          found.set(pageKey({ customerId, page }), lists[index] ?? []);
        });
      }
      return wanted.map((one) => found.get(pageKey(one)) ?? []);
    },
    { cacheKeyFn: pageKey },
  );
  const orderCount = new DataLoader<string, number>(async (customerIds) => {
    const counts = new Map((await countOrdersOf(db, customerIds)).map(({ customerId, count }) => [customerId, count]));
    return customerIds.map((customerId) => counts.get(customerId) ?? 0);
  });

  return {
    order,
    orderLines,
    orderEvents,
    cartLines,
    orderPage,
    orderCount,
    /** After a change within the request: what was loaded of the order before is out of date. */
    forgetOrder(orderId: string): void {
      order.clear(orderId);
      orderLines.clear(orderId);
      orderEvents.clear(orderId);
      orderPage.clearAll();
      orderCount.clearAll();
    },
    forgetCart(userId: string): void {
      cartLines.clear(cartIdOf(userId));
    },
  };
};

export type Loaders = ReturnType<typeof createLoaders>;

const pageKey = ({ customerId, page }: PageOf): string => JSON.stringify([customerId, page]);

/** `rows` by key, a list for each of `keys`, in their order. */
const inOrderOf = <Row>(keys: readonly string[], rows: readonly Row[], keyOf: (row: Row) => string): Row[][] => {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    const list = byKey.get(keyOf(row));
    if (list) list.push(row);
    else byKey.set(keyOf(row), [row]);
  }
  return keys.map((key) => byKey.get(key) ?? []);
};
