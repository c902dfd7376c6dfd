import type { TrafficStats } from "./model.ts";

/** What customers did and were told, counted. */
export interface Tallies {
  /** Orders that a customer began. */
  begun: number;
  /** Customers who came while everybody was waiting for an answer. */
  turnedAway: number;
  acknowledged: number;
  shed: number;
  retried: number;
  cancelled: number;
  confirmed: number;
  refunded: number;
  /** Pages that were read. */
  read: number;
  readonly refusals: Map<string, number>;
  readonly retriedBecause: Map<string, number>;
  readonly failures: string[];
  readonly latenciesMs: number[];
}

export const createTallies = (): Tallies => ({
  begun: 0,
  turnedAway: 0,
  acknowledged: 0,
  shed: 0,
  retried: 0,
  cancelled: 0,
  confirmed: 0,
  refunded: 0,
  read: 0,
  refusals: new Map(),
  retriedBecause: new Map(),
  failures: [],
  latenciesMs: [],
});

export const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

export const toStats = ({ acknowledged, shed, retried, failures, latenciesMs }: Tallies): TrafficStats => ({
  acknowledged,
  shed,
  retried,
  failures: [...failures],
  latenciesMs: [...latenciesMs],
});

/** What `now` has more than `before`, which is an earlier state of the same tallies. */
export const since = (now: TrafficStats, before: TrafficStats): TrafficStats => ({
  acknowledged: now.acknowledged - before.acknowledged,
  shed: now.shed - before.shed,
  retried: now.retried - before.retried,
  failures: now.failures.slice(before.failures.length),
  latenciesMs: now.latenciesMs.slice(before.latenciesMs.length),
});

/** The value that `share` (0 to 1) of all are not above; 0 of none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
};
