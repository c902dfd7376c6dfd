import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type Backoff, backoffDelay, DEFAULT_BACKOFF_MS, DEFAULT_MAX_DELIVERIES } from "./backoff.ts";
import { type Bus, type Consumer, consumerName, type DeadLetter, type Message } from "./bus.ts";
import {
  type DeadLetterStore,
  deadLetterMessage,
  deadLettersInFiles,
  deadLettersInMemory,
  newDeadLetter,
} from "./dead-letters.ts";
import { settlesWithin } from "./deadline.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import type { Log } from "./log.ts";
import { assertSubject, matchesSubject } from "./subjects.ts";

export interface InProcessOptions {
  readonly log: Log;
  /** Keeps dead letters as files in `<directory>/<service>/<consumer>/`; else the latest 1,000 are kept in memory. */
  readonly deadLetterDirectory?: string;
  /** After so many failures a message becomes a dead letter. 20 unless given. */
  readonly maxDeliveries?: number;
  readonly backoffMs?: Backoff;
  /** Handlers that run at once, a consumer. 16 unless given. */
  readonly concurrency?: number;
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
  readonly consumer: Consumer;
  readonly name: string;
  readonly lanes: Lanes;
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
  concurrency = 16,
  stopTimeoutMs = 10_000,
  random = Math.random,
}: InProcessOptions): InProcessBus => {
  const letters = deadLetterDirectory ? deadLettersInFiles(deadLetterDirectory) : deadLettersInMemory(log);
  const readers: Reader[] = [];
  const tails = new Set<{ subjects: readonly string[]; listener: (message: Message) => void }>();
  const publishing = new Map<string, Promise<void>>();
  const handling = new Set<Promise<void>>();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  let isOpen = false;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = () => {
      isOpen = true;
      resolve();
    };
    stopping.signal.addEventListener("abort", () => reject(new BusStopped()));
  });
  opened.catch(() => undefined);

  const publishOnce = async (message: Message): Promise<void> => {
    await opened;
    tell(message);
    const readersOfIt = readers.filter(({ consumer }) => consumer.subject === message.subject);
    const results = await Promise.allSettled(
      readersOfIt.map((reader) => reader.lanes.inOrder(message.key, () => deliver(reader, message))),
    );
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

  /** Returns once the message is handled or buried; throws BusStopped when neither happens in this process any more. */
  const deliver = async (reader: Reader, message: Message): Promise<void> => {
    const fields = { consumer: reader.name, messageId: message.envelope.id };
    for (let attempt = 1; ; attempt += 1) {
      const failure = await reader.lanes.withSlot(() => handle(reader.consumer, message, attempt));
      if (!failure) return;
      if (attempt >= maxDeliveries) {
        return bury(letters, newDeadLetter(reader.consumer, message, failure.error, attempt), fields);
      }
      const delayMs = backoffDelay(backoffMs, attempt, random);
      log.warn({ ...fields, err: failure.error, attempt, delayMs }, "a message was not handled: trying again");
      await rest(delayMs);
    }
  };

  const handle = async (consumer: Consumer, message: Message, attempt: number): Promise<{ error: unknown } | null> => {
    if (stopping.signal.aborted) throw new BusStopped();
    const run = (async () => consumer.handle([{ ...message, attempt }]))();
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    handling.add(settled);
    try {
      await run;
      return null;
    } catch (error) {
      return { error };
    } finally {
      handling.delete(settled);
    }
  };

  /** A full disk must not lose the letter: it is tried until it is kept, or the bus stops and the outbox keeps the message. */
  const bury = async (store: DeadLetterStore, letter: DeadLetter, fields: object): Promise<void> => {
    log.error({ ...fields, attempts: letter.attempts, error: letter.error }, "a message became a dead letter");
    for (let attempt = 1; ; attempt += 1) {
      try {
        await store.add(letter);
        tell(deadLetterMessage(letter, letter.message.envelope.id));
        return;
      } catch (error) {
        log.error({ ...fields, err: error }, "a dead letter could not be kept: trying again");
        await rest(backoffDelay(backoffMs, attempt, random));
      }
    }
  };

  const rest = async (ms: number): Promise<void> => {
    try {
      await pause(ms, undefined, { signal: stopping.signal });
    } catch {
      throw new BusStopped();
    }
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
      const published = publishOnce(message).finally(() => publishing.delete(id));
      publishing.set(id, published);
      return published;
    },
    async consume(consumer) {
      assertSubject(consumer.subject);
      const name = consumerName(consumer);
      if (isOpen) throw new Error(`${name} comes after open(): it would miss messages. Start all consumers first.`);
      if (readers.some((reader) => reader.name === name)) throw new Error(`${name} is already started on this bus.`);
      readers.push({ consumer, name, lanes: createLanes(concurrency) });
    },
    async tail(subjects, listener) {
      const tail = { subjects, listener };
      tails.add(tail);
      return async () => void tails.delete(tail);
    },
    // What is published here has been handled.
    keptSince: async () => null,
    async check() {
      if (stopping.signal.aborted) throw new BusStopped();
    },
    async stop() {
      stopping.abort();
      tails.clear();
      if (!(await settlesWithin(Promise.all(handling), stopTimeoutMs))) {
        log.warn({ handlers: handling.size, stopTimeoutMs }, "stopped without waiting for handlers that still run");
      }
    },
  };
};
