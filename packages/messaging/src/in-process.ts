import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type Backoff, DEFAULT_BACKOFF_MS, DEFAULT_MAX_DELIVERIES } from "./backoff.ts";
import type { HandlingOptions } from "./batcher.ts";
import { type Bus, consumerName, type DeadLetter, type Message } from "./bus.ts";
import { deadLetterMessage, deadLettersInFiles, deadLettersInMemory } from "./dead-letters.ts";
import type { Log } from "./log.ts";
import { createReceiver, type Receiver } from "./receiver.ts";
import { watchReplays } from "./replays.ts";
import { assertSubject, matchesSubject } from "./subjects.ts";
import { inPublishSpan } from "./trace.ts";

export interface InProcessOptions extends HandlingOptions {
  readonly log: Log;
  /** Keeps dead letters as files in `<directory>/<service>/<consumer>/`; else the latest 1,000 are kept in memory. */
  readonly deadLetterDirectory?: string;
  /** After so many failures a message becomes a dead letter. 20 unless given. */
  readonly maxDeliveries?: number;
  readonly backoffMs?: Backoff;
  /** How long {@link Bus.stop} waits for handlers in flight. 10,000 unless given. */
  readonly stopTimeoutMs?: number;
  /** 0 ≤ n < 1, for jitter. */
  readonly random?: () => number;
}

export interface InProcessBus extends Bus {
  /**
   * Starts delivering; until then `publish` waits. Call it once every consumer exists: one that came later would miss
   * what was published before, so {@link Bus.consume} refuses from now on.
   */
  open(): void;
  deadLetters(): Promise<readonly DeadLetter[]>;
}

interface Reader {
  readonly service: string;
  readonly subject: string;
  readonly name: string;
  readonly receiver: Receiver;
}

/** A message was not handled because the bus stops: the outbox keeps it, and the next start publishes it again. */
export class BusStopped extends Error {
  override readonly name = "BusStopped";
  constructor() {
    super("The bus is stopped: the message stays in the outbox and is published again at the next start.");
  }
}

/**
 * The bus of a single process, over the services' outboxes: `publish` resolves when every consumer of the subject has
 * handled the message or buried it as a dead letter, so the outbox marks no message whose effects are not durable, and
 * a crash before that publishes again. It keeps nothing itself.
 *
 * Messages of one key reach a consumer one after another in the order of publishing, retries included; other keys go on.
 * Publishing is not serialized: what a handler appends to an outbox can be published while that handler still runs.
 */
export const createInProcessBus = ({
  log,
  deadLetterDirectory,
  maxDeliveries = DEFAULT_MAX_DELIVERIES,
  backoffMs = DEFAULT_BACKOFF_MS,
  stopTimeoutMs = 10_000,
  random = Math.random,
  ...handling
}: InProcessOptions): InProcessBus => {
  const letters = deadLetterDirectory ? deadLettersInFiles(deadLetterDirectory) : deadLettersInMemory(log);
  const readers: Reader[] = [];
  const tails = new Set<{ subjects: readonly string[]; listener: (message: Message) => void }>();
  const publishing = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  let deliveries = 0;
  let isOpen = false;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = () => {
      isOpen = true;
      resolve();
      if (deadLetterDirectory === undefined) return;
      void watchReplays({ directory: deadLetterDirectory, deliver: replay, signal: stopping.signal, log });
    };
    stopping.signal.addEventListener("abort", () => reject(new BusStopped()));
  });
  opened.catch(() => undefined);

  /** In the name of the letter's consumer alone, and not beside a first delivery of the same message. */
  const replay = (letter: DeadLetter): Promise<void> | null => {
    const reader = readers.find(({ name }) => name === letter.consumer);
    if (!reader) return null;
    const before = publishing.get(letter.message.envelope.id)?.catch(() => undefined);
    return Promise.resolve(before).then(() => deliver(reader.receiver, letter.message));
  };

  const publishOnce = async (message: Message): Promise<void> => {
    await opened;
    tell(message);
    const readersOfIt = readers.filter(({ subject }) => subject === message.subject);
    const results = await Promise.allSettled(readersOfIt.map(({ receiver }) => deliver(receiver, message)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  };

  const tell = (message: Message): void => {
    for (const { subjects, listener } of tails) {
      if (!subjects.some((subject) => matchesSubject(subject, message.subject))) continue;
      try {
        listener(message);
      } catch (error) {
        log.error({ err: error, subject: message.subject, messageId: message.envelope.id }, "a tail listener failed");
      }
    }
  };

  /** Resolves once the message is handled or buried; rejects with BusStopped when neither happens in this process any more. */
  const deliver = (receiver: Receiver, message: Message): Promise<void> =>
    new Promise((resolve, reject) => {
      // Of its own for each delivery: a message that is replayed while it is published comes to two ends.
      deliveries += 1;
      const token = String(deliveries);
      const stop = () => reject(new BusStopped());
      const attemptOnce = (attempt: number): void =>
        receiver.receive(
          token,
          { kind: "message", message },
          {
            attempt,
            settle: resolve,
            giveBack(delayMs) {
              if (stopping.signal.aborted) stop();
              else pause(delayMs, undefined, { signal: stopping.signal }).then(() => attemptOnce(attempt + 1), stop);
            },
            keep: () => undefined,
          },
        );
      attemptOnce(1);
    });

  const bury = async (letter: DeadLetter): Promise<void> => {
    await letters.add(letter);
    tell(deadLetterMessage(letter, letter.message.envelope.id));
  };

  return {
    kind: "in-process",
    open: () => open(),
    deadLetters: () => letters.list(),
    async publish(message) {
      if (stopping.signal.aborted) throw new BusStopped();
      assertSubject(message.subject);
      const id = message.envelope.id;
      const same = publishing.get(id);
      if (same) return same;
      const published = inPublishSpan("in-process", message, publishOnce).finally(() => publishing.delete(id));
      publishing.set(id, published);
      return published;
    },
    async consume(consumer) {
      assertSubject(consumer.subject);
      const name = consumerName(consumer);
      if (isOpen) throw new Error(`${name} comes after open(): it would miss messages. Start all consumers first.`);
      if (readers.some((reader) => reader.name === name)) throw new Error(`${name} is already started on this bus.`);
      const receiver = createReceiver({
        consumer,
        log,
        handling,
        maxDeliveries,
        backoffMs,
        ackWaitMs: null,
        random,
        bury,
      });
      readers.push({ service: consumer.service, subject: consumer.subject, name, receiver });
    },
    async tail(subjects, listener) {
      const tail = { subjects, listener };
      tails.add(tail);
      return async () => void tails.delete(tail);
    },
    // What is published here has been handled.
    keptSince: async () => null,
    stats: () => readers.map(({ receiver }) => receiver.stats()),
    lag: async (service) =>
      readers
        .filter((reader) => reader.service === service)
        .map(({ name, receiver }) => ({
          consumer: name,
          pending: receiver.stats().waiting,
          unacknowledged: receiver.running(),
        })),
    async check() {
      if (stopping.signal.aborted) throw new BusStopped();
    },
    async stop() {
      stopping.abort();
      tails.clear();
      await Promise.all(readers.map(({ receiver }) => receiver.stop(stopTimeoutMs)));
    },
  };
};
