import { setTimeout as pause } from "node:timers/promises";
import {
  AckPolicy,
  type ConnectionOptions,
  type ConsumerMessages,
  connect,
  credsAuthenticator,
  DeliverPolicy,
  DiscardPolicy,
  ErrorCode,
  Events,
  type JetStreamManager,
  type JsMsg,
  type MsgHdrs,
  type NatsConnection,
  NatsError,
  nanos,
  headers as newHeaders,
  RetentionPolicy,
  StorageType,
} from "nats";
import { type Backoff, backoffDelay, DEFAULT_BACKOFF_MS, DEFAULT_MAX_DELIVERIES } from "./backoff.ts";
import { type Bus, type Consumer, consumerName, type DeadLetter, deadLetterSubject } from "./bus.ts";
import { NatsConnectError, type NatsOptions } from "./nats-options.ts";
import { createReceiver, type Receipt, type Receiver } from "./receiver.ts";
import { parseServers } from "./servers.ts";
import { createTopology, type StreamTopology } from "./topology.ts";
import { decodeMessage, encodeMessage, type WireMessage } from "./wire.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const PULL_EXPIRES_MS = 30_000;
/** Two missed in a row mean that the pull is lost, and it is begun anew. */
const PULL_HEARTBEAT_MS = 5_000;
const CHECK_TIMEOUT_MS = 2_000;
/** Pauses of a consumer that cannot be resumed, as while the broker restarts. */
const RESUME_BACKOFF_MS: Backoff = { first: 100, max: 5_000 };

/**
 * Connects to NATS with JetStream (2.9 or newer). Streams and durable consumers are created or brought up to date when
 * they are first used, so it does not matter which service starts first. A lost connection is taken up again for ever.
 *
 * Order: messages of one key are handled one after another within a process, retries included; replicas share a
 * consumer's messages without regard to keys.
 * @throws NatsConnectError when no server answers within `connectTimeoutMs`, refuses the credentials or lacks JetStream.
 */
