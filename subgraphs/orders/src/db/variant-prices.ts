import { sql } from "drizzle-orm";
import type { Db } from "./connection.ts";
import { type VariantPriceRow, variantPrices } from "./schema.ts";

/** Rows a statement: a row has 9 parameters and a statement at most 65,534. */
const ROWS_PER_INSERT = 1_000;

/** Keeps the newest version of each variant: an older one, or the same again, changes nothing. In any order. */
export const projectVariantPrices = async (db: Db, changes: readonly VariantPriceRow[]): Promise<void> => {
  const rows = newestOfEach(changes);
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await db
      .insert(variantPrices)
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .onConflictDoUpdate({
        target: variantPrices.variantId,
        set: {
          productId: sql`excluded.product_id`,
          sku: sql`excluded.sku`,
          title: sql`excluded.title`,
          priceMinor: sql`excluded.price_minor`,
          currency: sql`excluded.currency`,
          weightGrams: sql`excluded.weight_grams`,
          purchasable: sql`excluded.purchasable`,
          version: sql`excluded.version`,
        },
        setWhere: sql`excluded.version > ${variantPrices.version}`,
      });
  }
};

/** A statement may touch a row once only. By id: two that project some of the same variants would otherwise wait for each other. */
const newestOfEach = (rows: readonly VariantPriceRow[]): VariantPriceRow[] => {
  const newest = new Map<string, VariantPriceRow>();
  for (const row of rows) {
    const known = newest.get(row.variantId);
    if (known === undefined || row.version > known.version) newest.set(row.variantId, row);
  }
  return [...newest.values()].sort((a, b) => (a.variantId < b.variantId ? -1 : 1));
};
