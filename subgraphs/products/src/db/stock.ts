import { isOff } from "@supergraph/failpoints";
import { jsonRows } from "@supergraph/postgres";
import { asc, eq, inArray, sql } from "drizzle-orm";
import type { StockChange } from "../domain/reservation-batch.ts";
import type { Stock } from "../domain/stock.ts";
import type { Db, Tx } from "./connection.ts";
import { stock } from "./schema.ts";

export interface StockRow extends Stock {
  readonly variantId: string;
}

export const findStock = async (db: Db, variantIds: readonly string[]): Promise<StockRow[]> =>
  db
    .select()
    .from(stock)
    .where(inArray(stock.variantId, [...variantIds]));

/**
 * The stock of these variants, which nobody else changes until the transaction ends. Locked in id order: two orders
 * that share variants would otherwise deadlock.
 */
export const lockStock = async (tx: Tx, variantIds: readonly string[]): Promise<StockRow[]> =>
  tx
    .select()
    .from(stock)
    .where(inArray(stock.variantId, [...variantIds]))
    .orderBy(asc(stock.variantId))
    .for("update");

export const setOnHand = async (tx: Tx, variantId: string, onHand: number): Promise<void> => {
  await tx.update(stock).set({ onHand }).where(eq(stock.variantId, variantId));
};

/**
 * Changes all of them or none. The caller holds the locks of {@link lockStock} and has decided on what it saw there; the
 * condition is here again because overselling is the one mistake that this table must never make.
 */
export const changeStock = async (tx: Tx, changes: ReadonlyMap<string, StockChange>): Promise<void> => {
  if (changes.size === 0) return;
  const rows = jsonRows(
    [...changes].map(([variantId, change]) => ({ variantId, ...change })),
    `"variantId" text, "onHand" int, reserved int`,
  );
  const guard = isOff("stock")
    ? sql`true`
    : sql`stock.reserved + changed.reserved between 0 and stock.on_hand + changed."onHand"`;
  const changed = await tx.execute(sql`
    update stock set on_hand = stock.on_hand + changed."onHand", reserved = stock.reserved + changed.reserved
    from ${rows} where stock.variant_id = changed."variantId" and ${guard}
    returning stock.variant_id`);
  if (changed.length !== changes.size)
    throw new Error(
      `Expected to change the stock of ${changes.size} variants, but only ${changed.length} allowed it: ${JSON.stringify([...changes])}.`,
    );
};
