import {
  connect,
  headers as emptyHeaders,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
} from "nats";
import { z } from "zod";

/** The broker as an outsider sees it: whatever the streams hold, and whatever anybody might publish. */
export interface Messages {
  streams(): Promise<readonly StreamState[]>;
  /** Up to `count` of the latest messages of a stream, oldest first. */
  latest(stream: string, count: number): Promise<readonly StoredMessage[]>;
  /** Resolves once the broker has stored it; answers its sequence in the stream. */
  publish(message: Omit<StoredMessage, "sequence">): Promise<number>;
  /** Dead letters that are kept. */
  deadLetters(): Promise<readonly Letter[]>;
  /** Deliveries that failed or were lost, by consumer. */
  consumers(stream: string): Promise<readonly ConsumerState[]>;
  close(): Promise<void>;
}

export interface StreamState {
  readonly name: string;
  readonly messages: number;
  readonly created: Date;
}

export interface StoredMessage {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly sequence: number;
}

export interface ConsumerState {
  readonly name: string;
  readonly pending: number;
  readonly unacknowledged: number;
  readonly delivered: number;
  /** Only one subject's. */
  readonly subject: string;
  /** Every message up to this sequence of the stream is handled. */
  readonly handledUpTo: number;
}

const Letter = z.object({
  data: z.object({
    consumer: z.string(),
    attempts: z.number(),
    error: z.string(),
    message: z.object({
      subject: z.string(),
      envelope: z.object({ id: z.string(), type: z.string(), data: z.unknown() }),
    }),
  }),
});
export type Letter = z.output<typeof Letter>["data"];

export const MESSAGE_ID = "Nats-Msg-Id";
const DEAD_LETTERS = "DLQ";

export const openMessages = async (url: string): Promise<Messages> => {
  const connection = await connect({
    servers: url,
    name: "fault-suite",
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const manager = await connection.jetstreamManager();
  const streams = connection.jetstream();
  return {
    streams: () => listStreams(manager),
    latest: (stream, count) => readLatest(manager, stream, count),
    publish: (message) => publishRaw(streams, message),
    async deadLetters() {
      const kept = (await listStreams(manager)).find(({ name }) => name === DEAD_LETTERS);
      const letters = await readLatest(manager, DEAD_LETTERS, kept?.messages ?? 0);
      return letters.map(({ body }) => Letter.parse(JSON.parse(new TextDecoder().decode(body))).data);
    },
    async consumers(stream) {
      const found: ConsumerState[] = [];
      for await (const info of manager.consumers.list(stream))
        found.push({
          name: info.name,
          pending: info.num_pending,
          unacknowledged: info.num_ack_pending,
          delivered: info.delivered.consumer_seq,
          subject: info.config.filter_subject ?? "",
          handledUpTo: info.ack_floor.stream_seq,
        });
      return found;
    },
    close: () => closeQuietly(connection),
  };
};

/** Opens, works, closes. */
export const withMessages = async <T>(url: string, work: (messages: Messages) => Promise<T>): Promise<T> => {
  const messages = await openMessages(url);
  try {
    return await work(messages);
  } finally {
    await messages.close();
  }
};

const listStreams = async (manager: JetStreamManager): Promise<StreamState[]> => {
  const found: StreamState[] = [];
  for await (const { config, state, created } of manager.streams.list())
    found.push({ name: config.name, messages: state.messages, created: new Date(created) });
  return found;
};

const readLatest = async (manager: JetStreamManager, stream: string, count: number): Promise<StoredMessage[]> => {
  if (count === 0) return [];
  const { state } = await manager.streams.info(stream);
  const first = Math.max(state.first_seq, state.last_seq - count + 1);
  const sequences = Array.from({ length: Math.max(0, state.last_seq - first + 1) }, (_, index) => first + index);
  const messages: StoredMessage[] = [];
  for (let start = 0; start < sequences.length; start += READ_AT_ONCE)
    messages.push(
      ...(
        await Promise.all(sequences.slice(start, start + READ_AT_ONCE).map((seq) => readOne(manager, stream, seq)))
      ).flat(),
    );
  return messages;
};

const READ_AT_ONCE = 100;

/** None where the broker has removed it meanwhile. */
const readOne = async (manager: JetStreamManager, stream: string, sequence: number): Promise<StoredMessage[]> => {
  const stored = await manager.streams.getMessage(stream, { seq: sequence }).catch(() => null);
  if (stored === null) return [];
  const headers = Object.fromEntries([...stored.header].map(([name, values]) => [name, values[0] ?? ""]));
  return [{ subject: stored.subject, headers, body: stored.data, sequence }];
};

const publishRaw = async (
  streams: JetStreamClient,
  { subject, headers, body }: Omit<StoredMessage, "sequence">,
): Promise<number> => {
  const sent = emptyHeaders();
  for (const [name, value] of Object.entries(headers)) sent.set(name, value);
  const { seq } = await streams.publish(subject, body, { headers: sent });
  return seq;
};

const closeQuietly = async (connection: NatsConnection): Promise<void> => {
  await connection.close().catch(() => undefined);
};
