import { formatAmount, money } from "@supergraph/contracts";
import type { CancelOrderResult } from "../commands/cancel-order.ts";
import type { PlaceOrderResult } from "../commands/place-order.ts";
import type { SetCartLineResult } from "../commands/set-cart-line.ts";
import type { ShipOrderResult } from "../commands/ship-order.ts";
import type { InvalidField } from "../domain/text.ts";
import type { OrderErrorCode, OrderUserError } from "../generated/resolvers.ts";

type Failure<Result, Success> = Exclude<Result, { kind: Success }>;

export const cartErrors = (
  result: Failure<SetCartLineResult, "changed" | "forgotten">,
  variantId: string,
): OrderUserError[] => {
  switch (result.kind) {
    case "invalidQuantity":
      return [userError("INVALID", result.message, { path: ["quantity"] })];
    case "cartFull":
      return [userError("INVALID", result.message)];
    case "variantUnavailable":
      return [
        userError("VARIANT_UNAVAILABLE", "No such variant is sold.", {
          path: ["variantId"],
          // What is longer than any id is not worth sending back.
          variantId: variantId.length <= MAX_ECHOED_ID_LENGTH ? variantId : null,
        }),
      ];
    case "overloaded":
      return [overloaded("Too many are shopping: try again a little later. The cart is as it was.", result)];
  }
};

export const placeOrderErrors = (result: Failure<PlaceOrderResult, "placed" | "forgotten">): OrderUserError[] => {
  switch (result.kind) {
    case "invalid":
      return invalidFields(result.fields);
    case "cartEmpty":
      return [userError("CART_EMPTY", "There is nothing in the cart.")];
    case "priceChanged":
      return [
        userError("PRICE_CHANGED", `The total is ${formatAmount(money(result.totalMinor))} EUR now.`, {
          path: ["input", "expectedTotal"],
        }),
      ];
    case "variantsUnavailable":
      return result.lines.map(({ variantId, title }) =>
        userError("VARIANT_UNAVAILABLE", `${title} is no longer sold: remove it from the cart.`, { variantId }),
      );
    case "idempotencyMismatch":
      return [IDEMPOTENCY_MISMATCH];
    case "overloaded":
      return [overloaded("Too many orders are under way: try again a little later. Nothing was placed.", result)];
  }
};

export const cancelOrderErrors = (result: Failure<CancelOrderResult, "cancelling">): OrderUserError[] => {
  switch (result.kind) {
    case "invalid":
      return invalidFields(result.fields);
    case "notFound":
      return [userError("NOT_FOUND", "There is no such order.", { path: ["input", "id"] })];
    case "notCancellable":
      return [userError("NOT_CANCELLABLE", `An order that is ${result.status} cannot be cancelled.`)];
    case "idempotencyMismatch":
      return [IDEMPOTENCY_MISMATCH];
  }
};

export const shipOrderErrors = (result: Failure<ShipOrderResult, "shipped">): OrderUserError[] => {
  switch (result.kind) {
    case "invalid":
      return [userError("INVALID", result.message, { path: [...result.path] })];
    case "notFound":
      return [userError("NOT_FOUND", "There is no such order.", { path: ["id"] })];
  }
};

const MAX_ECHOED_ID_LENGTH = 100;

const userError = (
  code: OrderErrorCode,
  message: string,
  {
    path = null,
    variantId = null,
    retryAfterMs = null,
  }: { path?: string[] | null; variantId?: string | null; retryAfterMs?: number | null } = {},
): OrderUserError => ({ code, message, path, variantId, retryAfterMs });

const overloaded = (message: string, { retryAfterMs }: { readonly retryAfterMs: number }): OrderUserError =>
  userError("OVERLOADED", message, { retryAfterMs });

const invalidFields = (fields: readonly InvalidField[]): OrderUserError[] =>
  fields.map(({ path, message }) => userError("INVALID", message, { path: ["input", ...path] }));

const IDEMPOTENCY_MISMATCH = userError(
  "IDEMPOTENCY_MISMATCH",
  "This idempotency key was used for another request: choose a new one.",
  { path: ["input", "idempotencyKey"] },
);
