import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Running } from "./lifecycle.ts";
import type { Logger } from "./log.ts";
import type { RecordedSpansOptions } from "./recorded-spans.ts";
import type { TracingOptions } from "./start-tracing.ts";
import { parseTraceExport, type TraceExportConfig } from "./trace-export-config.ts";

export type TraceExport = Required<RecordedSpansOptions> & Running;

/** Null where the environment asks for none after all. */
export const createTraceExport = async ({ service, env, log }: TracingOptions): Promise<TraceExport | null> => {
  const config = parseTraceExport(env, service);
  if (!config) return null;
  const exporter = tellingFailures(await createExporter(config), config.url, log);
  const processor = new BatchSpanProcessor(exporter, config.batches);
  const { protocol, url } = config;
  log.info({ collector: url.host, protocol, sampler: String(config.sampler) }, "traces are exported");
  return {
    processors: [processor],
    sampler: config.sampler,
    resource: defaultResource().merge(
      resourceFromAttributes({
        // Replicas and workers are told apart by it.
        "service.instance.id": randomUUID(),
        "process.pid": process.pid,
        ...config.resource,
      }),
    ),
    async stop() {
      const flushed = new AbortController();
      const deadline = pause(STOP_DEADLINE_MS, undefined, { signal: flushed.signal }).catch(() => undefined);
      // What it fails with has been told by the exporter.
      await Promise.race([processor.shutdown().catch(() => undefined), deadline]);
      flushed.abort();
    },
  };
};

/** Of the 20 s that a process has for its stop; a collector that is away would take all of an export's timeout. */
const STOP_DEADLINE_MS = 5_000;

/** Certificates (`OTEL_EXPORTER_OTLP_CERTIFICATE` and its like) are read by the exporter itself. */
const createExporter = async (config: TraceExportConfig): Promise<SpanExporter> => {
  const { OTLPTraceExporter } =
    config.protocol === "http/json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter({
    url: config.url.href,
    headers: { ...config.headers },
    timeoutMillis: config.timeoutMs,
    compression: config.compression as NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>["compression"],
  });
};

/** Tells neither headers nor the whole URL, where keys are, nor a collector's answer, which may quote them. */
const tellingFailures = (exporter: SpanExporter, { host }: URL, log: Logger): SpanExporter => {
  let isFailing = false;
  const note = ({ code, error }: ExportResult): void => {
    const hasFailed = code !== ExportResultCode.SUCCESS;
    if (hasFailed === isFailing) return;
    isFailing = hasFailed;
    if (hasFailed) log.warn({ collector: host, reason: reasonOf(error) }, "traces cannot be exported, and are lost");
    else log.info({ collector: host }, "traces are exported again");
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        note(result);
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
};

/** A code of Node's network, or an HTTP status. */
const reasonOf = (error: Error | undefined): string =>
  error && "code" in error && error.code !== undefined ? String(error.code) : (error?.name ?? "no answer");
