import { reach } from "@supergraph/failpoints";
import { type Backoff, backoffDelay } from "./backoff.ts";
import { type Consumer, consumerName, type Delivery, Unavailable } from "./bus.ts";
import { settlesWithin } from "./deadline.ts";
import type { Log } from "./log.ts";

/** How a bus hands messages to handlers. */
export interface HandlingOptions {
  /** Batches that run at once, a consumer and process. 2 unless given: few and large ones cost the database least. */
  readonly concurrency?: number;
  /** Messages in a batch at the most. 100 unless given. */
  readonly maxBatch?: number;
  /**
   * After a batch the next that is not full is begun so much later: four times as long as that one took, within these
   * bounds. Under load, what comes meanwhile shares a transaction; a message that comes after a pause is handled at once.
   * 10 and 100 unless given.
   */
  readonly paceMs?: { readonly least: number; readonly most: number };
  /** After so long a batch counts as failed; what comes of it later is the inbox's to decide. 60,000 unless given. */
  readonly handlerTimeoutMs?: number;
  /** Pauses while the consumer is {@link Unavailable}. Up to 2 s unless given: short, so that its return is soon noticed. */
  readonly outageBackoffMs?: Backoff;
}

export type Outcome =
  | { readonly kind: "handled" }
  /** It was not handled, and nothing says that it ever would be: it failed without any other message. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** It was not begun, since the bus stops. */
  | { readonly kind: "stopped" };

/** Puts what waits for one consumer into batches. */
export interface Batcher {
  /**
   * Resolves once the delivery took effect, failed by itself, or the bus stops; never rejects. The caller keeps
   * messages of one key apart. `alone` is for those that must not take others with them when they fail once more.
   */
  handle(delivery: Delivery, alone: boolean): Promise<Outcome>;
  /** Deliveries that a handler has now. */
  running(): number;
}

export interface BatcherOptions {
  readonly handling: HandlingOptions;
  readonly consumer: Consumer;
  readonly log: Log;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** Aborted when the bus stops. */
  readonly stopping: AbortSignal;
}

const DEFAULT_PACE_MS = { least: 10, most: 100 };
/** So much of a consumer's time is for batches that are not full. */
const PACED_SHARE = 1 / 4;
const DEFAULT_OUTAGE_BACKOFF_MS: Backoff = { first: 100, max: 2_000 };

interface Entry {
  readonly delivery: Delivery;
  alone: boolean;
  readonly settle: (outcome: Outcome) => void;
}

/**
 * Hands all that waits, up to `maxBatch`, to the consumer at once, and at most `concurrency` such batches at a time. A
 * batch that fails is tried again in halves, until only messages that fail alone are left. While the consumer is
 * {@link Unavailable}, what it was given waits, and one batch at a time asks whether it is back.
 */
