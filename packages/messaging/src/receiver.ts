import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { reach } from "@supergraph/failpoints";
import { type Backoff, backoffDelay } from "./backoff.ts";
import { createBatcher, type HandlingOptions } from "./batcher.ts";
import { type Consumer, type ConsumerStats, consumerName, type DeadLetter, type DeliveryFailure } from "./bus.ts";
import { newDeadLetter, newFailure } from "./dead-letters.ts";
import { settlesWithin } from "./deadline.ts";
import { createLanes } from "./lanes.ts";
import type { Log } from "./log.ts";
import type { Decoded } from "./wire.ts";

/** One delivery of one message, and how to answer the broker about it. None of the answers throws. */
export interface Receipt {
  /** 1 for the first delivery. */
  readonly attempt: number;
  /** Done: never deliver it again. */
  settle(): void;
  /** Deliver it again, to whichever replica, after `delayMs`. */
  giveBack(delayMs: number): void;
  /** Still at it: do not deliver it to another replica yet. */
  keep(): void;
}

export interface ReceiverOptions {
  readonly consumer: Consumer;
  readonly log: Log;
  readonly handling: HandlingOptions;
  readonly maxDeliveries: number;
  readonly backoffMs: Backoff;
  /** Without a word for so long the broker delivers a message again; null for one that never does. */
  readonly ackWaitMs: number | null;
  readonly random: () => number;
  /** Resolves once the letter is durable. */
  readonly bury: (letter: DeadLetter, token: string) => Promise<void>;
}

/** What stands between a broker's deliveries and a consumer's handler. */
export interface Receiver {
  /** `token` tells messages apart, and is the same for each delivery of one. */
  receive(token: string, decoded: Decoded, receipt: Receipt): void;
  stats(): ConsumerStats;
  /** Messages that a handler has now. */
  running(): number;
  /** Gives back what is not begun, waits for handlers that run, for `timeoutMs` at the most. */
  stop(timeoutMs: number): Promise<void>;
}

interface Held {
  receipt: Receipt;
  /** Deliveries that came while it was here, as after a broken connection: nobody failed to handle those. */
  excused: number;
}

/** How long the messages behind one that was given back wait for it beyond its pause: another replica may have got it. */
const REDELIVERY_GRACE_MS = 1_000;
/** From this delivery on a message is handled alone: it may be the one that ended the process each time. */
const SUSPECT_FROM_ATTEMPT = 3;
const MAX_REMEMBERED_MESSAGES = 1_000;
const MAX_REMEMBERED_FAILURES = 20;

/**
 * Handles what a broker delivers, in batches: one after another per key, and so that a message which was given back is
 * handled before its successors if it returns to this process. It tells the broker that it is at work for as long as a
 * message is here, so a slow handler or a long queue causes no second delivery. What fails alone is given back with a
 * growing pause, and after `maxDeliveries` buried; what cannot be decoded is buried at once.
 */
