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
import { nullWhenMissing } from "./errors.ts";
import { differs, type StreamTopology } from "./topology.ts";

/** JetStream's error code for a stream of this name with another configuration. */
const STREAM_NAME_IN_USE = 10058;

/** Creates the stream, or gives it these limits. */
export const upsertStream = async (
  manager: JetStreamManager,
  topic: StreamTopology,
  limits: { replicas: number; maxAgeMs: number; duplicateWindowMs: number },
): Promise<void> => {
  const { stream, subjects } = topic;
  const { replicas, maxAgeMs, duplicateWindowMs } = limits;
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
    try {
      await manager.streams.add(config);
    } catch (error) {
      // Another service found it missing at the same moment, and creates it with other settings.
      if (!(error instanceof NatsError && error.api_error?.err_code === STREAM_NAME_IN_USE)) throw error;
      await upsertStream(manager, topic, limits);
    }
  } else if (differs(existing.config, changeable)) {
    await manager.streams.update(stream, changeable);
  }
};

/** Creates the durable consumer, or gives it these limits. */
export const upsertConsumer = async (
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
