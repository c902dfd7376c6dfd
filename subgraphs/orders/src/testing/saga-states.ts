import { begin, decide } from "../domain/saga.ts";
import type { DecisionContext, Saga, SagaEvent } from "../domain/saga-model.ts";
import { DEFAULT_SAGA_POLICY } from "../domain/saga-timing.ts";

export const NOON = new Date("2026-01-31T12:00:00.000Z");

export const after = (ms: number): Date => new Date(NOON.getTime() + ms);

export const at = (now: Date, newReservationId = "res_2"): DecisionContext => ({
  now,
  newReservationId,
  jitter: 0,
  policy: DEFAULT_SAGA_POLICY,
});

/** The saga of a new order after `events`, all at noon. @throws when one of them is ignored. */
export const sagaAfter = (...events: SagaEvent[]): Saga =>
  events.reduce(
    (saga, event) => {
      const decision = decide(saga, event, at(NOON));
      if (decision.kind === "ignored") throw new Error(`${event.kind} means nothing to a saga that is ${saga.state}.`);
      return decision.saga;
    },
    begin({ ...at(NOON), newReservationId: "res_1" }).saga,
  );

const stock = (kind: "reserved" | "rejected" | "committed" | "expired", reservationId = "res_1"): SagaEvent => ({
  kind,
  reservationId,
});

const cancelRequested: SagaEvent = { kind: "cancelRequested", reason: "CUSTOMER", note: null };

/** Every state, and the cancellations from each, by how a saga comes there. */
export const SAGAS = {
  RESERVING: sagaAfter(),
  AUTHORIZING: sagaAfter(stock("reserved")),
  AWAITING_ACTION: sagaAfter(stock("reserved"), { kind: "actionRequired" }),
  COMMITTING: sagaAfter(stock("reserved"), { kind: "authorized" }),
  RESERVING_AGAIN: sagaAfter(stock("reserved"), { kind: "authorized" }, stock("expired")),
  "COMMITTING again": sagaAfter(
    stock("reserved"),
    { kind: "authorized" },
    stock("expired"),
    stock("reserved", "res_2"),
  ),
  CAPTURING: sagaAfter(stock("reserved"), { kind: "authorized" }, stock("committed")),
  DONE: sagaAfter(stock("reserved"), { kind: "authorized" }, stock("committed"), { kind: "captured" }),
  "cancelled while RESERVING": sagaAfter(cancelRequested),
  declined: sagaAfter(stock("reserved"), { kind: "declined", declineCode: "card_expired" }),
  "cancelled while AUTHORIZING": sagaAfter(stock("reserved"), cancelRequested),
  "cancelled while COMMITTING": sagaAfter(stock("reserved"), { kind: "authorized" }, cancelRequested),
  "cancelled while CAPTURING": sagaAfter(
    stock("reserved"),
    { kind: "authorized" },
    stock("committed"),
    cancelRequested,
  ),
  "capture failed": sagaAfter(stock("reserved"), { kind: "authorized" }, stock("committed"), {
    kind: "failed",
    operation: "CAPTURE",
    reason: "gone",
  }),
  "cancelled when DONE": sagaAfter(
    stock("reserved"),
    { kind: "authorized" },
    stock("committed"),
    { kind: "captured" },
    cancelRequested,
  ),
  "CANCELLED before goods and money": sagaAfter(stock("rejected")),
  "CANCELLED after a payment was voided": sagaAfter(
    stock("reserved"),
    cancelRequested,
    { kind: "released", reservationId: "res_1", restocked: false },
    { kind: "voided" },
  ),
  "CANCELLED after a refund": sagaAfter(
    stock("reserved"),
    { kind: "authorized" },
    stock("committed"),
    { kind: "captured" },
    cancelRequested,
    { kind: "released", reservationId: "res_1", restocked: true },
    { kind: "refunded", full: true },
  ),
} satisfies Record<string, Saga>;

/** Every kind of event, about the saga's own reservation. */
export const eventsFor = ({ reservationId }: Saga) =>
  ({
    reserved: { kind: "reserved", reservationId },
    rejected: { kind: "rejected", reservationId },
    committed: { kind: "committed", reservationId },
    expired: { kind: "expired", reservationId },
    released: { kind: "released", reservationId, restocked: false },
    restocked: { kind: "released", reservationId, restocked: true },
    authorized: { kind: "authorized" },
    actionRequired: { kind: "actionRequired" },
    declined: { kind: "declined", declineCode: "card_expired" },
    captured: { kind: "captured" },
    voided: { kind: "voided" },
    refunded: { kind: "refunded", full: true },
    "refunded in part": { kind: "refunded", full: false },
    "failed to authorize": { kind: "failed", operation: "AUTHORIZE", reason: "no" },
    "failed to capture": { kind: "failed", operation: "CAPTURE", reason: "no" },
    "failed to void": { kind: "failed", operation: "VOID", reason: "no" },
    "failed to refund": { kind: "failed", operation: "REFUND", reason: "no" },
    "first deadline": { kind: "deadline" },
    "last deadline": { kind: "deadline" },
    cancelRequested,
  }) satisfies Record<string, SagaEvent>;