export const createReceiver = (options: ReceiverOptions): Receiver => {
  const { consumer, log, handling, maxDeliveries, backoffMs, ackWaitMs, random, bury } = options;
  const name = consumerName(consumer);
  const lanes = createLanes();
  const held = new Map<string, Held>();
  const awaited = new Map<string, (receipt: Receipt) => void>();
  const failures = createFailures();
  const settling = new Set<Promise<void>>();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const batcher = createBatcher({ consumer, log, handling, random, stopping: stopping.signal });
  let present = 0;
  const counts = { handled: 0, redeliveries: 0, deadLetters: 0 };
  const heartbeat = ackWaitMs === null ? null : setInterval(() => keepAll(held), ackWaitMs / 3);
  heartbeat?.unref();

  /** Resolves to the answer to the broker, which is the last word of this process about the message. */
  const settle = async (token: string, mine: Held, decoded: Decoded): Promise<() => void> => {
    const { message } = decoded;
    const fields = { consumer: name, messageId: message.envelope.id };
    for (;;) {
      const attempt = mine.receipt.attempt - mine.excused;
      const failure = await failureOf(token, decoded, attempt);
      if (failure === "stopped") return () => mine.receipt.giveBack(0);
      if (failure === null) {
        counts.handled += 1;
        failures.forget(token);
        return () => mine.receipt.settle();
      }
      if (failure.final) {
        const letter = newDeadLetter(consumer, message, failure.error, attempt, failures.of(token));
        if (!(await buryUntilDurable(letter, token, fields))) return () => mine.receipt.giveBack(0);
        reach("consumer:buried");
        counts.deadLetters += 1;
        failures.forget(token);
        return () => mine.receipt.settle();
      }
      const delayMs = backoffDelay(backoffMs, attempt, random);
      log.warn({ ...fields, err: failure.error, attempt, delayMs }, "a message was not handled: trying again");
      const returned = redelivery(token, delayMs + REDELIVERY_GRACE_MS);
      held.delete(token);
      mine.receipt.giveBack(delayMs);
      const again = await returned;
      if (!again) return () => undefined;
      mine.receipt = again;
      held.set(token, mine);
    }
  };

  const failureOf = async (
    token: string,
    decoded: Decoded,
    attempt: number,
  ): Promise<null | "stopped" | { error: unknown; final: boolean }> => {
    if (decoded.kind === "undecodable") return { error: new Error(decoded.problem), final: true };
    if (attempt > maxDeliveries) {
      const error = new Error("It was delivered too often: each time the process ended before it was handled.");
      return { error, final: true };
    }
    const alone = attempt >= SUSPECT_FROM_ATTEMPT || failures.of(token).length > 0;
    const outcome = await batcher.handle({ ...decoded.message, attempt }, alone);
    if (outcome.kind === "handled") return null;
    if (outcome.kind === "stopped") return "stopped";
    failures.add(token, newFailure(attempt, outcome.error));
    return { error: outcome.error, final: attempt >= maxDeliveries };
  };

  /** False when the bus stops before the letter is durable. */
  const buryUntilDurable = async (letter: DeadLetter, token: string, fields: object): Promise<boolean> => {
    log.error({ ...fields, attempts: letter.attempts, error: letter.error }, "a message becomes a dead letter");
    for (let attempt = 1; ; attempt += 1) {
      try {
        await bury(letter, token);
        return true;
      } catch (error) {
        log.error({ ...fields, err: error }, "a dead letter could not be kept: trying again");
        const delayMs = backoffDelay(backoffMs, attempt, random);
        const stopped = await pause(delayMs, false, { signal: stopping.signal }).catch(() => true);
        if (stopped) return false;
      }
    }
  };

  /** The next delivery of a message that was given back, or null when none comes here in time. */
  const redelivery = (token: string, timeoutMs: number): Promise<Receipt | null> =>
    new Promise((resolve) => {
      const finish = (receipt: Receipt | null) => {
        clearTimeout(timer);
        stopping.signal.removeEventListener("abort", giveUp);
        awaited.delete(token);
        resolve(receipt);
      };
      const giveUp = () => finish(null);
      const timer = setTimeout(giveUp, timeoutMs);
      if (stopping.signal.aborted) return giveUp();
      stopping.signal.addEventListener("abort", giveUp);
      awaited.set(token, finish);
    });

  const receiveAgain = (known: Held, receipt: Receipt) => {
    known.excused += Math.max(0, receipt.attempt - known.receipt.attempt);
    // Only the newest receipt counts.
    known.receipt = receipt;
  };

  const receiveNew = (token: string, decoded: Decoded, receipt: Receipt) => {
    const mine = { receipt, excused: 0 };
    held.set(token, mine);
    present += 1;
    const settleInTurn = async () => {
      let answer = (): void => undefined;
      try {
        answer = await settle(token, mine, decoded);
      } finally {
        // Before the answer, to which the broker may send the token once more.
        held.delete(token);
        present -= 1;
      }
      answer();
    };
    const settled = lanes
      .inOrder(decoded.message.key, settleInTurn)
      .catch((error: unknown) => log.error({ consumer: name, err: error }, "a delivery could not be settled"))
      .finally(() => settling.delete(settled));
    settling.add(settled);
  };

  return {
    receive(token, decoded, receipt) {
      if (receipt.attempt > 1) counts.redeliveries += 1;
      const known = held.get(token);
      const returned = awaited.get(token);
      if (known) receiveAgain(known, receipt);
      else if (returned) returned(receipt);
      else if (stopping.signal.aborted) receipt.giveBack(0);
      else receiveNew(token, decoded, receipt);
    },
    stats: () => ({
      service: consumer.service,
      consumer: name,
      ...counts,
      waiting: present - batcher.running(),
    }),
    running: () => batcher.running(),
    async stop(timeoutMs) {
      stopping.abort();
      if (!(await settlesWithin(Promise.all(settling), timeoutMs))) {
        log.warn({ consumer: name, handlers: batcher.running(), timeoutMs }, "stopped while handlers still run");
      }
      if (heartbeat) clearInterval(heartbeat);
    },
  };
};

const keepAll = (held: ReadonlyMap<string, Held>) => {
  for (const { receipt } of held.values()) receipt.keep();
};

/** What this process knows of messages that failed; given back, they may return here or not. */
const createFailures = () => {
  const byToken = new Map<string, readonly DeliveryFailure[]>();
  const of = (token: string): readonly DeliveryFailure[] => byToken.get(token) ?? [];
  return {
    of,
    add(token: string, failure: DeliveryFailure) {
      const known = [...of(token), failure].slice(-MAX_REMEMBERED_FAILURES);
      byToken.delete(token);
      byToken.set(token, known);
      const [oldest] = byToken.keys();
      if (byToken.size > MAX_REMEMBERED_MESSAGES && oldest !== undefined) byToken.delete(oldest);
    },
    forget: (token: string) => void byToken.delete(token),
  };
};
