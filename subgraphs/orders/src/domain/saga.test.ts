import { describe, expect, it } from "vitest";
import { after, at, eventsFor, NOON, SAGAS, sagaAfter } from "../testing/saga-states.ts";
import { begin, decide } from "./saga.ts";
import type { Command, Decision, Saga } from "./saga-model.ts";
import { DEFAULT_SAGA_POLICY } from "./saga-timing.ts";

type EventName = keyof ReturnType<typeof eventsFor>;

/**
 * What each event does in each state; what is not listed is ignored. Read `→ STATE(reason) commands [undo pending] !`:
 * a `*` marks a repeated command, another reservation than the first is named, `!` alerts people.
 */
const TABLE: Record<keyof typeof SAGAS, Partial<Record<EventName, string>>> = {
  RESERVING: {
    reserved: "→ AUTHORIZING authorize",
    rejected: "→ CANCELLED(OUT_OF_STOCK)",
    expired: "→ CANCELLED(TIMED_OUT)",
    "first deadline": "reserve*",
    "last deadline": "→ COMPENSATING(TIMED_OUT) release [RELEASE]",
    cancelRequested: "→ COMPENSATING(CUSTOMER) release [RELEASE]",
  },
  AUTHORIZING: {
    authorized: "→ COMMITTING commit",
    actionRequired: "→ AWAITING_ACTION",
    declined: "→ COMPENSATING(PAYMENT_DECLINED) release [RELEASE]",
    voided: "→ COMPENSATING(PAYMENT_DECLINED) release [RELEASE]",
    "failed to authorize": "→ COMPENSATING(PAYMENT_DECLINED) release [RELEASE]",
    "first deadline": "authorize*",
    "last deadline": "→ COMPENSATING(TIMED_OUT) release void [RELEASE VOID]",
    cancelRequested: "→ COMPENSATING(CUSTOMER) release void [RELEASE VOID]",
  },
  AWAITING_ACTION: {
    authorized: "→ COMMITTING commit",
    declined: "→ COMPENSATING(PAYMENT_DECLINED) release [RELEASE]",
    voided: "→ COMPENSATING(PAYMENT_DECLINED) release [RELEASE]",
    "failed to authorize": "→ COMPENSATING(PAYMENT_DECLINED) release [RELEASE]",
    "first deadline": "→ COMPENSATING(TIMED_OUT) release void [RELEASE VOID]",
    "last deadline": "→ COMPENSATING(TIMED_OUT) release void [RELEASE VOID]",
    cancelRequested: "→ COMPENSATING(CUSTOMER) release void [RELEASE VOID]",
  },
  COMMITTING: {
    committed: "→ CAPTURING capture",
    expired: "→ RESERVING_AGAIN reserve res_3",
    "first deadline": "commit*",
    "last deadline": "commit* !",
    cancelRequested: "→ COMPENSATING(CUSTOMER) void [SETTLE_COMMIT VOID]",
  },
  RESERVING_AGAIN: {
    reserved: "→ COMMITTING commit res_2",
    rejected: "→ COMPENSATING(OUT_OF_STOCK) void [VOID]",
    expired: "→ COMPENSATING(TIMED_OUT) void [VOID]",
    "first deadline": "reserve res_2*",
    "last deadline": "→ COMPENSATING(TIMED_OUT) release res_2 void [RELEASE VOID]",
    cancelRequested: "→ COMPENSATING(CUSTOMER) release res_2 void [RELEASE VOID]",
  },
  "COMMITTING again": {
    committed: "→ CAPTURING capture",
    expired: "→ COMPENSATING(TIMED_OUT) void [VOID]",
    "first deadline": "commit res_2*",
    "last deadline": "commit res_2* !",
    cancelRequested: "→ COMPENSATING(CUSTOMER) void [SETTLE_COMMIT VOID]",
  },
  CAPTURING: {
    captured: "→ DONE",
    "failed to capture": "→ COMPENSATING(PAYMENT_DECLINED) restock void [RESTOCK VOID] !",
    "first deadline": "capture*",
    "last deadline": "capture* !",
    cancelRequested: "→ COMPENSATING(CUSTOMER) restock [RESTOCK SETTLE_CAPTURE]",
  },
  DONE: {
    cancelRequested: "→ COMPENSATING(CUSTOMER) restock refund [RESTOCK REFUND]",
  },
  "cancelled while RESERVING": {
    released: "→ CANCELLED(CUSTOMER)",
    authorized: "void* [RELEASE VOID]",
    captured: "refund [RELEASE REFUND] !",
    "first deadline": "release* [RELEASE]",
    "last deadline": "release* [RELEASE] !",
  },
  declined: {
    released: "→ CANCELLED(PAYMENT_DECLINED)",
    authorized: "void* [RELEASE VOID]",
    captured: "refund [RELEASE REFUND] !",
    "first deadline": "release* [RELEASE]",
    "last deadline": "release* [RELEASE] !",
  },
  "cancelled while AUTHORIZING": {
    released: "[VOID]",
    captured: "refund [RELEASE REFUND] !",
    voided: "[RELEASE]",
    "failed to void": "[RELEASE VOID] !",
    "first deadline": "release* void* [RELEASE VOID]",
    "last deadline": "release* void* [RELEASE VOID] !",
  },
  "cancelled while COMMITTING": {
    committed: "restock [VOID RESTOCK]",
    expired: "[VOID]",
    captured: "refund [SETTLE_COMMIT REFUND] !",
    voided: "[SETTLE_COMMIT]",
    "failed to void": "[SETTLE_COMMIT VOID] !",
    "first deadline": "void* commit* [SETTLE_COMMIT VOID]",
    "last deadline": "void* commit* [SETTLE_COMMIT VOID] !",
  },
  "cancelled while CAPTURING": {
    restocked: "[SETTLE_CAPTURE]",
    captured: "refund [RESTOCK REFUND]",
    "failed to capture": "void [RESTOCK VOID]",
    "first deadline": "restock* capture* [RESTOCK SETTLE_CAPTURE]",
    "last deadline": "restock* capture* [RESTOCK SETTLE_CAPTURE] !",
  },
  "capture failed": {
    restocked: "[VOID]",
    captured: "refund [RESTOCK REFUND] !",
    voided: "[RESTOCK]",
    "failed to void": "[RESTOCK VOID] !",
    "first deadline": "restock* void* [RESTOCK VOID]",
    "last deadline": "restock* void* [RESTOCK VOID] !",
  },
  "cancelled when DONE": {
    restocked: "[REFUND]",
    refunded: "[RESTOCK]",
    "failed to refund": "[RESTOCK REFUND] !",
    "first deadline": "restock* refund* [RESTOCK REFUND]",
    "last deadline": "restock* refund* [RESTOCK REFUND] !",
  },
  "CANCELLED before goods and money": {
    reserved: "release*",
    authorized: "void*",
    captured: "refund* !",
  },
  "CANCELLED after a payment was voided": {
    reserved: "release*",
    authorized: "void*",
    captured: "refund* !",
  },
  "CANCELLED after a refund": {},
};

