import { type ConsumerMessages, ErrorCode, Events, type JsMsg } from "nats";
import { DEFAULT_BACKOFF_MS, DEFAULT_MAX_DELIVERIES } from "../backoff.ts";
import { type Bus, type Consumer, consumerName, type DeadLetter, type Message } from "../bus.ts";
import { deadLetterMessage, withoutData } from "../dead-letters.ts";
import { settlesWithin } from "../deadline.ts";
import { BusFull, MessageTooLarge } from "../publish-errors.ts";
import { createReceiver, type Receipt, type Receiver } from "../receiver.ts";
import { inPublishSpan } from "../trace.ts";
import { decodeMessage, encodeMessage, REPLAY_FOR_HEADER, type WireMessage } from "../wire.ts";
import { openConnection } from "./connection.ts";
import { hasCode, isFull, reasonOf } from "./errors.ts";
import { type BrokerMessage, fromBroker, toBrokerHeaders } from "./messages.ts";
import type { NatsOptions } from "./options.ts";
import { keepRunning } from "./resuming.ts";
import { createStreams } from "./streams.ts";
import { createTopology } from "./topology.ts";
import { upsertConsumer } from "./upsert.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const PULL_EXPIRES_MS = 30_000;
/** Two missed in a row mean that the pull is lost, and it is begun anew. */
const PULL_HEARTBEAT_MS = 5_000;
const CHECK_TIMEOUT_MS = 2_000;
const DECLARE_TIMEOUT_MS = 10_000;

/**
 * Connects to NATS with JetStream (2.9 or newer). Streams and durable consumers are created or brought up to date when
 * they are first used, so it does not matter which service starts first. A lost connection is taken up again for ever.
 *
 * Order: messages of one key are handled one after another within a process, retries included; replicas share a
 * consumer's messages without regard to keys.
 * @throws NatsConnectError when no server answers within `connectTimeoutMs`, refuses the credentials or lacks JetStream;
 *   NatsStreamError when `producers` are given and the broker will not have their streams as the settings ask for.
 */