export const createBatcher = (options: BatcherOptions): Batcher => {
  const { consumer, log, random, stopping } = options;
  const { concurrency = 2, maxBatch = 100, paceMs = DEFAULT_PACE_MS, handlerTimeoutMs = 60_000 } = options.handling;
  const { outageBackoffMs = DEFAULT_OUTAGE_BACKOFF_MS } = options.handling;
  const name = consumerName(consumer);
  const together: Entry[] = [];
  const apart: Entry[] = [];
  let begun = 0;
  let begunApart = 0;
  let running = 0;
  let isDue = false;
  let isApartNext = false;
  let outages = 0;
  let isProbing = false;
  let nextAt = Number.NEGATIVE_INFINITY;
  let pacing: NodeJS.Timeout | null = null;
  let pause: NodeJS.Timeout | null = null;

  const settleAll = (entries: readonly Entry[], outcome: Outcome) => {
    for (const { settle } of entries) settle(outcome);
  };

  stopping.addEventListener("abort", () => {
    if (pause) clearTimeout(pause);
    if (pacing) clearTimeout(pacing);
    settleAll([...together.splice(0), ...apart.splice(0)], { kind: "stopped" });
  });

  /** Not at once: what the broker sends in one go arrives message by message, and belongs into one batch. */
  const beginSoon = () => {
    if (isDue) return;
    const earlyMs = together.length >= maxBatch || apart.length > 0 ? 0 : nextAt - performance.now();
    if (earlyMs > 0) {
      pacing ??= setTimeout(beginAll, Math.ceil(earlyMs));
      return;
    }
    isDue = true;
    setImmediate(beginAll);
  };

  const beginAll = () => {
    isDue = false;
    if (pacing) clearTimeout(pacing);
    pacing = null;
    while (mayBegin()) {
      const entries = takeNext();
      if (entries.length === 0) return;
      void begin(entries);
    }
  };

  const mayBegin = () => pause === null && begun < concurrency && !(outages > 0 && isProbing);

  const takeNext = (): Entry[] => {
    // Never in all slots: those that hang, as they may have done before, would keep the others waiting.
    const mayBeApart = apart.length > 0 && begunApart < Math.max(1, concurrency - 1);
    if (mayBeApart && (isApartNext || together.length === 0)) {
      isApartNext = false;
      // Any of them: the one that ends the process each time is not to keep those behind it from ever being tried.
      return apart.splice(Math.floor(random() * apart.length), 1);
    }
    isApartNext = true;
    return together.splice(0, maxBatch);
  };

  const begin = async (entries: readonly Entry[]): Promise<void> => {
    const isApart = entries.some(({ alone }) => alone);
    const isProbe = outages > 0;
    begun += 1;
    const begunAt = performance.now();
    nextAt = begunAt + paceMs.least;
    if (isApart) begunApart += 1;
    if (isProbe) isProbing = true;
    reach("consumer:received");
    await handleAll(entries);
    const tookMs = performance.now() - begunAt;
    nextAt = begunAt + Math.min(paceMs.most, Math.max(paceMs.least, tookMs / PACED_SHARE));
    begun -= 1;
    if (isApart) begunApart -= 1;
    if (isProbe) isProbing = false;
    beginSoon();
  };

  const handleAll = async (entries: readonly Entry[], isPart = false): Promise<void> => {
    if (stopping.aborted) return settleAll(entries, { kind: "stopped" });
    if (pause) return putBack(entries);
    const failure = await failureOf(entries);
    if (failure === null) {
      endOutage();
      reach("consumer:handled");
      return settleAll(entries, { kind: "handled" });
    }
    const { error } = failure;
    if (error instanceof Unavailable) {
      putBack(entries);
      return beginOutage(error);
    }
    const isTimeout = error instanceof HandlerTimeout;
    if (!isTimeout) endOutage();
    if (entries.length === 1) return settleAll(entries, { kind: "failed", error });
    if (isTimeout) {
      // In halves each of them would take the whole time again.
      for (const entry of entries) entry.alone = true;
      return putBack(entries);
    }
    if (!isPart)
      log.warn({ consumer: name, messages: entries.length, err: error }, "a batch failed: trying its halves");
    const middle = Math.ceil(entries.length / 2);
    await handleAll(entries.slice(0, middle), true);
    await handleAll(entries.slice(middle), true);
  };

  const failureOf = async (entries: readonly Entry[]): Promise<{ error: unknown } | null> => {
    running += entries.length;
    try {
      const handling = (async () => consumer.handle(entries.map(({ delivery }) => delivery)))();
      if (await settlesWithin(handling, handlerTimeoutMs)) return null;
      return { error: new HandlerTimeout(handlerTimeoutMs) };
    } catch (error) {
      return { error };
    } finally {
      running -= entries.length;
    }
  };

  /** Before what came later. */
  const putBack = (entries: readonly Entry[]) => {
    if (stopping.aborted) return settleAll(entries, { kind: "stopped" });
    apart.unshift(...entries.filter(({ alone }) => alone));
    together.unshift(...entries.filter(({ alone }) => !alone));
  };

  const beginOutage = (error: Unavailable) => {
    if (pause || stopping.aborted) return;
    outages += 1;
    const delayMs = backoffDelay(outageBackoffMs, outages, random);
    if (outages === 1) log.warn({ consumer: name, err: error, delayMs }, "a consumer cannot work now: waiting");
    pause = setTimeout(() => {
      pause = null;
      beginAll();
    }, delayMs);
  };

  const endOutage = () => {
    if (outages > 0) log.info({ consumer: name, outages }, "a consumer works again");
    outages = 0;
  };

  return {
    handle: (delivery, alone) =>
      new Promise((settle) => {
        if (stopping.aborted) return settle({ kind: "stopped" });
        (alone ? apart : together).push({ delivery, alone, settle });
        beginSoon();
      }),
    running: () => running,
  };
};

class HandlerTimeout extends Error {
  override readonly name = "HandlerTimeout";
  constructor(timeoutMs: number) {
    super(`It was not handled within ${timeoutMs} ms.`);
  }
}
