import { setTimeout as pause } from "node:timers/promises";
import type { JetStreamManager } from "nats";
import type { Log } from "../log.ts";
import { matchesSubject } from "../subjects.ts";
import { isPassing, reasonOf } from "./errors.ts";
import { NatsConnectError } from "./options.ts";
import type { StreamTopology } from "./topology.ts";
import { type StreamLimits, upsertStream } from "./upsert.ts";

/** Asking the broker what was handled costs a round trip a consumer: a full stream must not be asked for each publish. */
const TRIM_AT_MOST_EVERY_MS = 5_000;
const RETRY_MS = 250;

export interface Streams {
  /** Resolves once the stream is there with its limits; asks the broker once a stream. */
  ensure(topic: StreamTopology): Promise<void>;
  /** The same for several, while a cluster that comes up may still refuse: for `withinMs`. */
  declare(topics: readonly StreamTopology[], withinMs: number): Promise<void>;
  /** What is known of this stream, or of all, no longer holds. */
  forget(stream?: string): void;
  /** Removes what all of a subject's consumers have handled. Resolves to whether that made room. */
  trim(topic: StreamTopology): Promise<boolean>;
}

export const createStreams = (options: {
  readonly manager: JetStreamManager;
  readonly limitsOf: (topic: StreamTopology) => StreamLimits;
  readonly place: string;
  readonly log: Log;
}): Streams => {
  const { manager, limitsOf, place, log } = options;
  const ensured = new Map<string, Promise<void>>();
  const trims = new Map<string, { readonly at: number; readonly made: Promise<boolean> }>();

  const ensure = (topic: StreamTopology): Promise<void> => {
    const known = ensured.get(topic.stream);
    if (known) return known;
    const ensuring = upsertStream(manager, topic, limitsOf(topic));
    ensured.set(topic.stream, ensuring);
    ensuring.catch(() => ensured.delete(topic.stream));
    return ensuring;
  };

  const ensureUntil = async (topic: StreamTopology, deadline: number): Promise<void> => {
    for (;;) {
      try {
        return await ensure(topic);
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (Date.now() + RETRY_MS > deadline) {
          const message = `JetStream at ${place} could not make the stream ${topic.stream} in time (${reasonOf(error)}). Is a majority of its nodes up, and are there as many as NATS_REPLICAS?`;
          throw new NatsConnectError("NATS_JETSTREAM_NOT_READY", message, error);
        }
        await pause(RETRY_MS);
      }
    }
  };

  return {
    ensure,
    async declare(topics, withinMs) {
      const deadline = Date.now() + withinMs;
      await Promise.all(topics.map((topic) => ensureUntil(topic, deadline)));
    },
    forget(stream) {
      if (stream === undefined) ensured.clear();
      else ensured.delete(stream);
    },
    trim({ stream }) {
      const last = trims.get(stream);
      if (last && performance.now() - last.at < TRIM_AT_MOST_EVERY_MS) return last.made;
      const made = trimHandled(manager, stream).then((removed) => {
        if (removed > 0)
          log.warn({ stream, removed }, "a stream is full: removed what all of its consumers have handled");
        else log.error({ stream }, "a stream is full, and nothing in it has been handled by all of its consumers");
        return removed > 0;
      });
      trims.set(stream, { at: performance.now(), made });
      return made;
    },
  };
};

/** A subject that no consumer names stays whole: its reader may be still to come. */
const trimHandled = async (manager: JetStreamManager, stream: string): Promise<number> => {
  const floors: { filter: string; handledTo: number }[] = [];
  for await (const { config, ack_floor } of manager.consumers.list(stream))
    floors.push({ filter: config.filter_subject ?? ">", handledTo: ack_floor.stream_seq });
  let removed = 0;
  for (const { filter } of floors.filter((floor) => !/[*>]/.test(floor.filter))) {
    const readers = floors.filter((floor) => matchesSubject(floor.filter, filter));
    const handledTo = Math.min(...readers.map((reader) => reader.handledTo));
    if (handledTo === 0) continue;
    const { purged } = await manager.streams.purge(stream, { filter, seq: handledTo + 1 });
    removed += purged;
  }
  return removed;
};
