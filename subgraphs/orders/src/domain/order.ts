export const ORDER_STATUSES = [
  "PENDING",
  "AWAITING_PAYMENT",
  "CONFIRMED",
  "PAID",
  "SHIPPED",
  "DELIVERED",
  "CANCELLING",
  "CANCELLED",
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const CANCEL_REASONS = ["OUT_OF_STOCK", "PAYMENT_DECLINED", "TIMED_OUT", "CUSTOMER", "ADMIN"] as const;

export type CancelReason = (typeof CANCEL_REASONS)[number];

/** Nothing changes after these. */
export const isTerminal = (status: OrderStatus): boolean => status === "DELIVERED" || status === "CANCELLED";

/** The shop needs the address no longer: the parcel has left, or never will. */
export const needsNoAddress = (status: OrderStatus): boolean => status === "SHIPPED" || isTerminal(status);

/** What a customer or the staff may still call off. From SHIPPED on it is a return, which is another process. */
export const isCancellable = (status: OrderStatus): boolean =>
  status === "PENDING" || status === "AWAITING_PAYMENT" || status === "CONFIRMED" || status === "PAID";

export type ShipResult = { kind: "shipped" } | { kind: "alreadyShipped" } | { kind: "notShippable"; message: string };

/** Only a paid order leaves the house; the same parcel may be told of twice. */
export const ship = (
  order: { readonly status: OrderStatus; readonly trackingNumber: string | null },
  trackingNumber: string,
): ShipResult => {
  if (order.status === "PAID") return { kind: "shipped" };
  if (order.status !== "SHIPPED")
    return { kind: "notShippable", message: `Only a PAID order can be shipped; this one is ${order.status}.` };
  return order.trackingNumber === trackingNumber
    ? { kind: "alreadyShipped" }
    : { kind: "notShippable", message: "The order has shipped already, under another tracking number." };
};

/** No I, L, O or U, so that a number survives being read out; no Z, which marks the example orders. */
const NUMBER_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY";
const NUMBER_LENGTH = 6;

/**
 * `SG-20260131-7KQ2M9`: the UTC day and six random characters, so that nobody can count the shop's orders from a number.
 * Not unique by itself: the database is what refuses a second one. `randomBytes` gives at least 6 bytes.
 */
export const orderNumber = (placedAt: Date, randomBytes: Uint8Array): string => {
  const day = placedAt.toISOString().slice(0, 10).replaceAll("-", "");
  const suffix = [...randomBytes.subarray(0, NUMBER_LENGTH)]
    .map((byte) => NUMBER_ALPHABET.charAt(byte % NUMBER_ALPHABET.length))
    .join("");
  return `SG-${day}-${suffix}`;
};
