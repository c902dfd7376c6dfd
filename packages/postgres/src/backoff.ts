import { setTimeout as delay } from "node:timers/promises";

export interface Backoff {
  /** Doubles with each failure, less up to half by chance. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait after the given number of failures in a row. */
export const delayAfter = (failures: number, { firstMs, maxMs }: Backoff): number =>
  Math.min(firstMs * 2 ** (failures - 1), maxMs) * (0.5 + Math.random() / 2);

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
