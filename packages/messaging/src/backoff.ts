/** Exponential: the first pause, doubled after each failure, never above `max`. Milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly max: number;
}

/** With {@link DEFAULT_MAX_DELIVERIES}: about 12 minutes, so that a dependency's restart costs nobody a message. */
export const DEFAULT_BACKOFF_MS: Backoff = { first: 200, max: 60_000 };
export const DEFAULT_MAX_DELIVERIES = 20;

/**
 * The pause after the `attempt`-th failure (from 1): between half and all of the exponential step, so that what failed
 * together does not come back together. `random` gives 0 ≤ n < 1.
 */
export const backoffDelay = ({ first, max }: Backoff, attempt: number, random: () => number): number => {
  const step = Math.min(max, first * 2 ** Math.min(attempt - 1, 30));
  return Math.round(step * (0.5 + random() / 2));
};