export const connectNats = async (options: NatsOptions): Promise<Bus> => {
  const { log, replicas = 1, maxAgeMs = 7 * DAY_MS, duplicateWindowMs = 120_000, ackWaitMs = 30_000 } = options;
  const { concurrency = 16, maxAckPending = 256, publishTimeoutMs = 5_000, stopTimeoutMs = 10_000 } = options;
  const { maxDeliveries = DEFAULT_MAX_DELIVERIES, backoffMs = DEFAULT_BACKOFF_MS, random = Math.random } = options;
  const topology = createTopology(options.namespace);
  const { connection, place } = await openConnection(options, topology.named(options.name ?? "supergraph"));
  const streams = connection.jetstream();
  const manager = await connection.jetstreamManager({ checkAPI: false });
  const ensured = new Map<string, Promise<void>>();
  const running = new Map<string, { receiver: Receiver; restart: () => void; ended: Promise<void> }>();
  const stopping = new AbortController();
  let connected = true;

  const watchConnection = async (): Promise<void> => {
    for await (const { type } of connection.status()) {
      if (type === Events.Disconnect) {
        connected = false;
        log.warn({ place }, "lost the connection to NATS");
      } else if (type === Events.Reconnect) {
        connected = true;
        log.info({ place }, "connected to NATS again");
        // A restarted broker knows nothing of the pulls that it had accepted, and maybe not even of the streams.
        ensured.clear();
        for (const { restart } of running.values()) restart();
      }
    }
  };
  void watchConnection();

  const ensureStream = (topic: StreamTopology): Promise<void> => {
    const known = ensured.get(topic.stream);
    if (known) return known;
    const ensuring = upsertStream(manager, topic, { replicas, maxAgeMs, duplicateWindowMs });
    ensured.set(topic.stream, ensuring);
    ensuring.catch(() => ensured.delete(topic.stream));
    return ensuring;
  };

  const send = async (subject: string, id: string, { headers, body }: Omit<WireMessage, "subject">): Promise<void> => {
    const topic = topology.streamOf(subject);
    const attempt = async () => {
      await ensureStream(topic);
      await streams.publish(topology.toWire(subject), body, {
        msgID: id,
        headers: toHeaders(headers),
        timeout: publishTimeoutMs,
        expect: { streamName: topic.stream },
      });
    };
    try {
      await attempt();
    } catch (error) {
      // Nobody listens on the subject: the stream was deleted since it was ensured.
      if (!hasCode(error, ErrorCode.NoResponders)) throw error;
      ensured.delete(topic.stream);
      await attempt();
    }
  };

  const bury = async (letter: DeadLetter, token: string): Promise<void> => {
    const subject = deadLetterSubject({ service: letter.service, subject: letter.message.subject });
    const encode = (value: DeadLetter) => ({ headers: {}, body: new TextEncoder().encode(JSON.stringify(value)) });
    const id = `${letter.consumer}:${token}`;
    try {
      await send(subject, id, encode(letter));
    } catch (error) {
      if (!hasCode(error, ErrorCode.MaxPayloadExceeded)) throw error;
      const data = `Too large for a dead letter: the stream still holds it under sequence and time ${token}.`;
      const envelope = { ...letter.message.envelope, data };
      await send(subject, id, encode({ ...letter, message: { ...letter.message, envelope } }));
    }
  };

  /** One life of a consumer: until the broker loses it, the connection breaks, or the bus stops. */
  const pull = async (
    stream: string,
    durable: string,
    receive: (message: JsMsg) => void,
    onPull: (messages: ConsumerMessages) => void,
  ) => {
    const consumer = await streams.consumers.get(stream, durable);
    const messages = await consumer.consume({
      max_messages: maxAckPending,
      expires: PULL_EXPIRES_MS,
      idle_heartbeat: PULL_HEARTBEAT_MS,
      abort_on_missing_resource: true,
      callback: receive,
    });
    onPull(messages);
    const error = await messages.closed();
    if (error) throw error;
  };

  const consume = async (consumer: Consumer): Promise<void> => {
    const name = consumerName(consumer);
    if (stopping.signal.aborted) throw new Error("The bus is stopped.");
    if (running.has(name)) throw new Error(`${name} is already started on this bus.`);
    const topic = topology.streamOf(consumer.subject);
    const durable = topology.named(name);
    const receiver = createReceiver({ consumer, log, concurrency, maxDeliveries, backoffMs, ackWaitMs, random, bury });
    const ensure = async () => {
      await ensureStream(topic);
      await upsertConsumer(manager, topic.stream, durable, topology.toWire(consumer.subject), {
        ackWaitMs,
        maxAckPending,
      });
    };
    const receive = (message: JsMsg) => {
      const token = `${message.info.streamSequence}@${message.info.timestampNanos}`;
      const wire = {
        subject: topology.fromWire(message.subject),
        headers: fromHeaders(message.headers),
        body: message.data,
      };
      receiver.receive(token, decodeMessage(wire, message.headers?.get("Nats-Msg-Id") || token), receiptOf(message));
    };
    let current: ConsumerMessages | null = null;
    const restart = () => void current?.close();
    const onPull = (messages: ConsumerMessages) => {
      current = messages;
      if (stopping.signal.aborted) restart();
      void restartWhenSilent(messages, restart);
    };
    const keepPulling = async () => {
      for (let failures = 0; !stopping.signal.aborted; ) {
        try {
          await pull(topic.stream, durable, receive, onPull);
          failures = 0;
        } catch (error) {
          failures += 1;
          log.warn({ consumer: name, err: error, failures }, "a consumer was interrupted: resuming");
        }
        if (stopping.signal.aborted) return;
        await pause(backoffDelay(RESUME_BACKOFF_MS, Math.max(1, failures), random), undefined, {
          signal: stopping.signal,
        }).catch(() => undefined);
        await ensure().catch((error: unknown) =>
          log.warn({ consumer: name, err: error }, "a consumer could not be checked"),
        );
      }
    };
    await ensure();
    running.set(name, { receiver, restart, ended: keepPulling() });
  };

  return {
    kind: "NATS JetStream",
    async publish(message) {
      if (stopping.signal.aborted) throw new Error("The bus is stopped.");
      await send(message.subject, message.envelope.id, encodeMessage(message));
    },
    consume,
    async tail(subjects, listener) {
      const subscriptions = subjects.map((subject) =>
        connection.subscribe(topology.toWire(subject), {
          callback(error, message) {
            try {
              if (error) throw error;
              const wire = {
                subject: topology.fromWire(message.subject),
                headers: fromHeaders(message.headers),
                body: message.data,
              };
              const decoded = decodeMessage(wire, "unknown");
              if (decoded.kind === "message") listener(decoded.message);
            } catch (failure) {
              log.error({ err: failure, subject }, "a tail listener failed");
            }
          },
        }),
      );
      // Only when the broker has the subscriptions is everything from now on heard.
      await connection.flush();
      return async () => {
        for (const subscription of subscriptions) subscription.unsubscribe();
      };
    },
    async check() {
      if (!connected || connection.isClosed()) throw new Error(`Not connected to NATS at ${place}.`);
      const done = new AbortController();
      const late = pause(CHECK_TIMEOUT_MS, undefined, { signal: done.signal }).then(() => {
        throw new Error(`NATS at ${place} did not answer within ${CHECK_TIMEOUT_MS} ms.`);
      });
      try {
        await Promise.race([connection.flush(), late]);
      } finally {
        late.catch(() => undefined);
        done.abort();
      }
    },
    async stop() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      for (const { restart } of running.values()) restart();
      await Promise.all([...running.values()].map(({ receiver }) => receiver.stop(stopTimeoutMs)));
      await Promise.all([...running.values()].map(({ ended }) => ended));
      if (connected && !connection.isClosed()) await connection.drain().catch(() => undefined);
      await connection.close();
    },
  };
};

