import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
} from "nats";
import { apiErrorOf, isPassing, nullWhenMissing } from "./errors.ts";
import { NatsStreamError } from "./options.ts";
import { differs, type StreamTopology } from "./topology.ts";

export interface StreamLimits {
  readonly replicas: number;
  readonly maxAgeMs: number;
  readonly duplicateWindowMs: number;
  /** Undefined for no limit. */
  readonly maxBytes?: number | undefined;
}

/** JetStream's error code for a stream of this name with another configuration. */
const STREAM_NAME_IN_USE = 10_058;
const SUBJECTS_OVERLAP = 10_065;
const REPLICAS_WITHOUT_CLUSTER = 10_074;

/**
 * Creates the stream, or gives it these limits.
 * @throws NatsStreamError when the broker will not have it so.
 */
export const upsertStream = async (
  manager: JetStreamManager,
  topic: StreamTopology,
  limits: StreamLimits,
): Promise<void> => {
  const { stream, subjects } = topic;
  const { replicas, maxAgeMs, duplicateWindowMs, maxBytes } = limits;
  // Kept after it was handled, for readers to come; and on disk, since an acknowledged publish is forgotten elsewhere.
  const fixed = { retention: RetentionPolicy.Limits, storage: StorageType.File };
  const changeable = {
    subjects: [...subjects],
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(Math.min(duplicateWindowMs, maxAgeMs)),
    num_replicas: replicas,
    max_bytes: maxBytes ?? -1,
    // `old` would make room by dropping what nobody has handled yet, and tell nobody.
    discard: DiscardPolicy.New,
  };
  const existing = await manager.streams.info(stream).catch(nullWhenMissing);
  try {
    if (!existing) {
      await manager.streams.add({ ...changeable, ...fixed, name: stream });
    } else if (differs(existing.config, fixed)) {
      const { retention, storage } = existing.config;
      throw conflict(stream, `retention ${retention} and storage ${storage}`, "retention limits and storage file");
    } else if (differs(existing.config, changeable)) {
      await manager.streams.update(stream, changeable);
    }
  } catch (error) {
    // Another service found it missing at the same moment, and creates it with other settings.
    if (!existing && apiErrorOf(error) === STREAM_NAME_IN_USE) return upsertStream(manager, topic, limits);
    throw refusal(error, topic, limits);
  }
};

const conflict = (stream: string, found: string, expected: string): NatsStreamError =>
  new NatsStreamError(
    "NATS_STREAM_CONFLICT",
    `The stream ${stream} has ${found}, expected ${expected}, and no broker can change that. If it is ours, wait until its consumers are idle and delete it: the next start makes it anew, and what was published in the last 10 minutes is published again. If it is somebody else's, set NATS_NAMESPACE.`,
  );

/** What the broker said about settings, in their names; anything else, such as a broken connection, as it is. */
const refusal = (error: unknown, { stream, subjects }: StreamTopology, { replicas }: StreamLimits): unknown => {
  if (!(error instanceof NatsError) || error.api_error === undefined || isPassing(error)) return error;
  const { err_code: code, description } = error.api_error;
  const advice =
    code === REPLICAS_WITHOUT_CLUSTER
      ? `NATS_REPLICAS=${replicas} needs a cluster of at least ${replicas} nodes with JetStream.`
      : code === SUBJECTS_OVERLAP
        ? `Another stream of this account holds ${subjects.join(", ")}: set NATS_NAMESPACE, or remove it.`
        : "Look at NATS_REPLICAS, NATS_MAX_AGE_HOURS and NATS_MAX_BYTES, and at the account's limits.";
  const message = `The broker refuses the settings of the stream ${stream}: ${description} (${code}). ${advice}`;
  return new NatsStreamError("NATS_STREAM_REFUSED", message, error);
};

/**
 * Creates the durable consumer, or gives it these limits.
 * @throws NatsStreamError when there is another consumer of this name.
 */
export const upsertConsumer = async (
  manager: JetStreamManager,
  stream: string,
  durable: string,
  filterSubject: string,
  { ackWaitMs, maxAckPending }: { ackWaitMs: number; maxAckPending: number },
): Promise<void> => {
  // The receiver counts deliveries and buries: a limit in the broker would drop a message without a trace.
  const changeable = { ack_wait: nanos(ackWaitMs), max_ack_pending: maxAckPending, max_deliver: -1 };
  const fixed = { filter_subject: filterSubject, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All };
  const existing = await manager.consumers.info(stream, durable).catch(nullWhenMissing);
  if (!existing) {
    await manager.consumers.add(stream, { ...changeable, ...fixed, durable_name: durable });
  } else if (differs(existing.config, fixed) || existing.config.deliver_subject !== undefined) {
    throw new NatsStreamError(
      "NATS_CONSUMER_CONFLICT",
      `The consumer ${durable} of the stream ${stream} is not one that reads ${filterSubject} from its start and acknowledges each message, and no broker can change that. Delete it if nothing else uses it: it is made anew and reads the stream once more, and messages that were handled are known.`,
    );
  } else if (differs(existing.config, changeable)) {
    await manager.consumers.update(stream, durable, changeable);
  }
};
