import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { type CartLineRow, cartLines, carts, type VariantPriceRow, variantPrices } from "./schema.ts";

/** A line at the price of now. */
export interface PricedCartLine extends CartLineRow {
  readonly price: VariantPriceRow;
}

/** In the order of their adding. */
export const findCartLines = async (db: Db, cartIds: readonly string[]): Promise<PricedCartLine[]> => {
  const rows = await db
    .select({ line: cartLines, price: variantPrices })
    .from(cartLines)
    .innerJoin(variantPrices, eq(variantPrices.variantId, cartLines.variantId))
    .where(inArray(cartLines.cartId, [...cartIds]))
    .orderBy(asc(cartLines.id));
  return rows.map(({ line, price }) => ({ ...line, price }));
};

/**
 * Makes changes of one cart wait for each other until the transaction ends. Without a row nobody has put anything
 * into that cart yet: there is nothing to wait for.
 */
export const lockCart = async (tx: Tx, cartId: string): Promise<void> => {
  await tx.select({ id: carts.id }).from(carts).where(eq(carts.id, cartId)).for("update");
};

/** What setting a line has to know before. */
export interface LineToSet {
  /** The account was deleted. */
  readonly forgotten: boolean;
  readonly inCart: boolean;
  /** Of all variants in the cart. */
  readonly lineCount: number;
  /** Null for a variant that nobody has ever sold. */
  readonly variant: Pick<VariantPriceRow, "purchasable" | "currency"> | null;
}

/** One statement for what would be four: it is on the way of every order. */
export const findLineToSet = async (
  tx: Tx,
  { userId, cartId, variantId }: { userId: string; cartId: string; variantId: string },
): Promise<LineToSet> => {
  const [row] = await tx.execute<{
    forgotten: boolean;
    inCart: boolean;
    lineCount: number;
    purchasable: boolean | null;
    currency: string | null;
  }>(sql`
    select
      exists (select from forgotten_customers where user_id = ${userId}) as forgotten,
      coalesce(in_cart, false) as "inCart", line_count as "lineCount", purchasable, currency
    from (
      select count(*)::int as line_count, bool_or(variant_id = ${variantId}) as in_cart
      from cart_lines where cart_id = ${cartId}
    ) cart
    left join variant_prices on variant_id = ${variantId}`);
  if (!row) throw new Error("Expected one row of an aggregate.");
  const { forgotten, inCart, lineCount, purchasable, currency } = row;
  const variant = purchasable === null || currency === null ? null : { purchasable, currency };
  return { forgotten, inCart, lineCount, variant };
};

/** Makes the cart with its first line. A line that is there keeps its id. */
export const saveCartLine = async (
  tx: Tx,
  { userId, createdAt, line }: { userId: string; createdAt: Date; line: CartLineRow },
): Promise<void> => {
  await tx.execute(sql`
    with cart as (
      insert into carts (id, user_id, created_at)
      values (${line.cartId}, ${userId}, ${createdAt.toISOString()}::timestamptz) on conflict do nothing
    )
    insert into cart_lines (id, cart_id, variant_id, quantity)
    values (${line.id}, ${line.cartId}, ${line.variantId}, ${line.quantity})
    on conflict (cart_id, variant_id) do update set quantity = excluded.quantity`);
};

export const removeCartLine = async (tx: Tx, cartId: string, variantId: string): Promise<void> => {
  await tx.delete(cartLines).where(and(eq(cartLines.cartId, cartId), eq(cartLines.variantId, variantId)));
};

export const deleteCartOf = async (tx: Tx, userId: string): Promise<void> => {
  await tx.delete(carts).where(eq(carts.userId, userId));
};
