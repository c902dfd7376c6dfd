export type Rule =
  | "0 ≤ reserved ≤ on_hand"
  | "what is reserved is held by reservations"
  | "on_hand moves only by what was sold, restocked or adjusted"
  | "orders knows the prices of the catalogue"
  | "a PAID order was captured exactly once, for its total"
  | "a PAID order's goods left the stock once"
  | "a CANCELLED order holds no money"
  | "a CANCELLED order holds no stock"
  | "no goods and no money are held without an order that wants them"
  | "the provider and payments agree"
  | "a payment is about its order's total"
  | "one order per idempotency key"
  | "what was acknowledged to a client exists"
  | "what was refused to a client was not done"
  | "a cancellation that was accepted is carried out"
  | "what the API answers is what the databases hold"
  | "an order costs what its lines cost"
  | "an order's status, timeline and saga agree"
  | "no saga stays past its deadline"
  | "every outbox row is published"
  | "every event's effect is applied"
  | "no event's effect is applied twice";

export interface Violation {
  readonly rule: Rule;
  /** What it is about, and what was found. */
  readonly evidence: string;
}

/** What was there before the test: example orders never went through stock and checkout, and their goods never moved. */
export interface Baseline {
  readonly originOfVariants: ReadonlyMap<string, number>;
  readonly orderIds: ReadonlySet<string>;
}

/** An answer that a client got to `placeOrder`. */
export interface Acknowledged {
  readonly idempotencyKey: string;
  readonly orderId: string;
}

/** What clients were told. */
export interface ToldToClients {
  readonly acknowledged: readonly Acknowledged[];
  /** Idempotency keys of orders that were refused for good, and are not asked for again. */
  readonly refusedKeys: readonly string[];
  /** Orders whose cancellation was accepted. */
  readonly cancelledOrderIds: readonly string[];
}

export const unless = (holds: boolean, rule: Rule, evidence: () => string): Violation[] =>
  holds ? [] : [{ rule, evidence: evidence() }];

/** Statuses of orders whose money was taken for good. */
export const PAID: ReadonlySet<string> = new Set(["PAID", "SHIPPED", "DELIVERED"]);
