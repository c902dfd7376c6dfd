import type { OrderStatus } from "./order.ts";
import { cancelled, compensate, decideCancelled, decideCompensating } from "./saga-compensation.ts";
import type {
  Command,
  Decision,
  DecisionContext,
  Saga,
  SagaEvent,
  SagaPolicy,
  SagaState,
  UndoStep,
} from "./saga-model.ts";
import { schedule } from "./saga-timing.ts";

/** One for the order and one more, should the first run out before the payment was settled. */
export const MAX_RESERVATIONS = 2;

/** The status that a customer sees; DONE may since have become SHIPPED or DELIVERED. */
export const statusOf = (state: SagaState): OrderStatus => STATUS[state];

/** The saga of a new order, and its first command. */
export const begin = (context: DecisionContext): { saga: Saga; commands: Command[] } => {
  const saga = schedule(
    {
      state: "RESERVING",
      reservationId: context.newReservationId,
      reservations: 1,
      commitRequested: false,
      captureRequested: false,
      undo: {},
      refundAttempt: 1,
      cancelReason: null,
    },
    context,
  );
  return { saga, commands: [reserve(saga, context.policy, false)] };
};

/**
 * What follows from `event`, by the saga's state. Pure and total: any event may come in any state, late, twice and in
 * any order, and an event that means nothing there is ignored.
 */
export const decide = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  if ("reservationId" in event && event.reservationId !== saga.reservationId) return IGNORED;
  if (event.kind === "deadline" && (saga.deadlineAt === null || saga.deadlineAt > context.now)) return IGNORED;
  switch (saga.state) {
    case "RESERVING":
      return decideReserving(saga, event, context);
    case "AUTHORIZING":
    case "AWAITING_ACTION":
      return decideAuthorizing(saga, event, context);
    case "COMMITTING":
      return decideCommitting(saga, event, context);
    case "RESERVING_AGAIN":
      return decideReservingAgain(saga, event, context);
    case "CAPTURING":
      return decideCapturing(saga, event, context);
    case "DONE":
      return event.kind === "cancelRequested" ? cancel(saga, event, ["RESTOCK", "REFUND"], context) : IGNORED;
    case "COMPENSATING":
      return decideCompensating(saga, event, context);
    case "CANCELLED":
      return decideCancelled(saga, event);
  }
};

const decideReserving = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  switch (event.kind) {
    case "reserved":
      return move(saga, "AUTHORIZING", [{ kind: "authorize", repeat: false }], context);
    case "rejected":
      return cancelled(saga, "OUT_OF_STOCK", "Not everything was in stock.", context);
    case "expired":
      return cancelled(saga, "TIMED_OUT", "The goods could not be held any longer.", context);
    case "cancelRequested":
      return cancel(saga, event, ["RELEASE"], context);
    case "deadline":
      return isOver(saga, context)
        ? compensate(saga, "TIMED_OUT", ["RELEASE"], "The stock did not answer in time.", context)
        : resend(saga, [reserve(saga, context.policy, true)], context);
    default:
      return IGNORED;
  }
};

const decideAuthorizing = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  switch (event.kind) {
    case "authorized":
      return move({ ...saga, commitRequested: true }, "COMMITTING", [commit(saga, false)], context);
    case "actionRequired":
      return saga.state === "AWAITING_ACTION" ? IGNORED : move(saga, "AWAITING_ACTION", [], context);
    case "declined":
      return compensate(saga, "PAYMENT_DECLINED", ["RELEASE"], `Payment declined: ${event.declineCode}.`, context);
    case "failed":
      return event.operation === "AUTHORIZE"
        ? compensate(saga, "PAYMENT_DECLINED", ["RELEASE"], "The payment could not be made.", context)
        : IGNORED;
    case "voided":
      return compensate(saga, "PAYMENT_DECLINED", ["RELEASE"], "The payment was given up.", context);
    case "cancelRequested":
      return cancel(saga, event, ["RELEASE", "VOID"], context);
    case "deadline":
      if (isOver(saga, context))
        return compensate(
          saga,
          "TIMED_OUT",
          ["RELEASE", "VOID"],
          saga.state === "AWAITING_ACTION" ? "The payment was not confirmed in time." : "The payment took too long.",
          context,
        );
      // The customer, not a message, is what an AWAITING_ACTION waits for.
      return saga.state === "AWAITING_ACTION"
        ? resend(saga, [], context)
        : resend(saga, [{ kind: "authorize", repeat: true }], context);
    // `expired` as well: the commit is answered with it again, and only then is there a payment to reserve anew for.
    default:
      return IGNORED;
  }
};

/**
 * Never gives up by itself: whether the goods have left the stock is unknown until products answers, and it always
 * does once it is back, with `expired` if the hold ran out meanwhile.
 */
