import { isId, newId } from "@supergraph/service";
import { createCart, findCartLines, lockCart, removeCartLine, saveCartLine } from "../db/carts.ts";
import { isForgotten } from "../db/forgotten-customers.ts";
import type { VariantPriceRow } from "../db/schema.ts";
import { findVariantPrice } from "../db/variant-prices.ts";
import { cartIdOf, type SetLineResult, setLine } from "../domain/cart.ts";
import { isSellable } from "../domain/pricing.ts";
import type { Deps } from "./deps.ts";

export type SetCartLineResult =
  | Exclude<SetLineResult, { kind: "set" | "remove" }>
  | { readonly kind: "changed" }
  /** The account was deleted. */
  | { readonly kind: "forgotten" };

/** Sets, adds or removes a line of the viewer's cart, which is made with its first line. */
export const makeSetCartLine =
  ({ inTransaction, now }: Pick<Deps, "inTransaction" | "now">) =>
  (command: { userId: string; variantId: string; quantity: number }): Promise<SetCartLineResult> =>
    inTransaction(async (tx) => {
      const { userId, variantId, quantity } = command;
      const cartId = cartIdOf(userId);
      await lockCart(tx, cartId);
      if (await isForgotten(tx, userId)) return { kind: "forgotten" };
      const lines = await findCartLines(tx, [cartId]);
      const existing = lines.find((line) => line.variantId === variantId);
      const price: VariantPriceRow | null =
        existing?.price ?? (isId("var", variantId) ? await findVariantPrice(tx, variantId) : null);
      const result = setLine(quantity, {
        inCart: existing !== undefined,
        purchasable: price !== null && isSellable(price),
        lineCount: lines.length,
      });
      if (result.kind === "remove") await removeCartLine(tx, cartId, variantId);
      if (result.kind === "set") {
        await createCart(tx, { id: cartId, userId, createdAt: now() });
        await saveCartLine(tx, { id: existing?.id ?? newId("lin"), cartId, variantId, quantity });
      }
      return result.kind === "remove" || result.kind === "set" ? { kind: "changed" } : result;
    });
