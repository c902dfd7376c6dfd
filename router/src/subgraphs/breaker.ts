import { CircuitState, circuitBreaker, handleWhenResult, type IBreaker } from "cockatiel";
import type { Outcome } from "./call.ts";
import type { BreakerSettings } from "./settings.ts";

export type BreakerState = "closed" | "open" | "half-open";

/** Spares a subgraph that fails, and those who would wait for it, calls that would fail. */
export interface Breaker {
  readonly state: BreakerState;
  /** Milliseconds until it is worth asking again; null while calls may be made. */
  refusal(): number | null;
  /** Null when the call was not made, see {@link Breaker.refusal}. */
  run(call: () => Promise<Outcome>): Promise<Outcome | null>;
}

/** What an open circuit says when a call that tries the subgraph is under way: it will be known soon. */
const SOON_MS = 100;

/**
 * @param settings False for a breaker that never opens.
 * @param onStateChange Told once of each change.
 */
export const createBreaker = (
  settings: BreakerSettings | false,
  onStateChange: (state: BreakerState) => void,
): Breaker => {
  if (!settings) return { state: "closed", refusal: () => null, run: (call) => call() };
  const { openMs } = settings;
  const policy = circuitBreaker(
    handleWhenResult((outcome) => healthOf(outcome as Outcome) === "ill"),
    { halfOpenAfter: openMs, breaker: createFailureCriterion(settings) },
  );
  let openedAt = 0;
  policy.onBreak(() => {
    // Cockatiel's clock.
    openedAt = Date.now();
  });
  policy.onStateChange((state) => onStateChange(STATES[state]));

  const refusal = (): number | null => {
    if (policy.state === CircuitState.Closed) return null;
    if (policy.state === CircuitState.HalfOpen) return Math.min(SOON_MS, openMs);
    const remaining = openMs - (Date.now() - openedAt);
    return remaining > 0 ? remaining : null;
  };

  return {
    get state() {
      return STATES[policy.state];
    },
    refusal,
    async run(call) {
      if (refusal() !== null) return null;
      const isTrial = policy.state !== CircuitState.Closed;
      try {
        return await policy.execute(async () => {
          const outcome = await call();
          if (outcome.kind === "answered" || outcome.health !== "unknown") return outcome;
          // Counts for nothing. A trial that proved nothing leaves the circuit open: the next one may prove more.
          if (isTrial) return { ...outcome, health: "ill" };
          throw new Uncounted(outcome);
        });
      } catch (error) {
        if (error instanceof Uncounted) return error.outcome;
        throw error;
      }
    },
  };
};

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half-open",
  [CircuitState.Isolated]: "open",
};

const healthOf = (outcome: Outcome) => (outcome.kind === "answered" ? "alive" : outcome.health);

/** Cockatiel takes everything that returns for a success or a failure: what is neither has to be thrown past it. */
class Uncounted extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super("not counted");
    this.outcome = outcome;
  }
}

const BUCKETS = 10;

/**
 * When to open: by the share of failures within the window, or by failures in a row. Cockatiel's own sampling counts what
 * is older than its window as long as few calls come.
 */
const createFailureCriterion = ({
  failureRatio,
  windowMs,
  minimumCalls,
  consecutiveFailures,
}: BreakerSettings): IBreaker => {
  const bucketMs = windowMs / BUCKETS;
  const emptyBuckets = () => Array.from({ length: BUCKETS }, () => ({ ordinal: -1, calls: 0, failures: 0 }));
  let buckets = emptyBuckets();
  let failuresInARow = 0;

  const ordinalNow = () => Math.floor(Date.now() / bucketMs);
  const count = (failures: 0 | 1): void => {
    const ordinal = ordinalNow();
    const bucket = buckets[ordinal % BUCKETS];
    if (!bucket) return;
    if (bucket.ordinal !== ordinal) {
      bucket.ordinal = ordinal;
      bucket.calls = 0;
      bucket.failures = 0;
    }
    bucket.calls += 1;
    bucket.failures += failures;
  };

  const isTooMuch = (): boolean => {
    if (consecutiveFailures !== null && failuresInARow >= consecutiveFailures) return true;
    const oldest = ordinalNow() - BUCKETS + 1;
    let calls = 0;
    let failures = 0;
    for (const bucket of buckets)
      if (bucket.ordinal >= oldest) {
        calls += bucket.calls;
        failures += bucket.failures;
      }
    return calls >= minimumCalls && failures >= failureRatio * calls;
  };

  return {
    state: null,
    success(state) {
      failuresInARow = 0;
      // What was counted before the subgraph came back must not open the circuit at its next failure.
      if (state === CircuitState.HalfOpen) buckets = emptyBuckets();
      count(0);
    },
    failure(state) {
      failuresInARow += 1;
      count(1);
      return state !== CircuitState.Closed || isTooMuch();
    },
  };
};
