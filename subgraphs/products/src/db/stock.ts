import { isOff } from "@supergraph/failpoints";
import { asc, eq, inArray, sql } from "drizzle-orm";
import type { Line, StockMove } from "../domain/reservation.ts";
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
 * Moves one line a variant, all of them or none. The caller holds the locks of {@link lockStock} and has decided on what
 * it saw there; the conditions are here again because overselling is the one mistake that this table must never make.
 */
export const moveStock = async (tx: Tx, move: Exclude<StockMove, "none">, lines: readonly Line[]): Promise<void> => {
  const moves = {
    hold: {
      change: sql`reserved = stock.reserved + line.quantity`,
      guard: isOff("stock") ? sql`true` : sql`stock.on_hand - stock.reserved >= line.quantity`,
    },
    unhold: { change: sql`reserved = stock.reserved - line.quantity`, guard: sql`stock.reserved >= line.quantity` },
    ship: {
      change: sql`on_hand = stock.on_hand - line.quantity, reserved = stock.reserved - line.quantity`,
      guard: sql`stock.reserved >= line.quantity`,
    },
    return: { change: sql`on_hand = stock.on_hand + line.quantity`, guard: sql`true` },
  };
  const { change, guard } = moves[move];
  const values = sql.join(
    lines.map(({ variantId, quantity }) => sql`(${variantId}, ${quantity}::int)`),
    sql`, `,
  );
  const moved = await tx.execute(sql`
    update stock set ${change} from (values ${values}) as line (variant_id, quantity)
    where stock.variant_id = line.variant_id and ${guard}
    returning stock.variant_id`);
  if (moved.length !== lines.length)
    throw new Error(
      `Expected to ${move} ${lines.length} lines of stock, but only ${moved.length} allowed it: ${JSON.stringify(lines)}.`,
    );
};
