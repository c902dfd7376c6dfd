import { decide } from "../domain/saga.ts";
import type { Command, DecisionContext, Saga, SagaEvent } from "../domain/saga-model.ts";

type Reservation = "HELD" | "COMMITTED" | "RELEASED" | "RESTOCKED" | "EXPIRED" | "REJECTED";

type Payment = "TOMBSTONE" | "ACTION_REQUIRED" | "AUTHORIZED" | "DECLINED" | "CAPTURED" | "VOIDED" | "REFUNDED";

/** What chance decides in the world outside. */
export interface Fortune {
  readonly inStock: boolean;
  readonly payment: "authorized" | "actionRequired" | "declined";
  readonly captureWorks: boolean;
}

/**
 * A model of products and payments, and of a bus that loses, repeats and reorders everything between them and one saga.
 * Both answer every command from their state, as the contracts ask for.
 */
export class SagaWorld {
  readonly reservations = new Map<string, Reservation>();
  readonly commands: Command[] = [];
  readonly events: SagaEvent[] = [];
  payment: Payment | null = null;
  captures = 0;
  saga: Saga;
  now: Date;
  readonly #fortune: Fortune;
  readonly #policy: DecisionContext["policy"];
  #reservationIds = 1;

  constructor(start: { saga: Saga; commands: readonly Command[] }, fortune: Fortune, context: DecisionContext) {
    this.saga = start.saga;
    this.commands.push(...start.commands);
    this.now = context.now;
    this.#fortune = fortune;
    this.#policy = context.policy;
  }

  tellSaga(event: SagaEvent): void {
    const newReservationId = `res_${this.#reservationIds + 1}`;
    const decision = decide(this.saga, event, { now: this.now, newReservationId, jitter: 0, policy: this.#policy });
    if (decision.kind === "ignored") return;
    if (decision.saga.reservationId === newReservationId) this.#reservationIds += 1;
    this.saga = decision.saga;
    this.commands.push(...decision.commands);
  }

  /** Carries out one command; its answer goes on the bus. */
  carryOut(command: Command): void {
    const answer = "reservationId" in command ? this.#inStock(command) : this.#atProvider(command.kind);
    if (answer) this.events.push(answer);
  }

  /** The hold of a reservation runs out. */
  expireHold(): void {
    for (const [reservationId, state] of this.reservations) {
      if (state !== "HELD") continue;
      this.reservations.set(reservationId, "EXPIRED");
      this.events.push({ kind: "expired", reservationId });
    }
  }

  /** The customer confirms at the bank, or refuses. */
  answerBank(confirms: boolean): void {
    if (this.payment !== "ACTION_REQUIRED") return;
    this.payment = confirms ? "AUTHORIZED" : "DECLINED";
    this.events.push(confirms ? { kind: "authorized" } : { kind: "declined", declineCode: "refused" });
  }

  #inStock(command: Extract<Command, { reservationId: string }>): SagaEvent {
    const { reservationId, kind } = command;
    const state = this.reservations.get(reservationId);
    const become = (next: Reservation) => void this.reservations.set(reservationId, next);
    switch (kind) {
      case "reserve":
        if (state === undefined) become(this.#fortune.inStock ? "HELD" : "REJECTED");
        return { kind: RESERVE_ANSWERS[this.reservations.get(reservationId) ?? "REJECTED"], reservationId };
      case "commit":
        if (state === "HELD") become("COMMITTED");
        if (state === undefined) become("EXPIRED");
        return { kind: this.reservations.get(reservationId) === "COMMITTED" ? "committed" : "expired", reservationId };
      case "release":
      case "restock":
        if (state === undefined || state === "HELD") become("RELEASED");
        if (state === "COMMITTED") become("RESTOCKED");
        return { kind: "released", reservationId, restocked: kind === "restock" };
    }
  }

  #atProvider(kind: "authorize" | "capture" | "void" | "refund"): SagaEvent | null {
    switch (kind) {
      case "authorize":
        this.payment ??= FIRST_ANSWERS[this.#fortune.payment];
        return AUTHORIZE_ANSWERS[this.payment];
      case "capture":
        if (this.payment === "AUTHORIZED" && this.#fortune.captureWorks) {
          this.payment = "CAPTURED";
          this.captures += 1;
        }
        return this.payment === "CAPTURED" || this.payment === "REFUNDED"
          ? { kind: "captured" }
          : { kind: "failed", operation: "CAPTURE", reason: "no" };
      case "void":
        if (this.payment === "CAPTURED") this.payment = "REFUNDED";
        else if (this.payment === null) this.payment = "TOMBSTONE";
        else if (this.payment === "AUTHORIZED" || this.payment === "ACTION_REQUIRED") this.payment = "VOIDED";
        return { kind: "voided" };
      case "refund":
        if (this.payment === "CAPTURED") this.payment = "REFUNDED";
        return this.payment === "REFUNDED"
          ? { kind: "refunded", full: true }
          : { kind: "failed", operation: "REFUND", reason: "Nothing was captured." };
    }
  }
}

const RESERVE_ANSWERS = {
  HELD: "reserved",
  COMMITTED: "reserved",
  RELEASED: "rejected",
  RESTOCKED: "rejected",
  REJECTED: "rejected",
  EXPIRED: "expired",
} as const;

const FIRST_ANSWERS = { authorized: "AUTHORIZED", actionRequired: "ACTION_REQUIRED", declined: "DECLINED" } as const;

const AUTHORIZE_ANSWERS: Record<Payment, SagaEvent> = {
  TOMBSTONE: { kind: "failed", operation: "AUTHORIZE", reason: "voided before" },
  ACTION_REQUIRED: { kind: "actionRequired" },
  AUTHORIZED: { kind: "authorized" },
  DECLINED: { kind: "declined", declineCode: "no" },
  CAPTURED: { kind: "authorized" },
  VOIDED: { kind: "failed", operation: "AUTHORIZE", reason: "voided before" },
  REFUNDED: { kind: "authorized" },
};
