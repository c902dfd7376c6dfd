/** A number that a source tells, under Prometheus' rules for names. A counter's value is its total, not its growth. */
export interface MetricDefinition {
  readonly kind: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
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
}

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
