/** Retries that are always allowed, so that a router with few calls may retry at all. */
const QUIET_RETRIES_PER_SECOND = 5;
const QUIET_RESERVE = 10;
/** What many calls may save up for a bad moment. */
const MAX_SAVED = 100;

/** Keeps retries a share of calls: a subgraph that has too much to do must not get three times as much for it. */
export interface RetryBudget {
  /** To be told of each call. */
  countCall(): void;
  /** Takes one retry; false when there is none. */
  withdraw(): boolean;
}

/** @param share Retries for each call, from 0 to 1. */
export const createRetryBudget = (
  share: number,
  now: () => number = performance.now.bind(performance),
): RetryBudget => {
  let saved = QUIET_RESERVE;
  let refilledAt = now();
  const refill = () => {
    const at = now();
    if (saved < QUIET_RESERVE)
      saved = Math.min(QUIET_RESERVE, saved + ((at - refilledAt) / 1_000) * QUIET_RETRIES_PER_SECOND);
    refilledAt = at;
  };
  return {
    countCall() {
      saved = Math.min(MAX_SAVED, saved + share);
    },
    withdraw() {
      refill();
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
};

const BACKOFF_MS = 25;
const MAX_BACKOFF_MS = 100;
/** A subgraph that asks for more time than that is not waited for within a call. */
const MAX_RETRY_AFTER_MS = 1_000;

/**
 * Milliseconds to wait before the retry after `retried` others, by chance, so that callers that failed together do not
 * come back together; null where the subgraph asks for longer than a call waits.
 */
export const backoffMs = (retried: number, retryAfterMs: number | null, random: () => number): number | null => {
  if (retryAfterMs !== null && retryAfterMs > MAX_RETRY_AFTER_MS) return null;
  return (retryAfterMs ?? 0) + random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 4 ** retried);
};
