import {
  createMetrics,
  type Logger,
  type MetricSource,
  type Metrics,
  OPERATION_KINDS,
  type OperationKind,
  type Reading,
} from "@supergraph/service";
import type { Generations } from "./generations/generations.ts";

/** What the router counts and times. */
export interface RouterMeters
  extends Pick<Metrics, "route" | "snapshot" | "definitions" | "requests" | "countError" | "stop"> {
  /** An operation that was answered, whole or in part. */
  operation(operation: MeteredOperation, seconds: number): void;
  /** A request that was answered with a fault of ours, or of what is behind us. */
  faulted(kind: OperationKind): void;
  planned(outcome: string, seconds: number): void;
  called(subgraph: string, outcome: string, seconds: number): void;
  /** From now on the state of these is told, too. */
  watch(watched: Watched): void;
}

export interface MeteredOperation {
  readonly kind: OperationKind;
  /** Null where it has none. */
  readonly name: string | null;
  readonly outcome: "answered" | "partial" | "refused";
}

export interface Watched {
  readonly generations: Generations;
  readonly isSourceReachable: () => boolean;
  readonly openSubscriptions: () => number;
}

/** Clients choose the names of operations, and each costs memory here and wherever metrics go: further ones share one. */
const MAX_OPERATION_NAMES = 500;

export const createRouterMeters = (log: Logger): RouterMeters => {
  let watched: Watched | undefined;
  const faults = new Map<OperationKind, number>(OPERATION_KINDS.map((kind) => [kind, 0]));
  const metrics = createMetrics({ log, sources: [faultSource(faults), stateSource(() => watched)] });
  const observeOperation = metrics.durations(
    "supergraph_operation_duration_seconds",
    "GraphQL operations by name, type and outcome (answered, partial: with errors, refused: without data), up to the whole answer; of subscriptions the opening. Of 500 names; further ones, since clients choose them, as (other).",
    ["operation_name", "operation_type", "outcome"],
  );
  const observePlanning = metrics.durations(
    "supergraph_planning_duration_seconds",
    "Query plans that were made, waiting for their turn included; refused where planning took too much.",
    ["outcome"],
  );
  const observeCall = metrics.durations(
    "supergraph_subgraph_call_duration_seconds",
    "Calls of subgraphs, with their repetitions if there were any, by how they ended: answered, shared (by a call for the same at the same time), abandoned (its client went away), or the code of the failure; of subscriptions only the opening.",
    ["subgraph", "outcome"],
  );
  const names = new Map<string, string>();
  const boundedName = (name: string | null): string => {
    if (name === null) return "";
    const known = names.get(name);
    if (known !== undefined) return known;
    if (names.size >= MAX_OPERATION_NAMES) return "(other)";
    // A copy: as a part of the document's text it would keep all of that in memory.
    const own = Buffer.from(name).toString();
    names.set(own, own);
    return own;
  };
  return {
    route: metrics.route,
    snapshot: metrics.snapshot,
    definitions: metrics.definitions,
    requests: metrics.requests,
    countError: metrics.countError,
    stop: metrics.stop,
    operation({ kind, name, outcome }, seconds) {
      observeOperation({ operation_name: boundedName(name), operation_type: kind, outcome }, seconds);
    },
    faulted: (kind) => void faults.set(kind, (faults.get(kind) ?? 0) + 1),
    planned: (outcome, seconds) => observePlanning({ outcome }, seconds),
    called: (subgraph, outcome, seconds) => observeCall({ subgraph, outcome }, seconds),
    watch(given) {
      watched = given;
    },
  };
};

const FAULTS = "supergraph_request_faults_total";

const faultSource = (faults: ReadonlyMap<OperationKind, number>): MetricSource => ({
  name: "faults",
  metrics: [
    {
      kind: "counter",
      name: FAULTS,
      help: "GraphQL requests answered with a fault that is not their client's: a status of 500 and above, or an error of a subgraph, of too much load, or without a known cause.",
      labels: ["operation"],
    },
  ],
  read: () => [...faults].map(([operation, value]) => ({ metric: FAULTS, value, labels: { operation } })),
});

const BREAKER_STATES = ["closed", "half-open", "open"] as const;

