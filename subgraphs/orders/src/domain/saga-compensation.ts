import type { CancelReason } from "./order.ts";
import {
  type Command,
  type Decision,
  type DecisionContext,
  type Saga,
  type SagaEvent,
  UNDO_STEPS,
  type UndoStep,
} from "./saga-model.ts";
import { schedule } from "./saga-timing.ts";

/** Starts undoing `steps`; the order is CANCELLED once the last of them is acknowledged. */
export const compensate = (
  saga: Saga,
  reason: CancelReason,
  steps: readonly UndoStep[],
  note: string | null,
  context: DecisionContext,
): Extract<Decision, { kind: "decided" }> => {
  const undoing = schedule(
    {
      ...saga,
      state: "COMPENSATING",
      cancelReason: reason,
      undo: Object.fromEntries(steps.map((step) => [step, "PENDING"])),
    },
    context,
  );
  return {
    kind: "decided",
    saga: undoing,
    commands: steps.filter((step) => !isSettling(step)).map((step) => commandOf(step, undoing, false)),
    statusChange: { status: "CANCELLING", note },
    alert: null,
  };
};

/** Ends an order that holds neither goods nor money. */
export const cancelled = (
  saga: Saga,
  reason: CancelReason,
  note: string | null,
  context: DecisionContext,
): Extract<Decision, { kind: "decided" }> => ({
  kind: "decided",
  saga: schedule({ ...saga, state: "CANCELLED", cancelReason: reason }, context),
  commands: [],
  statusChange: { status: "CANCELLED", note },
  alert: null,
});

export const decideCompensating = (saga: Saga, event: SagaEvent, context: DecisionContext): Decision => {
  const isPending = (step: UndoStep) => saga.undo[step] === "PENDING";
  switch (event.kind) {
    case "released": {
      const step = event.restocked ? "RESTOCK" : "RELEASE";
      return isPending(step) ? settle(saga, step, null, context) : IGNORED;
    }
    case "committed":
      return isPending("SETTLE_COMMIT") ? settle(saga, "SETTLE_COMMIT", "RESTOCK", context) : IGNORED;
    case "expired":
      return isPending("SETTLE_COMMIT") ? settle(saga, "SETTLE_COMMIT", null, context) : IGNORED;
    case "voided":
      return isPending("VOID") ? settle(saga, "VOID", null, context) : IGNORED;
    case "refunded":
      return event.full && isPending("REFUND") ? settle(saga, "REFUND", null, context) : IGNORED;
    case "captured":
      if (isPending("SETTLE_CAPTURE")) return settle(saga, "SETTLE_CAPTURE", "REFUND", context);
      if (saga.undo.REFUND !== undefined) return IGNORED;
      return { ...settle(saga, "VOID", "REFUND", context), alert: CAPTURED_AFTER_ALL };
    case "failed":
      return decideFailedUndo(saga, event.operation, context);
    case "reserved":
      return isPending("RELEASE") || saga.commitRequested ? IGNORED : undoAlso(saga, "RELEASE");
    case "authorized":
      return isPending("VOID") || saga.captureRequested ? IGNORED : undoAlso(saga, "VOID");
    case "deadline":
      return resendPending(saga, context);
    default:
      return IGNORED;
  }
};

/** The end, but for what arrives after it: goods or money that came to be held all the same go back. */
export const decideCancelled = (saga: Saga, event: SagaEvent): Decision => {
  switch (event.kind) {
    case "reserved":
      return saga.commitRequested ? IGNORED : undoLate(saga, "RELEASE", null);
    case "authorized":
      return saga.captureRequested ? IGNORED : undoLate(saga, "VOID", null);
    case "captured":
      return saga.undo.REFUND === undefined ? undoLate(saga, "REFUND", CAPTURED_AFTER_ALL) : IGNORED;
    default:
      return IGNORED;
  }
};

