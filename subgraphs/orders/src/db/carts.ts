import { and, asc, eq, inArray } from "drizzle-orm";
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

export const createCart = async (tx: Tx, cart: typeof carts.$inferInsert): Promise<void> => {
  await tx.insert(carts).values(cart).onConflictDoNothing();
};

export const saveCartLine = async (tx: Tx, line: CartLineRow): Promise<void> => {
  await tx
    .insert(cartLines)
    .values(line)
    .onConflictDoUpdate({ target: [cartLines.cartId, cartLines.variantId], set: { quantity: line.quantity } });
};

export const removeCartLine = async (tx: Tx, cartId: string, variantId: string): Promise<void> => {
  await tx.delete(cartLines).where(and(eq(cartLines.cartId, cartId), eq(cartLines.variantId, variantId)));
};

export const deleteCartOf = async (tx: Tx, userId: string): Promise<void> => {
  await tx.delete(carts).where(eq(carts.userId, userId));
};