const openConnection = async (
  options: NatsOptions,
  name: string,
): Promise<{ connection: NatsConnection; place: string }> => {
  const { connectTimeoutMs = 10_000, credentials, tls } = options;
  const servers = parseServers(options.servers);
  const place = servers.hosts.join(", ");
  const settings: ConnectionOptions = {
    servers: [...servers.hosts],
    name,
    ...pickDefined({
      user: options.user ?? servers.user,
      pass: options.pass ?? servers.pass,
      token: options.token ?? servers.token,
    }),
    ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(tls || servers.tls ? { tls: tls ?? {} } : {}),
    maxReconnectAttempts: -1,
    // A broker that restarts may refuse everybody for a moment; giving up would need a restart of this process.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    reconnectJitterTLS: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
  const deadline = Date.now() + connectTimeoutMs;
  for (;;) {
    try {
      const connection = await connect({ ...settings, timeout: Math.max(100, Math.min(2_000, deadline - Date.now())) });
      await assertJetStream(connection, place);
      return { connection, place };
    } catch (error) {
      if (error instanceof NatsConnectError) throw error;
      if (isRefusal(error)) {
        throw new NatsConnectError("NATS_REFUSED_CREDENTIALS", `NATS at ${place} refused the credentials.`, error);
      }
      if (Date.now() + 250 > deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new NatsConnectError(
          "NATS_UNREACHABLE",
          `No NATS server answered at ${place} within ${connectTimeoutMs} ms (${reason}). Is it running, and is the address right?`,
          error,
        );
      }
      await pause(250);
    }
  }
};

const assertJetStream = async (connection: NatsConnection, place: string): Promise<void> => {
  try {
    await connection.jetstreamManager();
  } catch (error) {
    await connection.close();
    if (hasCode(error, ErrorCode.Timeout)) throw error;
    const message = `NATS at ${place} has no JetStream for this account: start it with JetStream (nats-server -js).`;
    throw new NatsConnectError("NATS_WITHOUT_JETSTREAM", message, error);
  }
};

const upsertStream = async (
  manager: JetStreamManager,
  { stream, subjects }: StreamTopology,
  { replicas, maxAgeMs, duplicateWindowMs }: { replicas: number; maxAgeMs: number; duplicateWindowMs: number },
): Promise<void> => {
  const changeable = {
    subjects: [...subjects],
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(Math.min(duplicateWindowMs, maxAgeMs)),
    num_replicas: replicas,
    discard: DiscardPolicy.Old,
  };
  const config = { ...changeable, name: stream, retention: RetentionPolicy.Limits, storage: StorageType.File };
  const existing = await manager.streams.info(stream).catch(nullWhenMissing);
  if (!existing) {
    // Two services may both find it missing; the same configuration twice is fine with the broker.
    await manager.streams.add(config);
  } else if (differs(existing.config, changeable)) {
    await manager.streams.update(stream, changeable);
  }
};

const upsertConsumer = async (
  manager: JetStreamManager,
  stream: string,
  durable: string,
  filterSubject: string,
  { ackWaitMs, maxAckPending }: { ackWaitMs: number; maxAckPending: number },
): Promise<void> => {
  // The receiver counts deliveries and buries: a limit in the broker would drop a message without a trace.
  const changeable = { ack_wait: nanos(ackWaitMs), max_ack_pending: maxAckPending, max_deliver: -1 };
  const existing = await manager.consumers.info(stream, durable).catch(nullWhenMissing);
  if (!existing) {
    await manager.consumers.add(stream, {
      ...changeable,
      durable_name: durable,
      filter_subject: filterSubject,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
    });
  } else if (differs(existing.config, changeable)) {
    await manager.consumers.update(stream, durable, changeable);
  }
};

const differs = (actual: object, wanted: object): boolean => {
  const values = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(wanted).some(([name, value]) => JSON.stringify(values.get(name)) !== JSON.stringify(value));
};

const restartWhenSilent = async (messages: ConsumerMessages, restart: () => void): Promise<void> => {
  for await (const { type } of await messages.status()) {
    if (type === "heartbeats_missed" || type === "consumer_deleted" || type === "no_responders") restart();
  }
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

const toHeaders = (values: Readonly<Record<string, string>>): MsgHdrs => {
  const result = newHeaders();
  for (const [name, value] of Object.entries(values)) result.set(name, value);
  return result;
};

const fromHeaders = (values: MsgHdrs | undefined): Record<string, string> =>
  values ? Object.fromEntries([...values].map(([name, [value = ""]]) => [name, value])) : {};

const pickDefined = <T extends Record<string, string | undefined>>(values: T): Partial<Record<keyof T, string>> => {
  const result: Partial<Record<keyof T, string>> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) Object.assign(result, { [name]: value });
  return result;
};

const hasCode = (error: unknown, code: string): boolean => error instanceof NatsError && error.code === code;

const isRefusal = (error: unknown): boolean =>
  [
    ErrorCode.AuthorizationViolation,
    ErrorCode.BadAuthentication,
    ErrorCode.BadCreds,
    ErrorCode.AuthenticationExpired,
  ].some((code) => hasCode(error, code));

const nullWhenMissing = (error: unknown): null => {
  if (error instanceof NatsError && error.api_error?.code === 404) return null;
  throw error;
};