const decideFailedUndo = (
  saga: Saga,
  operation: "AUTHORIZE" | "CAPTURE" | "VOID" | "REFUND",
  context: DecisionContext,
): Decision => {
  if (operation === "CAPTURE" && saga.undo.SETTLE_CAPTURE === "PENDING")
    return settle(saga, "SETTLE_CAPTURE", "VOID", context);
  if (operation === "REFUND" && saga.undo.REFUND === "PENDING")
    return stay({ ...saga, refundAttempt: saga.refundAttempt + 1 }, "The provider refused a cancelled order's refund.");
  if (operation === "VOID" && saga.undo.VOID === "PENDING")
    return stay(saga, "The provider refused to void a cancelled order's payment.");
  return IGNORED;
};

/** `step` is acknowledged; `next`, where given, is what its answer showed to be undone still. */
const settle = (
  saga: Saga,
  step: UndoStep,
  next: UndoStep | null,
  context: DecisionContext,
): Extract<Decision, { kind: "decided" }> => {
  const settled: Saga = { ...saga, undo: { ...saga.undo, [step]: "DONE", ...(next ? { [next]: "PENDING" } : {}) } };
  if (pendingSteps(settled).length === 0 && saga.cancelReason !== null)
    return cancelled(settled, saga.cancelReason, null, context);
  return {
    kind: "decided",
    saga: settled,
    commands: next ? [commandOf(next, settled, false)] : [],
    statusChange: null,
    alert: null,
  };
};

const undoAlso = (saga: Saga, step: UndoStep): Decision => {
  const undoing: Saga = { ...saga, undo: { ...saga.undo, [step]: "PENDING" } };
  return {
    kind: "decided",
    saga: undoing,
    commands: [commandOf(step, undoing, true)],
    statusChange: null,
    alert: null,
  };
};

const undoLate = (saga: Saga, step: UndoStep, alert: string | null): Decision => ({
  kind: "decided",
  saga: { ...saga, undo: { ...saga.undo, [step]: "DONE" } },
  commands: [commandOf(step, saga, true)],
  statusChange: null,
  alert,
});

const resendPending = (saga: Saga, context: DecisionContext): Decision => {
  const waitedMs = context.now.getTime() - saga.enteredAt.getTime();
  return {
    kind: "decided",
    saga: schedule(saga, context, { again: true }),
    commands: pendingSteps(saga).map((step) => commandOf(step, saga, true)),
    statusChange: null,
    alert:
      waitedMs >= context.policy.alertAfterMs
        ? `A cancelled order still waits for ${pendingSteps(saga).join(", ")}: its goods or money are not back.`
        : null,
  };
};

const stay = (saga: Saga, alert: string): Decision => ({
  kind: "decided",
  saga,
  commands: [],
  statusChange: null,
  alert,
});

const pendingSteps = ({ undo }: Saga): UndoStep[] => UNDO_STEPS.filter((step) => undo[step] === "PENDING");

const isSettling = (step: UndoStep): boolean => step === "SETTLE_COMMIT" || step === "SETTLE_CAPTURE";

const commandOf = (step: UndoStep, saga: Saga, repeat: boolean): Command => {
  const { reservationId } = saga;
  const reason = saga.cancelReason ?? "CUSTOMER";
  switch (step) {
    case "RELEASE":
      return { kind: "release", reservationId, repeat };
    case "RESTOCK":
      return { kind: "restock", reservationId, repeat };
    case "VOID":
      return { kind: "void", reason, repeat };
    case "REFUND":
      return { kind: "refund", attempt: saga.refundAttempt, reason, repeat };
    case "SETTLE_COMMIT":
      return { kind: "commit", reservationId, repeat };
    case "SETTLE_CAPTURE":
      return { kind: "capture", repeat };
  }
};

const CAPTURED_AFTER_ALL = "A cancelled order's payment was captured after all: it is being refunded.";

const IGNORED = { kind: "ignored" } satisfies Decision;
