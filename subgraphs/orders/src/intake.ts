import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { counter, type Logger, type MetricSource } from "@supergraph/service";
import {
  LOAD_KINDS,
  type Load,
  type LoadKind,
  type LoadLimits,
  NO_LOAD,
  nextPatience,
  overload,
  overloadForCarts,
  retryAfterMs,
  USUAL_PATIENCE,
} from "./domain/intake.ts";

export interface Refusal {
  readonly kind: "overloaded";
  readonly retryAfterMs: number;
}

export type Admission =
  /** `leave` when the work is done, or has failed. */
  { readonly kind: "admitted"; leave(): void } | Refusal;

/** Asked before work is begun: what can still be worked off is taken, the rest is refused before it costs much. */
export interface Intake {
  /** Before an order is placed. */
  admit(): Admission;
  /** Before a cart is filled: those who fill one would keep those waiting who place an order. */
  admitCart(): Admission;
  /** How many were refused since the start, each counted under one of its reasons. */
  shed(): Readonly<Record<LoadKind, number>>;
  stop(): void;
}

/** What is looked at now and then, rather than for each order. */
export type SampledLoad = Partial<Omit<Load, "placing" | "placing_age">>;

export interface IntakeOptions {
  /** Each is asked by itself, so that one that hangs holds up no other; what none tells of keeps the value that it had. */
  readonly samples: readonly (() => Promise<SampledLoad>)[];
  readonly limits: LoadLimits;
  readonly sampleEveryMs?: number | undefined;
  readonly log: Logger;
}

const SAMPLE_EVERY_MS = 1_000;
const EVENT_LOOP_RESOLUTION_MS = 20;

export const startIntake = ({ samples, limits, sampleEveryMs = SAMPLE_EVERY_MS, log }: IntakeOptions): Intake => {
  const { lateness, disable } = watchEventLoop();
  const shed = Object.fromEntries(LOAD_KINDS.map((kind) => [kind, 0])) as Record<LoadKind, number>;
  let load: Load = NO_LOAD;
  let overloaded: readonly LoadKind[] = [];
  let overloadedForCarts: readonly LoadKind[] = [];
  /** When all that is under way was admitted, the oldest first; by the monotonic clock. */
  const placing = new Map<symbol, number>();
  let patience = USUAL_PATIENCE;
  let demand = { taken: 0, refused: 0 };

  const look = (changes: SampledLoad) => {
    const now = performance.now();
    const [oldest = now] = placing.values();
    load = { ...load, ...changes, placing: placing.size, placing_age: now - oldest };
    const before = overloaded;
    overloaded = overload(before, load, limits);
    overloadedForCarts = overloadForCarts(overloadedForCarts, load, limits);
    if (overloaded.length > 0 && before.length === 0)
      log.warn({ overloaded, load }, "orders are refused: too much is under way");
    if (overloaded.length === 0 && before.length > 0) log.info({ load }, "orders are taken again");
  };

  const stopped = new AbortController();
  const keepLooking = async (sample: () => Promise<SampledLoad>) => {
    let failures = 0;
    while (!stopped.signal.aborted) {
      try {
        look(await sample());
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1 && !stopped.signal.aborted)
          log.warn({ err: error }, "could not look at what is under way, will retry");
      }
      // Stopped, the pause rejects at once.
      await pause(sampleEveryMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const lookAtThisProcess = async (): Promise<SampledLoad> => {
    patience = nextPatience(patience, demand);
    demand = { taken: 0, refused: 0 };
    return { event_loop: lateness() };
  };
  for (const sample of [lookAtThisProcess, ...samples]) void keepLooking(sample);

  const take = (reasons: readonly LoadKind[]): Admission => {
    const [reason] = reasons;
    if (reason !== undefined) {
      shed[reason] += 1;
      demand.refused += 1;
      return { kind: "overloaded", retryAfterMs: retryAfterMs(reasons, patience, Math.random()) };
    }
    demand.taken += 1;
    const work = Symbol();
    placing.set(work, performance.now());
    look({});
    return {
      kind: "admitted",
      leave() {
        if (placing.delete(work)) look({});
      },
    };
  };

  return {
    admit() {
      look({});
      return take(overloaded);
    },
    admitCart() {
      look({});
      return take(overloadedForCarts);
    },
    shed: () => ({ ...shed }),
    stop() {
      stopped.abort();
      disable();
    },
  };
};

/** Null, while nobody has looked, tells nothing. */
export const outboxLoad = (outbox: { readonly depth: number; readonly oldestMs: number } | null): SampledLoad =>
  outbox === null ? {} : { outbox_depth: outbox.depth, outbox_age: outbox.oldestMs };

const SHED = "supergraph_orders_shed_total";

export const intakeSource = (intake: Pick<Intake, "shed">): MetricSource => ({
  name: "intake",
  metrics: [
    counter(SHED, "Orders and carts that were refused since too much was under way, by what it was.", ["reason"]),
  ],
  read: () => Object.entries(intake.shed()).map(([reason, value]) => ({ metric: SHED, value, labels: { reason } })),
});

/** The mean of many looks, not the worst of them: one pause of the garbage collector is no overload. */
const watchEventLoop = () => {
  const histogram = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  histogram.enable();
  let count = 0;
  let totalMs = 0;
  let latenessMs = 0;
  return {
    /** By how many milliseconds a timer fired too late, on average since the last call; as then where none fired. */
    lateness(): number {
      // Never reset: after that the histogram drops its first value, which for a loop that is late enough is every one.
      const countNow = histogram.count;
      if (countNow > count) {
        const totalNowMs = (histogram.mean * countNow) / 1e6;
        latenessMs = Math.max(0, (totalNowMs - totalMs) / (countNow - count) - EVENT_LOOP_RESOLUTION_MS);
        [count, totalMs] = [countNow, totalNowMs];
      }
      return latenessMs;
    },
    disable: () => histogram.disable(),
  };
};
