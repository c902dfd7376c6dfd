import { connect, type JetStreamManager } from "nats";

/** What the broker tells of all streams and consumers together. */
export interface BrokerCounts {
  /** A line for each consumer that has something to do. */
  readonly busy: readonly string[];
  /** Grows with everything that is published or handled: twice the same means that nothing happened in between. */
  readonly activity: string;
  /** Deliveries beyond the first of each message, since the streams were made. */
  readonly redeliveries: number;
  readonly deadLetters: number;
}

export interface BrokerWatch {
  /** @throws when the broker does not answer. */
  counts(): Promise<BrokerCounts>;
  close(): Promise<void>;
}

const DEAD_LETTERS = "DLQ";

/** Looks at the broker from outside; outlives its restarts. */
export const watchBroker = async (url: string): Promise<BrokerWatch> => {
  const connection = await connect({
    servers: url,
    name: "fault-suite-watch",
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const manager = await connection.jetstreamManager();
  return {
    counts: () => readCounts(manager),
    close: () => connection.close().catch(() => undefined),
  };
};

const readCounts = async (manager: JetStreamManager): Promise<BrokerCounts> => {
  const busy: string[] = [];
  const activity: string[] = [];
  let redeliveries = 0;
  let deadLetters = 0;
  for await (const { config, state } of manager.streams.list()) {
    if (config.name === DEAD_LETTERS) deadLetters = state.messages;
    activity.push(`${config.name} ${state.last_seq}`);
    const stored = await manager.streams.info(config.name, { subjects_filter: ">" });
    const messagesOf = new Map(Object.entries(stored.state.subjects ?? {}));
    for await (const info of manager.consumers.list(config.name)) {
      const { num_pending: pending, num_ack_pending: unacknowledged, delivered, name } = info;
      if (pending + unacknowledged > 0) busy.push(`${name} has ${pending} pending, ${unacknowledged} unacknowledged`);
      activity.push(`${name} ${delivered.consumer_seq} ${info.ack_floor.consumer_seq}`);
      const messages = messagesOf.get(info.config.filter_subject ?? "");
      // What waits was never delivered; what was removed by its age cannot be told any more.
      if (messages !== undefined) redeliveries += Math.max(0, delivered.consumer_seq - (messages - pending));
    }
  }
  return { busy, activity: activity.sort().join("\n"), redeliveries, deadLetters };
};
