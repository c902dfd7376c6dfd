import type { Running } from "./lifecycle.ts";
import type { Logger } from "./log.ts";
import { enableTracing } from "./tracing.ts";

export interface TracingOptions {
  /** Its `service.name`, unless the environment names it. */
  readonly service: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/**
 * Sends this process' spans to the collector that OpenTelemetry's standard environment variables name; without any,
 * nothing is recorded, and nothing of OpenTelemetry's SDK is loaded. To be called before any server starts. A collector
 * that is away or refuses costs spans, never a request: they wait in a queue of bounded size, and the log tells once
 * until it recovers. A stop sends what still waits, for 5 s at the most.
 * @throws ConfigError
 */
export const startTracing = async (options: TracingOptions): Promise<Running> => {
  const exporting = mayBeAsked(options.env) ? await loadExport(options) : null;
  const isFirst = enableTracing(exporting?.spans);
  if (!exporting) return { stop: async () => undefined };
  if (!isFirst) throw new Error("Tracing has begun without its export: startTracing comes first.");
  return exporting;
};

/** Whether any variable speaks for an export; some that speaks against it decides later. */
const mayBeAsked = ({
  OTEL_TRACES_EXPORTER,
  OTEL_EXPORTER_OTLP_ENDPOINT,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
}: TracingOptions["env"]): boolean =>
  [OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT].some(Boolean);

const loadExport = async (options: TracingOptions) => {
  const [{ createTraceExport }, { createRecordedSpans }] = await Promise.all([
    import("./trace-export.ts"),
    import("./recorded-spans.ts"),
  ]);
  const exporting = await createTraceExport(options);
  return exporting && { spans: createRecordedSpans(exporting), stop: () => exporting.stop() };
};
