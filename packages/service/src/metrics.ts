import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HttpResponse, Route } from "./http.ts";
import type { Logger } from "./log.ts";
import type { MetricDefinition, MetricSource, Reading } from "./metric-sources.ts";
import { claimProcessMetrics, type ProcessMetricsClaim, processRegistry } from "./process-metrics.ts";

export interface Metrics {
  /** `GET /metrics`, in the Prometheus text format. Holds numbers and names only: nothing of a customer, no secret. */
  readonly route: Route;
  readonly requests: RequestMeter;
  /** What the route tells, for a process that tells of several together. */
  snapshot(): Promise<MetricsSnapshot>;
  /** All that the route can tell, also what it has no number of yet, by name. */
  definitions(): readonly MetricFamilyDefinition[];
  /** A GraphQL error that was answered, by its code. */
  countError(code: unknown): void;
  /** Registers a histogram of durations. What it answers is called with one duration, in seconds. */
  durations<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
  ): (labels: Readonly<Record<Label, string>>, seconds: number) => void;
  /** From now on another server of the process may tell of the process. */
  stop(): void;
}

/** Numbers of one process, which go from one to another as JSON. */
export interface MetricsSnapshot {
  /** To be summed over processes. */
  readonly summed: readonly MetricFamily[];
  /** Of which a sum says nothing: memory, lag, what state something is in. */
  readonly ofEach: readonly MetricFamily[];
}

export interface MetricFamilyDefinition {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram" | "summary";
  readonly help: string;
  readonly labels: readonly string[];
  /** Of several workers each tells it for itself, under a label `worker`. */
  readonly isOfEachWorker: boolean;
}

export type MetricFamily = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>[number];

export const OPERATION_KINDS = ["query", "mutation", "subscription", "none"] as const;

/** What kind of operation a request carried; "none" for one that was refused before that was known. */
export type OperationKind = (typeof OPERATION_KINDS)[number];

export interface RequestMeter {
  /** Times `answer` up to the head of its response; `tell` is called once the operation is known. */
  measure(answer: (tell: (kind: OperationKind) => void) => Promise<HttpResponse>): Promise<HttpResponse>;
}

export interface MetricsOptions {
  readonly log: Logger;
  readonly sources?: readonly MetricSource[];
  /** However often somebody asks, a source is asked at most once in this time: 1,000 unless given. */
  readonly rememberMs?: number;
  /** A source that takes longer counts as failed: 2,000 unless given. */
  readonly sourceTimeoutMs?: number;
}

const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * The numbers of one server, in a registry of its own: a process may run several. What the sources tell is read when
 * somebody asks. One that fails, or hangs, costs its own numbers and is counted; the others are told all the same.
 */
export const createMetrics = ({
  log,
  sources = [],
  rememberMs = 1_000,
  sourceTimeoutMs = 2_000,
}: MetricsOptions): Metrics => {
  const registry = new Registry();
  const failures = new Counter({
    name: "supergraph_scrape_errors_total",
    help: "Sources of metrics that could not be read, such as a database that is away.",
    labelNames: ["source"],
    registers: [registry],
  });
  const errors = new Counter({
    name: "supergraph_graphql_errors_total",
    help: "GraphQL errors answered, by code.",
    labelNames: ["code"],
    registers: [registry],
  });
  const readers = sources.map((source) => {
    failures.inc({ source: source.name }, 0);
    const show = register(source.metrics, registry);
    const read = remembering(source, { rememberMs, timeoutMs: sourceTimeoutMs });
    let failing = false;
    return async () => {
      const result = await read();
      if ("error" in result) {
        failures.inc({ source: source.name });
        if (!failing) log.warn({ err: result.error, source: source.name }, "a source of metrics cannot be read");
      }
      failing = "error" in result;
      // What was true before must not be told as if it still were.
      show("error" in result ? [] : result.readings);
    };
  });
  const ofEachWorker = new Set(
    sources.flatMap(({ metrics }) => metrics.filter((metric) => metric.ofEachWorker).map(({ name }) => name)),
  );
  let ofProcess: ProcessMetricsClaim | undefined;
  const readRegistries = async (): Promise<readonly Registry[]> => {
    await Promise.all(readers.map((read) => read()));
    // Not before: who is never asked must not keep others from telling.
    ofProcess ??= claimProcessMetrics();
    return [registry, ...ofProcess.registries()];
  };

  return {
    durations(name, help, labels) {
      const options = { name, help, labelNames: [...labels], buckets: DURATION_BUCKETS, registers: [registry] };
      const histogram = new Histogram(options);
      return (values, seconds) => histogram.observe({ ...values }, seconds);
    },
    requests: createRequestMeter(registry),
    definitions: () =>
      [
        ...definitionsOf(registry, (name) => ofEachWorker.has(name)),
        ...definitionsOf(processRegistry(), () => true),
      ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    countError(code) {
      errors.inc({ code: typeof code === "string" ? code : "none" });
    },
    route: {
      method: "GET",
      path: "/metrics",
      async handle() {
        return metricsResponse(Registry.merge([...(await readRegistries())]));
      },
    },
    async snapshot() {
      const [own = [], ...others] = await Promise.all((await readRegistries()).map((told) => told.getMetricsAsJSON()));
      return {
        summed: own.filter(({ name }) => !ofEachWorker.has(name)),
        ofEach: [...own.filter(({ name }) => ofEachWorker.has(name)), ...others.flat()],
      };
    },
    stop: () => ofProcess?.release(),
  };
};

/** What prom-client knows of a metric, and its types do not tell. */
interface Registered {
  readonly name: string;
  readonly help: string;
  readonly type?: MetricFamilyDefinition["kind"];
  readonly labelNames?: readonly string[];
}

const definitionsOf = (from: Registry, isOfEachWorker: (name: string) => boolean): MetricFamilyDefinition[] =>
  from.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames = [] } = metric as unknown as Registered;
    if (type === undefined) throw new Error(`Expected prom-client to know what kind of metric ${name} is.`);
    return { name, kind: type, help, labels: labelNames, isOfEachWorker: isOfEachWorker(name) };
  });

