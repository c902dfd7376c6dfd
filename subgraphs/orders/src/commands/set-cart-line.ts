import { isId, newId } from "@supergraph/service";
import { findLineToSet, lockCart, removeCartLine, saveCartLine } from "../db/carts.ts";
import { cartIdOf, type SetLineResult, setLine } from "../domain/cart.ts";
import { isSellable } from "../domain/pricing.ts";
import type { Refusal } from "../intake.ts";
import type { Deps } from "./deps.ts";

export type SetCartLineResult =
  | Exclude<SetLineResult, { kind: "set" | "remove" }>
  | { readonly kind: "changed" }
  /** The account was deleted. */
  | { readonly kind: "forgotten" }
  /** Nothing was looked at. */
  | Refusal;

export interface SetCartLine {
  readonly userId: string;
  readonly variantId: string;
  readonly quantity: number;
}

/**
 * Sets, adds or removes a line of the viewer's cart, which is made with its first line. Refused before it costs
 * anything while this process has too much to do.
 */
export const makeSetCartLine =
  (deps: Pick<Deps, "inTransaction" | "now" | "intake">) =>
  async (command: SetCartLine): Promise<SetCartLineResult> => {
    const admission = deps.intake.admitCart();
    if (admission.kind === "overloaded") return admission;
    try {
      return await setCartLine(deps, command);
    } finally {
      admission.leave();
    }
  };

const setCartLine = (
  { inTransaction, now }: Pick<Deps, "inTransaction" | "now">,
  { userId, variantId, quantity }: SetCartLine,
): Promise<SetCartLineResult> =>
  inTransaction(async (tx) => {
    const cartId = cartIdOf(userId);
    await lockCart(tx, cartId);
    const known = isId("var", variantId) ? variantId : "";
    const { forgotten, inCart, lineCount, variant } = await findLineToSet(tx, { userId, cartId, variantId: known });
    if (forgotten) return { kind: "forgotten" };
    const purchasable = variant !== null && isSellable(variant);
    const result = setLine(quantity, { inCart, purchasable, lineCount });
    if (result.kind === "remove") await removeCartLine(tx, cartId, variantId);
    if (result.kind === "set") {
      const line = { id: newId("lin"), cartId, variantId, quantity };
      await saveCartLine(tx, { userId, createdAt: now(), line });
    }
    return result.kind === "remove" || result.kind === "set" ? { kind: "changed" } : result;
  });
