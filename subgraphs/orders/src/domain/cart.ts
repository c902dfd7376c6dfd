export const MAX_LINE_QUANTITY = 99;
export const MAX_CART_LINES = 100;

/**
 * The id of a user's one cart, from the user's own: it is the same before the first line is put into it and after it
 * was emptied.
 */
export const cartIdOf = (userId: string): string => `crt_${userId.slice(userId.indexOf("_") + 1)}`;

export type SetLineResult =
  | { readonly kind: "set" }
  | { readonly kind: "remove" }
  | { readonly kind: "invalidQuantity"; readonly message: string }
  | { readonly kind: "variantUnavailable" }
  | { readonly kind: "cartFull"; readonly message: string };

/** What setting a line to `quantity` means for a cart that has `lineCount` lines. */
export const setLine = (
  quantity: number,
  { inCart, purchasable, lineCount }: { inCart: boolean; purchasable: boolean; lineCount: number },
): SetLineResult => {
  if (quantity < 0 || quantity > MAX_LINE_QUANTITY)
    return { kind: "invalidQuantity", message: `The quantity must be from 0 to ${MAX_LINE_QUANTITY}.` };
  if (quantity === 0)
    return inCart
      ? { kind: "remove" }
      : { kind: "invalidQuantity", message: "The variant is not in the cart: there is nothing to remove." };
  if (!purchasable) return { kind: "variantUnavailable" };
  if (!inCart && lineCount >= MAX_CART_LINES)
    return { kind: "cartFull", message: `A cart holds at most ${MAX_CART_LINES} different variants.` };
  return { kind: "set" };
};
