/** A number that a source tells, under Prometheus' rules for names. A counter's value is its total, not its growth. */
export interface MetricDefinition {
  readonly kind: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Of several workers each tells it for itself, under a label `worker`; summed over them unless given. */
  readonly ofEachWorker?: true;
}

export interface Reading {
  readonly metric: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is read when somebody asks for metrics. */
export interface MetricSource {
  readonly name: string;
  readonly metrics: readonly MetricDefinition[];
  /** Each reading replaces all former ones of this source. */
  read(): readonly Reading[] | Promise<readonly Reading[]>;
}

/** What an outbox's relay tells of itself; `@supergraph/postgres` has it. */
export interface RelayNumbers {
  readonly leader: boolean;
  readonly inFlight: number;
  readonly published: number;
  readonly failed: number;
  /** What waits in the outbox of the service, of all its replicas; null until somebody looked. */
  readonly outbox: OutboxNumbers | null;
}

export interface OutboxNumbers {
  readonly depth: number;
  readonly oldestMs: number;
  /** Milliseconds since 1970. */
  readonly sampledAt: number;
}

/** What every subgraph tells of its messages: what its relay publishes, and what its consumers have done and before them. */
export const messagingSources = (
  service: string,
  { relay, bus }: { readonly relay: { stats(): RelayNumbers }; readonly bus: BusNumbers },
): readonly MetricSource[] => [
  relaySource(() => relay.stats()),
  outboxSource(() => relay.stats()),
  ...consumerSources(service, bus),
];

/** What `/health/ready` tells of it, without deciding by it. */
export const relayState = (relay: { stats(): RelayNumbers }): Readonly<Record<string, boolean | number | null>> => {
  const { leader, outbox } = relay.stats();
  return {
    relayLeader: leader,
    outboxDepth: outbox?.depth ?? null,
    outboxOldestSeconds: outbox ? outbox.oldestMs / 1_000 : null,
  };
};

/** The relay of this process, of which the leading one publishes. */
export const relaySource = (stats: () => RelayNumbers): MetricSource => ({
  name: "relay",
  metrics: [
    gauge("supergraph_relay_leader", "1 in the process whose relay publishes the outbox, 0 in the others."),
    gauge("supergraph_outbox_publishing", "Messages that are being published."),
    counter("supergraph_outbox_published_total", "Messages that this process published."),
    counter("supergraph_outbox_publish_failures_total", "Attempts to publish that failed; each is repeated."),
  ],
  read() {
    const { leader, inFlight, published, failed } = stats();
    return [
      { metric: "supergraph_relay_leader", value: leader ? 1 : 0 },
      { metric: "supergraph_outbox_publishing", value: inFlight },
      { metric: "supergraph_outbox_published_total", value: published },
      { metric: "supergraph_outbox_publish_failures_total", value: failed },
    ];
  },
});

/** The relay looks each second: a look that is older tells that the database is away. */
const OUTBOX_SAMPLE_GOOD_MS = 10_000;

/** The same from each replica of a service: not to be summed over them. */
export const outboxSource = (stats: () => RelayNumbers, now: () => number = Date.now): MetricSource => ({
  name: "outbox",
  metrics: [
    gauge("supergraph_outbox_depth", "Messages that are committed and not published; the same from each replica."),
    gauge(
      "supergraph_outbox_oldest_seconds",
      "For how long the oldest message that is not published has waited; the same from each replica.",
    ),
  ],
  read() {
    const { outbox } = stats();
    const ageMs = outbox ? now() - outbox.sampledAt : Number.POSITIVE_INFINITY;
    if (!outbox || ageMs > OUTBOX_SAMPLE_GOOD_MS)
      throw new Error(`What waits in the outbox has not been looked at for ${OUTBOX_SAMPLE_GOOD_MS} ms.`);
    return [
      { metric: "supergraph_outbox_depth", value: outbox.depth },
      { metric: "supergraph_outbox_oldest_seconds", value: outbox.oldestMs / 1_000 },
    ];
  },
});

/** What a bus counts of one consumer in this process; `@supergraph/messaging` has it. */
export interface ConsumerNumbers {
  readonly service: string;
  readonly consumer: string;
  readonly handled: number;
  readonly redeliveries: number;
  readonly deadLetters: number;
}

/** What the broker tells of one consumer, over all replicas of its service: not to be summed over them. */
export interface ConsumerBacklog {
  readonly consumer: string;
  readonly pending: number;
  readonly unacknowledged: number;
}

export interface BusNumbers {
  /** Of all consumers that this process has on the bus. */
  stats(): readonly ConsumerNumbers[];
  lag(service: string): Promise<readonly ConsumerBacklog[]>;
}

/** The consumers of `service`: one source for what this process counts, and one for what only the broker knows. */
export const consumerSources = (service: string, bus: BusNumbers): readonly MetricSource[] => [
  {
    name: "consumers",
    metrics: [
      counter("supergraph_consumer_handled_total", "Messages whose effect is durable.", ["consumer"]),
      counter("supergraph_consumer_redeliveries_total", "Deliveries after a message's first.", ["consumer"]),
      counter("supergraph_dead_letters_total", "Messages that were given up.", ["consumer"]),
    ],
    read: () =>
      bus
        .stats()
        .filter((numbers) => numbers.service === service)
        .flatMap(({ consumer, handled, redeliveries, deadLetters }) => [
          { metric: "supergraph_consumer_handled_total", value: handled, labels: { consumer } },
          { metric: "supergraph_consumer_redeliveries_total", value: redeliveries, labels: { consumer } },
          { metric: "supergraph_dead_letters_total", value: deadLetters, labels: { consumer } },
        ]),
  },
  {
    name: "consumer_lag",
    metrics: [
      gauge(
        "supergraph_consumer_pending",
        "Messages that no replica has got yet, as the broker says: the same from each replica.",
        ["consumer"],
      ),
      gauge(
        "supergraph_consumer_unacknowledged",
        "Messages that a replica has got and not handled, as the broker says: the same from each replica.",
        ["consumer"],
      ),
    ],
    async read() {
      const consumers = await bus.lag(service);
      return consumers.flatMap(({ consumer, pending, unacknowledged }) => [
        { metric: "supergraph_consumer_pending", value: pending, labels: { consumer } },
        { metric: "supergraph_consumer_unacknowledged", value: unacknowledged, labels: { consumer } },
      ]);
    },
  },
];

/** What a pool of connections tells of itself; `@supergraph/postgres` has it. */
export interface PoolNumbers {
  readonly max: number;
  readonly used: number;
  readonly pending: number;
}

const POOL = "db_client_connection_pool_name";

/** Pools of this process by their names. The names of the metrics are those of OpenTelemetry's semantic conventions. */
export const poolSource = (pools: Readonly<Record<string, () => PoolNumbers>>): MetricSource => ({
  name: "pools",
  metrics: [
    gauge("db_client_connection_count", "Database connections on which a statement or a transaction is under way.", [
      POOL,
      "db_client_connection_state",
    ]),
    gauge("db_client_connection_max", "Database connections that the pool may have.", [POOL]),
    gauge(
      "db_client_connection_pending_requests",
      "Statements and transactions that have no database connection of their own: they wait, or share one.",
      [POOL],
    ),
  ],
  read: () =>
    Object.entries(pools).flatMap(([name, use]) => {
      const { max, used, pending } = use();
      const labels = { [POOL]: name };
      return [
        {
          metric: "db_client_connection_count",
          value: used,
          labels: { ...labels, db_client_connection_state: "used" },
        },
        { metric: "db_client_connection_max", value: max, labels },
        { metric: "db_client_connection_pending_requests", value: pending, labels },
      ];
    }),
});

export const gauge = (name: string, help: string, labels: readonly string[] = []): MetricDefinition => ({
  kind: "gauge",
  name,
  help,
  labels,
});

export const counter = (name: string, help: string, labels: readonly string[] = []): MetricDefinition => ({
  kind: "counter",
  name,
  help,
  labels,
});
