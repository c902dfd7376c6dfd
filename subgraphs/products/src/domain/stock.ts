/** Pieces of one variant: `reserved` of those `onHand` are promised to orders. */
export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
}

export type Availability = "IN_STOCK" | "LOW_STOCK" | "OUT_OF_STOCK";

/** From here down a customer is told that little is left. */
export const LOW_STOCK_FROM = 5;

export const available = ({ onHand, reserved }: Stock): number => onHand - reserved;

export const availabilityOf = (stock: Stock, purchasable: boolean): Availability => {
  const left = purchasable ? available(stock) : 0;
  if (left <= 0) return "OUT_OF_STOCK";
  return left <= LOW_STOCK_FROM ? "LOW_STOCK" : "IN_STOCK";
};

/** Far below what the database's integer holds, so that goods which come back always fit. */
export const MAX_ON_HAND = 1_000_000_000;

export type AdjustmentDecision =
  | { kind: "adjusted"; onHand: number }
  /** More would be reserved than there is. */
  | { kind: "negativeStock"; available: number }
  | { kind: "tooMuch" };

export const adjust = (stock: Stock, delta: number): AdjustmentDecision => {
  const onHand = stock.onHand + delta;
  if (onHand < stock.reserved) return { kind: "negativeStock", available: available(stock) };
  if (onHand > MAX_ON_HAND) return { kind: "tooMuch" };
  return { kind: "adjusted", onHand };
};