describe("every event in every state", () => {
  const cases = Object.entries(SAGAS).flatMap(([name, saga]) =>
    Object.entries(eventsFor(saga)).map(([eventName, event]) => ({ name, saga, eventName, event })),
  );
  it.each(cases)("$name: $eventName", ({ name, saga, eventName, event }) => {
    const decision = decide(saga, event, at(momentOf(eventName, saga), "res_3"));
    const expected = TABLE[name as keyof typeof SAGAS][eventName as EventName] ?? "ignored";
    expect(describeDecision(saga, decision)).toBe(expected);
  });

  it.each(Object.entries(SAGAS))("%s: ignores what is said of another reservation", (_name, saga) => {
    for (const kind of ["reserved", "rejected", "committed", "expired"] as const)
      expect(decide(saga, { kind, reservationId: "res_other" }, at(NOON))).toEqual({ kind: "ignored" });
    for (const restocked of [true, false])
      expect(decide(saga, { kind: "released", reservationId: "res_other", restocked }, at(NOON))).toEqual({
        kind: "ignored",
      });
  });

  it.each(Object.entries(SAGAS))("%s: ignores a deadline that has not come", (_name, saga) => {
    expect(decide(saga, { kind: "deadline" }, at(after(1)))).toEqual({ kind: "ignored" });
  });
});

