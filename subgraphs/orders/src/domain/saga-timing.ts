import type { DecisionContext, Saga, SagaPolicy, SagaState } from "./saga-model.ts";

export const DEFAULT_SAGA_POLICY: SagaPolicy = {
  reserveTimeoutMs: 15 * 60_000,
  authorizeTimeoutMs: 15 * 60_000,
  actionTimeoutMs: 10 * 60_000,
  reservationTtlMs: 45 * 60_000,
  resendAfterMs: 30_000,
  resendAtMostMs: 60 * 60_000,
  alertAfterMs: 5 * 60_000,
};

/**
 * Sets when a saga is looked at next. Without `again` its state counts as entered now; with it, as one more round of
 * waiting in the same state.
 */
export const schedule = (
  saga: Omit<Saga, "enteredAt" | "sends" | "giveUpAt" | "deadlineAt"> &
    Partial<Pick<Saga, "enteredAt" | "sends" | "giveUpAt">>,
  { now, policy, jitter }: Pick<DecisionContext, "now" | "policy" | "jitter">,
  { again = false }: { again?: boolean } = {},
): Saga => {
  const enteredAt = again ? (saga.enteredAt ?? now) : now;
  const sends = again ? (saga.sends ?? 0) + 1 : 1;
  const timeoutMs = timeoutOf(saga.state, policy);
  const giveUpAt = again ? (saga.giveUpAt ?? null) : timeoutMs === null ? null : later(now, timeoutMs);
  return {
    ...saga,
    enteredAt,
    sends,
    giveUpAt,
    deadlineAt: earliest([
      giveUpAt,
      repeats(saga.state) ? later(now, resendDelayMs(sends, policy) * (again ? 1 + jitter / 2 : 1)) : null,
      // Wake for the alert even where the repeats have grown apart.
      repeats(saga.state) && giveUpAt === null ? after(now, later(enteredAt, policy.alertAfterMs)) : null,
    ]),
  };
};

/** 30 s, 1 min, 2 min, … with the default policy; repeats wait up to half as long again, by chance. */
const resendDelayMs = (sends: number, { resendAfterMs, resendAtMostMs }: SagaPolicy): number =>
  Math.min(resendAfterMs * 2 ** Math.min(sends - 1, 30), Math.max(resendAfterMs, resendAtMostMs));

const timeoutOf = (state: SagaState, policy: SagaPolicy): number | null => {
  switch (state) {
    case "RESERVING":
    case "RESERVING_AGAIN":
      return policy.reserveTimeoutMs;
    case "AUTHORIZING":
      return policy.authorizeTimeoutMs;
    case "AWAITING_ACTION":
      return policy.actionTimeoutMs;
    default:
      return null;
  }
};

const repeats = (state: SagaState): boolean => state !== "AWAITING_ACTION" && state !== "DONE" && state !== "CANCELLED";

const later = (from: Date, ms: number): Date => new Date(from.getTime() + Math.round(ms));

const after = (now: Date, moment: Date): Date | null => (moment > now ? moment : null);

const earliest = (moments: readonly (Date | null)[]): Date | null =>
  moments.reduce((first, moment) => (first === null || (moment !== null && moment < first) ? moment : first), null);
