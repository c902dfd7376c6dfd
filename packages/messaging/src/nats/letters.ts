import type { JetStreamManager, StoredMsg } from "nats";
import { type LetterStore, type Outcome, readLetter, type StoredLetter } from "../events-cli/letters.ts";
import { encodeMessage, REPLAY_FOR_HEADER } from "../wire.ts";
import { openConnection } from "./connection.ts";
import { nullWhenMissing, reasonOf } from "./errors.ts";
import { toBrokerHeaders } from "./messages.ts";
import type { NatsOptions } from "./options.ts";
import { createTopology } from "./topology.ts";

const PUBLISH_TIMEOUT_MS = 5_000;

/**
 * The dead letters of a broker; ids are sequence numbers of their stream. Changes no setting of any stream.
 * @throws NatsConnectError
 */
export const openNatsLetters = async (options: Omit<NatsOptions, "log">): Promise<LetterStore> => {
  const topology = createTopology(options.namespace);
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const { connection, place } = await openConnection({ ...options, log }, topology.named("events-cli"));
  const manager = await connection.jetstreamManager({ checkAPI: false });
  const streams = connection.jetstream();
  const { stream, subjects } = topology.streamOfProducer("dlq");
  const [subject = ""] = subjects;

  const read = (stored: StoredMsg): StoredLetter => {
    const where = { subject: topology.fromWire(stored.subject), at: stored.time.toISOString() };
    return readLetter(String(stored.seq), dataOf(stored), where);
  };

  return {
    place: `NATS at ${place}${options.namespace === undefined ? "" : `, namespace ${options.namespace}`}`,
    async list() {
      const letters: StoredLetter[] = [];
      for (let seq = 1; ; ) {
        const stored = await nextOf(manager, stream, subject, seq);
        if (stored === null) return letters;
        letters.push(read(stored));
        seq = stored.seq + 1;
      }
    },
    async find(id) {
      if (!/^[1-9]\d{0,14}$/.test(id)) return null;
      const stored = await manager.streams.getMessage(stream, { seq: Number(id) }).catch(nullWhenMissing);
      return stored && read(stored);
    },
    async replay({ id, letter }): Promise<Outcome> {
      const { message } = letter;
      const source = topology.streamOf(message.subject).stream;
      const durable = topology.named(letter.consumer);
      try {
        // It would be published, and the letter removed, for nobody.
        if (!(await manager.consumers.info(source, durable).catch(nullWhenMissing)))
          return { kind: "refused", reason: `the broker has no consumer ${durable} any more` };
        const { headers, body } = encodeMessage(message);
        await streams.publish(topology.toWire(message.subject), body, {
          // Not the message's own id, which the broker may still know from when it was published; but the same for a
          // repeated replay of this letter.
          msgID: `replay:${letter.at}:${id}`,
          headers: toBrokerHeaders({ ...headers, [REPLAY_FOR_HEADER]: letter.consumer }),
          timeout: PUBLISH_TIMEOUT_MS,
          expect: { streamName: source },
        });
        await manager.streams.deleteMessage(stream, Number(id), false);
        return { kind: "done" };
      } catch (error) {
        return { kind: "failed", reason: reasonOf(error) };
      }
    },
    async discard({ id }): Promise<Outcome> {
      try {
        await manager.streams.deleteMessage(stream, Number(id), false);
        return { kind: "done" };
      } catch (error) {
        return { kind: "failed", reason: reasonOf(error) };
      }
    },
    close: () => connection.close(),
  };
};

/** The first message from `seq` on; null when there is none, or no stream yet. */
const nextOf = (manager: JetStreamManager, stream: string, subject: string, seq: number): Promise<StoredMsg | null> => {
  // The client's type knows it for direct requests only, which a stream has to allow; the server takes it here, too.
  const query = { seq, next_by_subj: subject };
  return manager.streams.getMessage(stream, query).catch(nullWhenMissing);
};

/** The letter in its envelope, or whatever else somebody put there. */
const dataOf = (stored: StoredMsg): unknown => {
  try {
    const envelope = stored.json<{ data?: unknown } | null>();
    return typeof envelope === "object" && envelope !== null && "data" in envelope ? envelope.data : envelope;
  } catch {
    return stored.string();
  }
};