describe("what the customer sees", () => {
  it("tells each change of status once, and none where the status stays", () => {
    const statuses = [
      decide(SAGAS.RESERVING, eventsFor(SAGAS.RESERVING).reserved, at(NOON)),
      decide(SAGAS.AUTHORIZING, { kind: "actionRequired" }, at(NOON)),
      decide(SAGAS.AWAITING_ACTION, { kind: "authorized" }, at(NOON)),
      decide(SAGAS.COMMITTING, eventsFor(SAGAS.COMMITTING).committed, at(NOON)),
      decide(SAGAS.CAPTURING, { kind: "captured" }, at(NOON)),
    ].map((decision) => (decision.kind === "decided" ? (decision.statusChange?.status ?? null) : "ignored"));
    expect(statuses).toEqual(["AWAITING_PAYMENT", null, null, "CONFIRMED", "PAID"]);
  });

  it("notes why a payment was declined", () => {
    const decision = decide(SAGAS.AUTHORIZING, { kind: "declined", declineCode: "card_expired" }, at(NOON));
    expect(decision).toMatchObject({ statusChange: { status: "CANCELLING", note: "Payment declined: card_expired." } });
  });

  it("keeps the words of whoever cancelled", () => {
    const event = { kind: "cancelRequested", reason: "ADMIN", note: "Fraud." } as const;
    expect(decide(SAGAS.DONE, event, at(NOON))).toMatchObject({
      saga: { cancelReason: "ADMIN" },
      statusChange: { status: "CANCELLING", note: "Fraud." },
    });
  });
});

