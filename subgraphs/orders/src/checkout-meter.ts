import { afterCommit } from "@supergraph/postgres";
import { counter, type MetricSource } from "@supergraph/service";
import type { Tx } from "./db/connection.ts";
import { CANCEL_REASONS, type CancelReason, type OrderStatus } from "./domain/order.ts";
import type { SagaState } from "./domain/saga-model.ts";

/** How checkouts ended: paid, called off for one of the reasons, or since the customer did not confirm the payment in time. */
export type CheckoutOutcome = "PAID" | "UNCONFIRMED" | CancelReason;

/** One step of an order. */
export interface StatusStep {
  readonly from: OrderStatus;
  readonly waitedFor: SagaState;
  readonly to: OrderStatus;
  readonly cancelReason: CancelReason | null;
}

export interface CheckoutMeter {
  /** Counted once `tx` has committed. */
  count(tx: Tx, steps: readonly StatusStep[]): void;
  /** By this process, since its start. */
  counts(): Readonly<Record<CheckoutOutcome, number>>;
}

export const createCheckoutMeter = (): CheckoutMeter => {
  const counts: Record<CheckoutOutcome, number> = {
    PAID: 0,
    UNCONFIRMED: 0,
    ...(Object.fromEntries(CANCEL_REASONS.map((reason) => [reason, 0])) as Record<CancelReason, number>),
  };
  return {
    count(tx, steps) {
      const outcomes = steps.map(outcomeOf).filter((outcome) => outcome !== null);
      if (outcomes.length === 0) return;
      afterCommit(tx, () => {
        for (const outcome of outcomes) counts[outcome] += 1;
      });
    },
    counts: () => ({ ...counts }),
  };
};

const UNDER_WAY: ReadonlySet<OrderStatus> = new Set(["PENDING", "AWAITING_PAYMENT", "CONFIRMED"]);

/** Null for a step that ends no checkout: each has one end, and what becomes of a paid order is not its checkout's. */
export const outcomeOf = ({ from, waitedFor, to, cancelReason }: StatusStep): CheckoutOutcome | null => {
  if (!UNDER_WAY.has(from)) return null;
  if (to === "PAID") return "PAID";
  if (to !== "CANCELLING" && to !== "CANCELLED") return null;
  // The same reason to customers, but nothing of ours is at fault.
  return cancelReason === "TIMED_OUT" && waitedFor === "AWAITING_ACTION" ? "UNCONFIRMED" : cancelReason;
};

const ENDED = "supergraph_checkouts_total";

export const checkoutSource = (meter: Pick<CheckoutMeter, "counts">): MetricSource => ({
  name: "checkouts",
  metrics: [
    counter(
      ENDED,
      "Checkouts that were decided: paid, or called off, by why. TIMED_OUT: products or payments did not answer in time; UNCONFIRMED: the customer did not.",
      ["outcome"],
    ),
  ],
  read: () => Object.entries(meter.counts()).map(([outcome, value]) => ({ metric: ENDED, value, labels: { outcome } })),
});