const stateSource = (watched: () => Watched | undefined): MetricSource => ({
  name: "router",
  metrics: [
    {
      kind: "gauge",
      name: "supergraph_generation",
      help: "The number of the supergraph's generation that serves, by the beginning of the supergraph's SHA-256.",
      labels: ["hash"],
      ofEachWorker: true,
    },
    {
      kind: "gauge",
      name: "supergraph_generations_draining",
      help: "Former generations on which something still runs.",
    },
    {
      kind: "gauge",
      name: "supergraph_generation_refused",
      help: "1 while the last supergraph that was offered cannot be served.",
      ofEachWorker: true,
    },
    {
      kind: "gauge",
      name: "supergraph_source_reachable",
      help: "1 while the source of supergraphs can be read.",
      ofEachWorker: true,
    },
    {
      kind: "counter",
      name: "supergraph_reloads_total",
      help: "Supergraphs that were offered, by what became of them: serving, unchanged, refused.",
      labels: ["outcome"],
    },
    { kind: "gauge", name: "supergraph_document_cache_entries", help: "Operations that are kept prepared." },
    {
      kind: "gauge",
      name: "supergraph_document_cache_characters",
      help: "Characters of the texts of operations that are kept prepared.",
    },
    {
      kind: "counter",
      name: "supergraph_document_cache_requests_total",
      help: "Operations that were looked up since the generation serves, by result: hit, miss.",
      labels: ["result"],
    },
    { kind: "gauge", name: "supergraph_subscriptions_open", help: "Streams that are open." },
    {
      kind: "gauge",
      name: "supergraph_subgraph_breaker",
      help: "1 for the state that a subgraph's circuit breaker is in: closed, half-open, open.",
      labels: ["subgraph", "state"],
      ofEachWorker: true,
    },
    {
      kind: "gauge",
      name: "supergraph_subgraph_calls_in_flight",
      help: "Calls of a subgraph that are under way.",
      labels: ["subgraph"],
    },
    {
      kind: "gauge",
      name: "supergraph_subgraph_calls_queued",
      help: "Calls of a subgraph that wait for their turn.",
      labels: ["subgraph"],
    },
    {
      kind: "gauge",
      name: "supergraph_subgraph_replicas_ejected",
      help: "Replicas of a subgraph that are left out because they fail.",
      labels: ["subgraph"],
    },
  ],
  read() {
    const found = watched();
    return found ? [...generationReadings(found), ...subgraphReadings(found)] : [];
  },
});

const generationReadings = ({ generations, isSourceReachable, openSubscriptions }: Watched): Reading[] => {
  const { number, hash, draining, refused, reloads } = generations.state();
  const { entries, characters, hits, misses } = generations.current.documents.numbers();
  return [
    { metric: "supergraph_generation", value: number, labels: { hash } },
    { metric: "supergraph_generations_draining", value: draining },
    { metric: "supergraph_generation_refused", value: refused ? 1 : 0 },
    { metric: "supergraph_source_reachable", value: isSourceReachable() ? 1 : 0 },
    ...Object.entries(reloads).map(([outcome, value]) => ({
      metric: "supergraph_reloads_total",
      value,
      labels: { outcome },
    })),
    { metric: "supergraph_document_cache_entries", value: entries },
    { metric: "supergraph_document_cache_characters", value: characters },
    { metric: "supergraph_document_cache_requests_total", value: hits, labels: { result: "hit" } },
    { metric: "supergraph_document_cache_requests_total", value: misses, labels: { result: "miss" } },
    { metric: "supergraph_subscriptions_open", value: openSubscriptions() },
  ];
};

const subgraphReadings = ({ generations }: Watched): Reading[] =>
  [...generations.current.clients].flatMap(([subgraph, client]) => {
    const { breaker, inFlight, queued, replicas } = client.state();
    return [
      ...BREAKER_STATES.map((state) => ({
        metric: "supergraph_subgraph_breaker",
        value: state === breaker ? 1 : 0,
        labels: { subgraph, state },
      })),
      { metric: "supergraph_subgraph_calls_in_flight", value: inFlight, labels: { subgraph } },
      { metric: "supergraph_subgraph_calls_queued", value: queued, labels: { subgraph } },
      {
        metric: "supergraph_subgraph_replicas_ejected",
        value: replicas.filter(({ ejected }) => ejected).length,
        labels: { subgraph },
      },
    ];
  });