export const connectNats = async (options: NatsOptions): Promise<Bus> => {
  const { log, replicas = 1, duplicateWindowMs = 120_000, ackWaitMs = 10_000 } = options;
  const { maxAgeMs = 6 * DAY_MS, deadLetterMaxAgeMs = 30 * DAY_MS } = options;
  const { maxAckPending = 512, publishTimeoutMs = 5_000, stopTimeoutMs = 10_000 } = options;
  const { maxDeliveries = DEFAULT_MAX_DELIVERIES, backoffMs = DEFAULT_BACKOFF_MS, random = Math.random } = options;
  const topology = createTopology(options.namespace);
  const { connection, place } = await openConnection(options, topology.named(options.name ?? "supergraph"));
  const streams = connection.jetstream();
  const manager = await connection.jetstreamManager({ checkAPI: false });
  const kept = createStreams({
    manager,
    limitsOf: ({ holdsDeadLetters }) => ({
      replicas,
      maxAgeMs: holdsDeadLetters ? deadLetterMaxAgeMs : maxAgeMs,
      duplicateWindowMs,
      maxBytes: options.maxBytes,
    }),
    place,
    log,
  });
  const started = new Set<string>();
  const running = new Set<Running>();
  const stopping = new AbortController();
  let connected = true;

  try {
    if (options.producers !== undefined) {
      const declared = [...options.producers, "dlq"].map((producer) => topology.streamOfProducer(producer));
      await kept.declare(declared, options.connectTimeoutMs ?? DECLARE_TIMEOUT_MS);
    }
  } catch (error) {
    await connection.close();
    throw error;
  }

  const watchConnection = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === Events.Disconnect) {
        connected = false;
        log.warn({ place }, "lost the connection to NATS");
      } else if (type === Events.Reconnect) {
        connected = true;
        log.info({ place }, "connected to NATS again");
        // A restarted broker knows nothing of the pulls that it had accepted, and maybe not even of the streams.
        kept.forget();
        for (const { restart } of running) restart();
      }
    }
  };
  void watchConnection();

  const refuseWhenStopped = () => {
    if (stopping.signal.aborted) throw new Error("The bus is stopped.");
  };

  const received = (message: BrokerMessage): WireMessage => fromBroker(message, topology.fromWire(message.subject));

  const send = async (message: Message): Promise<void> => {
    const { subject, envelope } = message;
    const { headers, body } = encodeMessage(message);
    const topic = topology.streamOf(subject);
    const attempt = async () => {
      await kept.ensure(topic);
      await streams.publish(topology.toWire(subject), body, {
        msgID: envelope.id,
        headers: toBrokerHeaders(headers),
        timeout: publishTimeoutMs,
        expect: { streamName: topic.stream },
      });
    };
    try {
      await attempt();
    } catch (error) {
      if (isFull(error)) {
        if (!(await kept.trim(topic))) throw error;
      } else if (hasCode(error, ErrorCode.NoResponders)) {
        // Nobody listens on the subject: the stream was deleted since it was ensured.
        kept.forget(topic.stream);
      } else throw error;
      await attempt();
    }
  };

  const bury = async (letter: DeadLetter, token: string): Promise<void> => {
    try {
      await send(deadLetterMessage(letter, token));
    } catch (error) {
      if (!hasCode(error, ErrorCode.MaxPayloadExceeded)) throw error;
      await send(deadLetterMessage(withoutData(letter, token), token));
    }
  };

  const consume = async (consumer: Consumer): Promise<void> => {
    const name = consumerName(consumer);
    const topic = topology.streamOf(consumer.subject);
    const durable = topology.named(name);
    const prepare = async () => {
      await kept.ensure(topic);
      const limits = { ackWaitMs, maxAckPending };
      await upsertConsumer(manager, topic.stream, durable, topology.toWire(consumer.subject), limits);
    };
    if (started.has(name)) throw new Error(`${name} is already started on this bus.`);
    started.add(name);
    try {
      await prepare();
      refuseWhenStopped();
    } catch (error) {
      started.delete(name);
      throw error;
    }

    const receiver = createReceiver({
      consumer,
      log,
      handling: options,
      maxDeliveries,
      backoffMs,
      ackWaitMs,
      random,
      bury,
    });
    let current: ConsumerMessages | null = null;
    const restart = () => void current?.close();
    /** One life of the consumer: until the broker loses it, the connection breaks, or the bus stops. */
    const run = async () => {
      const source = await streams.consumers.get(topic.stream, durable);
      current = await source.consume({
        max_messages: maxAckPending,
        expires: PULL_EXPIRES_MS,
        idle_heartbeat: PULL_HEARTBEAT_MS,
        abort_on_missing_resource: true,
        callback(message) {
          if (isReplayForAnother(message, name)) return receiptOf(message).settle();
          const token = `${message.info.streamSequence}@${message.info.timestampNanos}`;
          const decoded = decodeMessage(received(message), message.headers?.get("Nats-Msg-Id") || token);
          receiver.receive(token, decoded, receiptOf(message));
        },
      });
      if (stopping.signal.aborted) restart();
      void restartWhenSilent(current, restart);
      const error = await current.closed();
      if (error) throw error;
    };
    const ended = keepRunning({ name, run, prepare, signal: stopping.signal, log, random });
    running.add({ service: consumer.service, stream: topic.stream, durable, name, receiver, restart, ended });
  };

  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const { restart } of running) restart();
    await Promise.all([...running].map(({ receiver }) => receiver.stop(stopTimeoutMs)));
    // Draining sends the last acknowledgements. A broker that is away would keep it waiting for ever.
    if (connected && !connection.isClosed())
      await settlesWithin(connection.drain(), CHECK_TIMEOUT_MS).catch(() => false);
    await connection.close();
    await Promise.all([...running].map(({ ended }) => ended));
  };

  return {
    kind: "NATS JetStream",
    async publish(message) {
      refuseWhenStopped();
      try {
        await inPublishSpan("nats", message, send);
      } catch (error) {
        const reason = reasonOf(error);
        const what = `${message.envelope.id} (${encodeMessage(message).body.byteLength} bytes) under ${message.subject}`;
        if (hasCode(error, ErrorCode.MaxPayloadExceeded))
          throw new MessageTooLarge(`NATS at ${place} does not take ${what}: ${reason}`, { cause: error });
        if (isFull(error)) throw new BusFull(`NATS at ${place} has no room for ${what}: ${reason}`, { cause: error });
        throw new Error(`Could not publish ${what} within ${publishTimeoutMs} ms: ${reason}`, { cause: error });
      }
    },
    consume,
    async tail(subjects, listener) {
      const subscriptions = subjects.map((subject) =>
        connection.subscribe(topology.toWire(subject), {
          callback(error, message) {
            try {
              if (error) throw error;
              if (isReplayForAnother(message, null)) return;
              const decoded = decodeMessage(received(message), "unknown");
              if (decoded.kind === "message") listener(decoded.message);
            } catch (failure) {
              log.error({ err: failure, subject }, "a tail listener failed");
            }
          },
        }),
      );
      // Once the broker has the subscriptions everything is heard. One that is away gets them when it is back.
      await settlesWithin(connection.flush(), CHECK_TIMEOUT_MS);
      return async () => {
        for (const subscription of subscriptions) subscription.unsubscribe();
      };
    },
    async keptSince(service) {
      const topic = topology.streamOfProducer(service);
      await kept.ensure(topic);
      const { created } = await manager.streams.info(topic.stream);
      return new Date(created);
    },
    stats: () => [...running].map(({ receiver }) => receiver.stats()),
    lag(service) {
      const ofService = [...running].filter((consumer) => consumer.service === service);
      return Promise.all(
        ofService.map(async ({ stream, durable, name }) => {
          const { num_pending, num_ack_pending } = await manager.consumers.info(stream, durable);
          return { consumer: name, pending: num_pending, unacknowledged: num_ack_pending };
        }),
      );
    },
    async check() {
      if (!connected || connection.isClosed()) throw new Error(`Not connected to NATS at ${place}.`);
      if (!(await settlesWithin(connection.flush(), CHECK_TIMEOUT_MS))) {
        throw new Error(`NATS at ${place} did not answer within ${CHECK_TIMEOUT_MS} ms.`);
      }
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
};

/** A consumer that was started. */
interface Running {
  readonly service: string;
  readonly stream: string;
  readonly durable: string;
  readonly name: string;
  readonly receiver: Receiver;
  readonly restart: () => void;
  readonly ended: Promise<void>;
}

const restartWhenSilent = async (messages: ConsumerMessages, restart: () => void): Promise<void> => {
  for await (const { type } of await messages.status()) {
    if (type === "heartbeats_missed" || type === "consumer_deleted" || type === "no_responders") restart();
  }
};

/** A replayed message is for the consumer that buried it, and for no view: `name` is who asks, null for a view. */
const isReplayForAnother = ({ headers }: BrokerMessage, name: string | null): boolean => {
  const consumer = headers?.get(REPLAY_FOR_HEADER) ?? "";
  return consumer !== "" && consumer !== name;
};

/** Answers on a closed connection are lost, which is fine: the broker delivers again. */
const receiptOf = (message: JsMsg): Receipt => {
  const answer = (respond: () => void) => {
    try {
      respond();
    } catch {
      // The connection is closed.
    }
  };
  return {
    attempt: message.info.deliveryCount,
    settle: () => answer(() => message.ack()),
    giveBack: (delayMs) => answer(() => message.nak(delayMs)),
    keep: () => answer(() => message.working()),
  };
};
