import type { CancelReason, OrderStatus } from "./order.ts";

export const SAGA_STATES = [
  "RESERVING",
  "AUTHORIZING",
  "AWAITING_ACTION",
  "COMMITTING",
  "RESERVING_AGAIN",
  "CAPTURING",
  "DONE",
  "COMPENSATING",
  "CANCELLED",
] as const;

export type SagaState = (typeof SAGA_STATES)[number];

/** The checkout of one order: what was asked of products and payments, and what is still to come back. */
export interface Saga {
  readonly state: SagaState;
  /** The reservation that counts now; answers about any other are stale. */
  readonly reservationId: string;
  /** How many reservations were asked for, {@link MAX_RESERVATIONS} at the most. */
  readonly reservations: number;
  /** Whether a commit of `reservationId` was ever sent: from then on its goods may have left the stock. */
  readonly commitRequested: boolean;
  /** Whether a capture was ever sent: from then on the money may have been taken. */
  readonly captureRequested: boolean;
  /** What a cancellation has to undo, and whether that was acknowledged. */
  readonly undo: Undo;
  /** Grows when the provider refuses a refund for good, so that the next request is a new one to it. */
  readonly refundAttempt: number;
  readonly cancelReason: CancelReason | null;
  /** When `state` was entered. */
  readonly enteredAt: Date;
  /** How often this state's commands were sent. */
  readonly sends: number;
  /** When waiting ends in a cancellation; null where it never does. */
  readonly giveUpAt: Date | null;
  /** When to look again: to repeat commands, to alert, or to give up. Null in an end state. */
  readonly deadlineAt: Date | null;
}

export type SagaEvent =
  | { readonly kind: "reserved" | "rejected" | "committed" | "expired"; readonly reservationId: string }
  | { readonly kind: "released"; readonly reservationId: string; readonly restocked: boolean }
  | { readonly kind: "authorized" | "actionRequired" | "captured" | "voided" }
  | { readonly kind: "declined"; readonly declineCode: string }
  | { readonly kind: "refunded"; readonly full: boolean }
  | {
      readonly kind: "failed";
      readonly operation: "AUTHORIZE" | "CAPTURE" | "VOID" | "REFUND";
      readonly reason: string;
    }
  | { readonly kind: "deadline" }
  | { readonly kind: "cancelRequested"; readonly reason: "CUSTOMER" | "ADMIN"; readonly note: string | null };

/** `repeat` tells a command that was sent before (and may be answered already) from the first of its kind. */
export type Command = { readonly repeat: boolean } & (
  | { readonly kind: "reserve"; readonly reservationId: string; readonly expiresAt: Date }
  | { readonly kind: "commit" | "release" | "restock"; readonly reservationId: string }
  | { readonly kind: "authorize" | "capture" }
  | { readonly kind: "void"; readonly reason: string }
  | { readonly kind: "refund"; readonly attempt: number; readonly reason: string }
);

export interface StatusChange {
  readonly status: OrderStatus;
  /** Shown to the customer in the order's timeline. */
  readonly note: string | null;
}

export type Decision =
  /** A duplicate, stale or meaningless event: nothing to store, nothing to send. */
  | { readonly kind: "ignored" }
  | {
      readonly kind: "decided";
      readonly saga: Saga;
      readonly commands: readonly Command[];
      readonly statusChange: StatusChange | null;
      /** For the people who run the shop: something that does not heal by itself, or has not yet. */
      readonly alert: string | null;
    };

export interface DecisionContext {
  readonly now: Date;
  /** An id that no reservation had before; used where the goods are to be reserved anew. */
  readonly newReservationId: string;
  /**
   * By chance from 0 to 1: spreads repeats, so that sagas that were told of their deadlines together, after an outage for
   * one, are not due together again.
   */
  readonly jitter: number;
  readonly policy: SagaPolicy;
}

/**
 * One thing that a cancellation waits for. `SETTLE_COMMIT` and `SETTLE_CAPTURE` wait for the answer to what was sent
 * before the cancellation: only then is it known whether there is something to restock, to refund or to void.
 */
export type UndoStep = "RELEASE" | "RESTOCK" | "VOID" | "REFUND" | "SETTLE_COMMIT" | "SETTLE_CAPTURE";

export type Undo = Readonly<Partial<Record<UndoStep, "PENDING" | "DONE">>>;

export const UNDO_STEPS = ["RELEASE", "RESTOCK", "VOID", "REFUND", "SETTLE_COMMIT", "SETTLE_CAPTURE"] as const;

/** How long to wait for what, in milliseconds. */
export interface SagaPolicy {
  /** For the stock to answer a reservation; then the order is cancelled. */
  readonly reserveTimeoutMs: number;
  /** For the provider to decide on a payment; then it is given up. */
  readonly authorizeTimeoutMs: number;
  /** For the customer to confirm the payment; then it is given up. */
  readonly actionTimeoutMs: number;
  /** For how long products is asked to hold the goods: longer than the three above together. */
  readonly reservationTtlMs: number;
  /** Before the first repeat of a command that nobody answered; each further repeat waits twice as long. */
  readonly resendAfterMs: number;
  /** The longest that two repeats are apart. */
  readonly resendAtMostMs: number;
  /** A state that never gives up calls for people once it has lasted this long. */
  readonly alertAfterMs: number;
}
