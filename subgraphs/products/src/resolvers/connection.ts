import {
  badUserInput,
  type ConnectionArguments,
  isId,
  type Page,
  type PageInfo,
  parsePage,
  toConnection,
} from "@supergraph/service";
import { z } from "zod";
import type { ProductOrder, ProductPlace, ProductRange } from "../db/product-lists.ts";
import type { Search } from "../domain/search.ts";

/** What `ProductConnection` is resolved from: places only, so that the products of all lists are loaded together. */
export interface ProductConnectionModel {
  readonly edges: ProductEdgeModel[];
  readonly pageInfo: PageInfo;
  readonly count: () => Promise<number>;
}

export interface ProductEdgeModel {
  readonly cursor: string;
  readonly productId: string;
}

/** A place, and the list that it is a place of: its order, and how it was searched. */
export interface ProductCursor extends ProductPlace {
  readonly order: ProductOrder;
  readonly search: Search["kind"];
}

/** Reads the arguments of a list of products; a cursor that another order or kind of search gave is refused. */
export const readProductPage = (
  args: ConnectionArguments,
  order: ProductOrder,
  searches: readonly Search["kind"][],
): Page<ProductCursor> => {
  if (args.first != null && args.last != null)
    throw badUserInput("Pass `first` to page forwards or `last` to page backwards, not both.", "last");
  return parsePage(
    args,
    z.object({
      order: z.literal(order),
      search: z.enum(searches),
      id: z.string().refine((id) => isId("prd", id)),
      key: keySchemas[order],
    }),
  );
};

/** One row more than the page shows, to know whether there are more. */
export const rangeOf = (page: Page<ProductCursor>, order: ProductOrder): ProductRange => ({
  order,
  direction: page.direction,
  cursor: page.cursor && { id: page.cursor.id, key: page.cursor.key },
  limit: page.limit + 1,
});

export const toProductConnection = (
  places: readonly ProductPlace[],
  page: Page<ProductCursor>,
  list: Pick<ProductCursor, "order" | "search">,
  count: () => Promise<number>,
): ProductConnectionModel => {
  const { edges, pageInfo } = toConnection(places, page, ({ id, key }): ProductCursor => ({ ...list, id, key }));
  return { edges: edges.map(({ cursor, node }) => ({ cursor, productId: node.id })), pageInfo, count };
};

/** The last millisecond that RFC 3339 can tell, 31 December 9999. */
const LAST_MOMENT = 253_402_300_799_999;

const price = z.string().regex(/^\d{1,18}$/);

/** What the database can read; a cursor may be anybody's invention. */
const keySchemas: Record<ProductOrder, z.ZodType<string>> = {
  PRICE_ASC: price,
  PRICE_DESC: price,
  NEWEST: z
    .string()
    .regex(/^\d{1,15}$/)
    .refine((key) => Number(key) <= LAST_MOMENT),
  RELEVANCE: z
    .string()
    .regex(/^\d{1,20}(\.\d{1,30})?(e[+-]?\d{1,3})?$/)
    .refine((key) => Number.isFinite(Number(key))),
};