export const metricsResponse = async (told: Registry): Promise<HttpResponse> => ({
  status: 200,
  headers: { "content-type": Registry.PROMETHEUS_CONTENT_TYPE, "cache-control": "no-store" },
  body: await told.metrics(),
});

const createRequestMeter = (registry: Registry): RequestMeter => {
  const durations = new Histogram({
    name: "supergraph_http_request_duration_seconds",
    help: "GraphQL requests, up to the head of the response, by operation type and HTTP status.",
    labelNames: ["operation", "status"],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: "supergraph_http_requests_in_flight",
    help: "GraphQL requests that are being answered.",
    registers: [registry],
  });
  return {
    async measure(answer) {
      const stopTimer = durations.startTimer();
      let operation: OperationKind = "none";
      let status = 500;
      inFlight.inc();
      try {
        const response = await answer((kind) => {
          operation = kind;
        });
        status = response.status;
        return response;
      } finally {
        inFlight.dec();
        stopTimer({ operation, status });
      }
    },
  };
};

type Show = (readings: readonly Reading[]) => void;

/** Answers how to replace what the metrics of one source tell. */
const register = (metrics: readonly MetricDefinition[], registry: Registry): Show => {
  const known = new Map(
    metrics.map(({ kind, name, help, labels = [] }) => {
      const options = { name, help, labelNames: [...labels], registers: [registry] };
      const metric = kind === "counter" ? new Counter(options) : new Gauge(options);
      return [name, { metric, isLabelled: labels.length > 0 }];
    }),
  );
  return (readings) => {
    for (const { metric, isLabelled } of known.values()) {
      metric.reset();
      // To reset a metric without labels is to tell 0.
      if (!isLabelled) metric.remove();
    }
    for (const { metric, value, labels = {} } of readings) {
      const found = known.get(metric);
      if (!found) throw new Error(`A source of metrics tells ${metric}, which it did not declare.`);
      found.metric.inc({ ...labels }, value);
    }
  };
};

type ReadResult = { readonly readings: readonly Reading[] } | { readonly error: unknown };

/**
 * The first of several that ask at once reads for all, and what it read is good for `rememberMs`. A read that hangs is
 * not begun a second time: scraping must not load what is in trouble.
 */
const remembering = (
  source: MetricSource,
  { rememberMs, timeoutMs }: { readonly rememberMs: number; readonly timeoutMs: number },
): (() => Promise<ReadResult>) => {
  let running: Promise<ReadResult> | undefined;
  let last: { readonly result: Promise<ReadResult>; readonly at: number } | undefined;
  const read = (): Promise<ReadResult> => {
    running ??= readOnce(source).finally(() => {
      running = undefined;
    });
    return within(timeoutMs, running);
  };
  return () => {
    const now = performance.now();
    if (!last || now - last.at >= rememberMs) last = { result: read(), at: now };
    return last.result;
  };
};

const readOnce = async (source: MetricSource): Promise<ReadResult> => {
  try {
    return { readings: await source.read() };
  } catch (error) {
    return { error };
  }
};

const within = async (timeoutMs: number, reading: Promise<ReadResult>): Promise<ReadResult> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ReadResult>((resolve) => {
    timer = setTimeout(() => resolve({ error: new Error(`No answer within ${timeoutMs} ms.`) }), timeoutMs);
  });
  try {
    return await Promise.race([reading, timeout]);
  } finally {
    clearTimeout(timer);
  }
};
