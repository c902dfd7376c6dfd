import { formatAmount, money } from "@supergraph/contracts";
import { priceOrder } from "@supergraph/orders/seed";
import { z } from "zod";
import { type Query, read } from "../invariants/databases.ts";

/** What so many of a variant cost as an order of their own, as `Cart.totals` would say: without asking for each purchase. */
export type TotalOf = (purchase: { readonly variantId: string; readonly quantity: number }) => string;

const Price = z.object({ variantId: z.string(), priceMinor: z.int(), weightGrams: z.int() });

/** @param country Where the goods go. */
export const readTotals = async (orders: Query, country: string): Promise<TotalOf> => {
  const rows = await read(
    orders,
    Price,
    `select variant_id as "variantId", price_minor::int as "priceMinor", weight_grams as "weightGrams" from variant_prices`,
  );
  const prices = new Map(rows.map((row) => [row.variantId, row]));
  return ({ variantId, quantity }) => {
    const price = prices.get(variantId);
    if (!price) throw new Error(`Nobody knows what ${variantId} costs.`);
    const line = { quantity, unitPriceMinor: BigInt(price.priceMinor), weightGrams: price.weightGrams };
    return formatAmount(money(priceOrder([line], country).totalMinor));
  };
};