describe("deadlines", () => {
  it("asks to hold the goods for 45 minutes, and repeats the same request after 30 s, 1 min, 2 min", () => {
    const { saga, commands } = begin({ ...at(NOON), newReservationId: "res_1" });
    const reserve = { kind: "reserve", reservationId: "res_1", expiresAt: after(45 * 60_000) };
    expect(commands).toEqual([{ ...reserve, repeat: false }]);
    const waits: number[] = [];
    let waiting = saga;
    for (let round = 0; round < 3; round += 1) {
      const due = waiting.deadlineAt ?? NOON;
      const decision = decide(waiting, { kind: "deadline" }, at(due));
      if (decision.kind !== "decided") throw new Error("The deadline was ignored.");
      expect(decision.commands).toEqual([{ ...reserve, repeat: true }]);
      waits.push((decision.saga.deadlineAt?.getTime() ?? 0) - due.getTime());
      waiting = decision.saga;
    }
    expect(saga.deadlineAt).toEqual(after(30_000));
    expect(waits).toEqual([60_000, 120_000, 240_000]);
  });

  it.each([
    ["RESERVING", 15],
    ["AUTHORIZING", 15],
    ["AWAITING_ACTION", 10],
    ["RESERVING_AGAIN", 15],
  ] as const)("gives up %s after %i minutes, not a millisecond earlier", (state, minutes) => {
    const saga: Saga = { ...SAGAS[state], deadlineAt: NOON };
    const early = decide(saga, { kind: "deadline" }, at(after(minutes * 60_000 - 1)));
    expect(early).toMatchObject({ saga: { state, deadlineAt: after(minutes * 60_000) } });
    expect(decide(saga, { kind: "deadline" }, at(after(minutes * 60_000)))).toMatchObject({
      saga: { state: "COMPENSATING", cancelReason: "TIMED_OUT" },
    });
  });

  it("wakes at 5 minutes to alert, though the repeats have grown further apart, and goes on for ever", () => {
    let saga: Saga = SAGAS["cancelled while RESERVING"];
    const wakes: { minute: number; alert: boolean }[] = [];
    for (let round = 0; round < 30; round += 1) {
      const due = saga.deadlineAt ?? NOON;
      const decision = decide(saga, { kind: "deadline" }, at(due));
      if (decision.kind !== "decided") throw new Error("The deadline was ignored.");
      expect(decision.commands).toHaveLength(1);
      wakes.push({ minute: (due.getTime() - NOON.getTime()) / 60_000, alert: decision.alert !== null });
      saga = decision.saga;
    }
    expect(wakes.filter(({ alert }) => !alert).map(({ minute }) => minute)).toEqual([0.5, 1.5, 3.5]);
    expect(wakes.find(({ alert }) => alert)?.minute).toBe(5);
    const last = wakes.slice(-2).map(({ minute }) => minute);
    expect((last[1] ?? 0) - (last[0] ?? 0)).toBe(DEFAULT_SAGA_POLICY.resendAtMostMs / 60_000);
  });

  it("spreads repeats by chance, up to half as far again, but neither the end of waiting nor the alert", () => {
    const repeated = (saga: Saga, now: Date, jitter: number) => {
      const decision = decide(saga, { kind: "deadline" }, { ...at(now), jitter });
      if (decision.kind !== "decided") throw new Error("The deadline was ignored.");
      return decision.saga;
    };
    expect(repeated(SAGAS.COMMITTING, after(30_000), 0).deadlineAt).toEqual(after(90_000));
    expect(repeated(SAGAS.COMMITTING, after(30_000), 1).deadlineAt).toEqual(after(120_000));
    const late = repeated(SAGAS.RESERVING, after(15 * 60_000 - 1_000), 1);
    expect(late.deadlineAt).toEqual(after(15 * 60_000));
    const stuck = repeated(SAGAS["cancelled while RESERVING"], after(290_000), 1);
    expect(stuck.deadlineAt).toEqual(after(5 * 60_000));
  });

  it("asks for a refund under a new request after the provider refused one, so that it is tried anew", () => {
    const refused = sagaAfter(
      ...["reserved", "authorized", "committed", "captured", "cancelRequested", "failed to refund"].map(
        (name) => eventsFor(SAGAS.RESERVING)[name as EventName],
      ),
    );
    const decision = decide(refused, { kind: "deadline" }, at(refused.deadlineAt ?? NOON));
    expect(decision).toMatchObject({ commands: [{ kind: "restock" }, { kind: "refund", attempt: 2 }] });
  });
});

const momentOf = (eventName: string, saga: Saga): Date => {
  if (eventName === "first deadline") return saga.deadlineAt ?? NOON;
  return eventName === "last deadline" ? after(24 * 3_600_000) : after(1_000);
};

const describeDecision = (before: Saga, decision: Decision): string => {
  if (decision.kind === "ignored") return "ignored";
  const { saga, commands, alert } = decision;
  const reason = saga.cancelReason ? `(${saga.cancelReason})` : "";
  const undo = Object.entries(saga.undo).flatMap(([step, progress]) => (progress === "PENDING" ? [step] : []));
  return [
    saga.state === before.state ? [] : [`→ ${saga.state}${reason}`],
    commands.map(describeCommand),
    undo.length > 0 ? [`[${undo.join(" ")}]`] : [],
    alert === null ? [] : ["!"],
  ]
    .flat()
    .join(" ");
};

const describeCommand = (command: Command): string => {
  const reservation =
    "reservationId" in command && command.reservationId !== "res_1" ? ` ${command.reservationId}` : "";
  return `${command.kind}${reservation}${command.repeat ? "*" : ""}`;
};
