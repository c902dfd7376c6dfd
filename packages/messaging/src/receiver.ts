import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type Backoff, backoffDelay } from "./backoff.ts";
import { type Consumer, consumerName, type DeadLetter, type Message } from "./bus.ts";
import { newDeadLetter } from "./dead-letters.ts";
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
  readonly concurrency: number;
  readonly maxDeliveries: number;
  readonly backoffMs: Backoff;
  /** Without a word for so long the broker delivers a message again. */
  readonly ackWaitMs: number;
  readonly random: () => number;
  /** Resolves once the letter is durable. */
  readonly bury: (letter: DeadLetter, token: string) => Promise<void>;
}

/** What stands between a broker's deliveries and a consumer's handler. */
export interface Receiver {
  /** `token` tells messages apart, and is the same for each delivery of one. */
  receive(token: string, decoded: Decoded, receipt: Receipt): void;
  /** Gives back what is not begun, waits for handlers that run, for `timeoutMs` at the most. */
  stop(timeoutMs: number): Promise<void>;
}

interface Held {
  receipt: Receipt;
}

/** How long the messages behind one that was given back wait for it beyond its pause: another replica may have got it. */
const REDELIVERY_GRACE_MS = 1_000;

/**
 * Handles what a broker delivers: one after another per key, and so that a message which was given back is handled
 * before its successors if it returns to this process; at most `concurrency` at once. It tells the broker that it is at
 * work for as long as a message is here, so a slow handler or a long queue causes no second delivery. Failures are
 * given back with a growing pause, and after `maxDeliveries` buried; what cannot be decoded is buried at once.
 */
export const createReceiver = (options: ReceiverOptions): Receiver => {
  const { consumer, log, maxDeliveries, backoffMs, ackWaitMs, random, bury } = options;
  const name = consumerName(consumer);
  const lanes = createLanes(options.concurrency);
  const held = new Map<string, Held>();
  const awaited = new Map<string, (receipt: Receipt) => void>();
  const settling = new Set<Promise<void>>();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const heartbeat = setInterval(() => {
    for (const { receipt } of held.values()) receipt.keep();
  }, ackWaitMs / 3);
  heartbeat.unref();

  const settle = async (token: string, mine: Held, decoded: Decoded): Promise<void> => {
    const { message } = decoded;
    const fields = { consumer: name, messageId: message.envelope.id };
    for (;;) {
      const { attempt } = mine.receipt;
      const failure = await failureOf(decoded, attempt);
      if (failure === "stopped") return mine.receipt.giveBack(0);
      if (failure === null) return mine.receipt.settle();
      if (failure.final) {
        const buried = await buryUntilDurable(newDeadLetter(consumer, message, failure.error, attempt), token, fields);
        return buried ? mine.receipt.settle() : mine.receipt.giveBack(0);
      }
      const delayMs = backoffDelay(backoffMs, attempt, random);
      log.warn({ ...fields, err: failure.error, attempt, delayMs }, "a message was not handled: trying again");
      held.delete(token);
      mine.receipt.giveBack(delayMs);
      const again = await redelivery(token, delayMs + REDELIVERY_GRACE_MS);
      if (!again) return;
      mine.receipt = again;
      held.set(token, mine);
    }
  };

  const failureOf = async (
    decoded: Decoded,
    attempt: number,
  ): Promise<null | "stopped" | { error: unknown; final: boolean }> => {
    if (decoded.kind === "undecodable") return { error: new Error(decoded.problem), final: true };
    if (attempt > maxDeliveries) {
      const error = new Error("It was delivered too often: each time the process ended before it was handled.");
      return { error, final: true };
    }
    return lanes.withSlot(async () => {
      if (stopping.signal.aborted) return "stopped";
      try {
        await consumer.handle([delivery(decoded.message, attempt)]);
        return null;
      } catch (error) {
        return { error, final: attempt >= maxDeliveries };
      }
    });
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

  return {
    receive(token, decoded, receipt) {
      const known = held.get(token);
      // Delivered a second time while it is here, as after a broken connection: only the newest receipt counts.
      if (known) known.receipt = receipt;
      else if (awaited.has(token)) awaited.get(token)?.(receipt);
      else if (stopping.signal.aborted) receipt.giveBack(0);
      else {
        const mine = { receipt };
        held.set(token, mine);
        const settled = lanes
          .inOrder(decoded.message.key, () => settle(token, mine, decoded))
          .catch((error: unknown) => log.error({ consumer: name, err: error }, "a delivery could not be settled"))
          .finally(() => {
            held.delete(token);
            settling.delete(settled);
          });
        settling.add(settled);
      }
    },
    async stop(timeoutMs) {
      stopping.abort();
      if (!(await settlesWithin(Promise.all(settling), timeoutMs))) {
        log.warn({ consumer: name, handlers: settling.size, timeoutMs }, "stopped while handlers still run");
      }
      clearInterval(heartbeat);
    },
  };
};

const delivery = (message: Message, attempt: number) => ({ ...message, attempt });
