import { z } from "zod";
import { defineEvent } from "./contract.ts";
import { MoneySchema } from "./money.ts";

export const variantChanged = defineEvent({
  type: "products.variant.changed",
  version: 1,
  description:
    "What a variant costs and whether it is sold. `version` grows with each change: an older one is dropped.",
  key: "variantId",
  id: "variant:{variantId}:{version}",
  schema: z.object({
    variantId: z.string(),
    productId: z.string(),
    version: z.int().positive(),
    sku: z.string(),
    /** What an order line shows: product title and variant title. */
    title: z.string(),
    price: MoneySchema,
    weightGrams: z.int().nonnegative(),
    /** False for a draft or archived product and for a removed variant. Says nothing of stock. */
    purchasable: z.boolean(),
  }),
});

const reservation = z.object({ reservationId: z.string(), orderId: z.string() });

export const stockReserved = defineEvent({
  type: "products.stock.reserved",
  version: 1,
  description: "All lines of the reservation are held until `expiresAt`.",
  key: "orderId",
  schema: reservation.extend({ expiresAt: z.iso.datetime() }),
});

export const stockRejected = defineEvent({
  type: "products.stock.rejected",
  version: 1,
  description:
    "Nothing is held: at least one line could not be reserved, or the reservation was released before it was made.",
  key: "orderId",
  schema: reservation.extend({
    reason: z.enum(["OUT_OF_STOCK", "UNKNOWN_VARIANT", "ALREADY_RELEASED"]),
    shortages: z.array(z.object({ variantId: z.string(), requested: z.int(), available: z.int() })),
  }),
});

export const stockCommitted = defineEvent({
  type: "products.stock.committed",
  version: 1,
  description: "The held goods left the stock for good.",
  key: "orderId",
  schema: reservation,
});

export const stockReleased = defineEvent({
  type: "products.stock.released",
  version: 1,
  description:
    "The reservation holds nothing any more: answers `orders.stock.release` and, with `restocked`, `orders.stock.restock`.",
  key: "orderId",
  schema: reservation.extend({ restocked: z.boolean() }),
});

export const stockExpired = defineEvent({
  type: "products.stock.expired",
  version: 1,
  description: "The reservation ran out before it was committed, or a commit came after that: nothing is held.",
  key: "orderId",
  schema: reservation,
});
