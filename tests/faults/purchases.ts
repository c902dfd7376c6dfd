import type { Mix, Shop } from "./model.ts";
import type { Random } from "./random.ts";
import type { Purchase } from "./shopper.ts";

/** What a customer does with an order, drawn before it begins: what happens to one order never changes another. */
export interface Plan {
  readonly purchase: Purchase;
  /** When to call it off, counted from its acknowledgement; null for never. */
  readonly cancelAfterMs: number | null;
  /** Whether to confirm a payment that needs it. */
  readonly confirms: boolean;
  readonly looksAtOrders: boolean;
  readonly isRefunded: boolean;
}

/** Most payments go through; of the rest there is enough of each kind in any minute. */
export const DEFAULT_MIX: Mix = {
  scarce: 0.03,
  cancelled: 0.06,
  doubled: 0.03,
  tokens: {
    tok_approve: 820,
    tok_decline_insufficient_funds: 20,
    tok_decline_card_expired: 10,
    tok_decline_suspected_fraud: 10,
    tok_action_required: 20,
    tok_slow: 10,
    tok_timeout_after_charge: 10,
    tok_error_once: 30,
    tok_webhook_twice: 40,
    tok_webhook_early: 30,
  },
};

const LOOKS_AT_ORDERS = 0.02;
const CONFIRMS = 0.75;
const IS_REFUNDED = 0.005;
const LONGEST_BEFORE_CANCELLING_MS = 3_000;
const MOST_PIECES = 3;

export const drawPlan = (random: Random, shop: Shop, mix: Mix, idempotencyKey: string): Plan => {
  // All of it is drawn for every order, so that another mix leaves the rest of the sequence as it is.
  const scarce = random.fraction();
  const plentifulWare = random.pick(shop.plentiful);
  const scarceWare = random.pick(shop.scarce);
  const quantity = random.integer(1, MOST_PIECES);
  const paymentMethodToken = pickWeighted(random.fraction(), mix.tokens);
  const isDoubled = random.fraction() < mix.doubled;
  const isCancelled = random.fraction() < mix.cancelled;
  const cancelAt = random.fraction();
  return {
    purchase: {
      idempotencyKey,
      variantId: (scarce < mix.scarce ? scarceWare : plentifulWare).variantId,
      quantity,
      paymentMethodToken,
      isDoubled,
    },
    // A third of them at once.
    cancelAfterMs: isCancelled ? Math.max(0, cancelAt * 1.5 - 0.5) * LONGEST_BEFORE_CANCELLING_MS : null,
    confirms: random.fraction() < CONFIRMS,
    looksAtOrders: random.fraction() < LOOKS_AT_ORDERS,
    isRefunded: random.fraction() < IS_REFUNDED,
  };
};

/** @param at From 0 (inclusive) to 1 (exclusive). */
const pickWeighted = (at: number, weights: Readonly<Record<string, number>>): string => {
  const entries = Object.entries(weights);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  let rest = at * total;
  for (const [name, weight] of entries) {
    rest -= weight;
    if (rest < 0) return name;
  }
  throw new RangeError("Expected weights of which one at least is more than 0.");
};