const decideCommitting = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  switch (event.kind) {
    case "committed":
      return move({ ...saga, captureRequested: true }, "CAPTURING", [{ kind: "capture", repeat: false }], context);
    case "expired": {
      if (saga.reservations >= MAX_RESERVATIONS)
        return compensate(saga, "TIMED_OUT", ["VOID"], "The goods could not be held any longer.", context);
      const again: Saga = {
        ...saga,
        reservationId: context.newReservationId,
        reservations: saga.reservations + 1,
        commitRequested: false,
      };
      const decision = move(again, "RESERVING_AGAIN", [], context);
      return { ...decision, commands: [reserve(decision.saga, context.policy, false)] };
    }
    case "cancelRequested":
      return cancel(saga, event, ["SETTLE_COMMIT", "VOID"], context);
    case "deadline":
      return resend(saga, [commit(saga, true)], context);
    default:
      return IGNORED;
  }
};

const decideReservingAgain = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  switch (event.kind) {
    case "reserved":
      return move({ ...saga, commitRequested: true }, "COMMITTING", [commit(saga, false)], context);
    case "rejected":
      return compensate(saga, "OUT_OF_STOCK", ["VOID"], "Not everything was in stock any more.", context);
    case "expired":
      return compensate(saga, "TIMED_OUT", ["VOID"], "The goods could not be held any longer.", context);
    case "cancelRequested":
      return cancel(saga, event, ["RELEASE", "VOID"], context);
    case "deadline":
      return isOver(saga, context)
        ? compensate(saga, "TIMED_OUT", ["RELEASE", "VOID"], "The stock did not answer in time.", context)
        : resend(saga, [reserve(saga, context.policy, true)], context);
    default:
      return IGNORED;
  }
};

const decideCapturing = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  switch (event.kind) {
    case "captured":
      return move(saga, "DONE", [], context);
    case "failed":
      if (event.operation !== "CAPTURE") return IGNORED;
      return {
        ...compensate(saga, "PAYMENT_DECLINED", ["RESTOCK", "VOID"], "The payment could not be collected.", context),
        alert: "A committed order's payment could not be captured: the goods go back into the stock.",
      };
    case "cancelRequested":
      // The capture may have happened: its answer tells whether there is something to refund or to void.
      return cancel(saga, event, ["RESTOCK", "SETTLE_CAPTURE"], context);
    case "deadline":
      return resend(saga, [{ kind: "capture", repeat: true }], context);
    default:
      return IGNORED;
  }
};

const cancel = (
  saga: Saga,
  { reason, note }: Extract<SagaEvent, { kind: "cancelRequested" }>,
  steps: readonly UndoStep[],
  context: DecisionContext,
): Decision => compensate(saga, reason, steps, note, context);

const move = (saga: Saga, state: SagaState, commands: readonly Command[], context: DecisionContext) =>
  ({
    kind: "decided",
    saga: schedule({ ...saga, state }, context),
    commands,
    statusChange: statusOf(state) === statusOf(saga.state) ? null : { status: statusOf(state), note: null },
    alert: null,
  }) satisfies Decision;

const resend = (saga: Saga, commands: readonly Command[], context: DecisionContext): Decision => ({
  kind: "decided",
  saga: schedule(saga, context, { again: true }),
  commands,
  statusChange: null,
  alert:
    saga.giveUpAt === null && context.now.getTime() - saga.enteredAt.getTime() >= context.policy.alertAfterMs
      ? `An order has been ${saga.state} for too long: its commands are not answered.`
      : null,
});

const isOver = ({ giveUpAt }: Saga, { now }: DecisionContext): boolean => giveUpAt !== null && giveUpAt <= now;

/** A repeat asks for the same `expiresAt`, so that it is the same reservation in every respect. */
const reserve = ({ reservationId, enteredAt }: Saga, policy: SagaPolicy, repeat: boolean): Command => ({
  kind: "reserve",
  reservationId,
  expiresAt: new Date(enteredAt.getTime() + policy.reservationTtlMs),
  repeat,
});

const commit = ({ reservationId }: Saga, repeat: boolean): Command => ({ kind: "commit", reservationId, repeat });

const IGNORED = { kind: "ignored" } satisfies Decision;

const STATUS: Record<SagaState, OrderStatus> = {
  RESERVING: "PENDING",
  AUTHORIZING: "AWAITING_PAYMENT",
  AWAITING_ACTION: "AWAITING_PAYMENT",
  COMMITTING: "AWAITING_PAYMENT",
  RESERVING_AGAIN: "AWAITING_PAYMENT",
  CAPTURING: "CONFIRMED",
  DONE: "PAID",
  COMPENSATING: "CANCELLING",
  CANCELLED: "CANCELLED",
};
