import { validateHeaderName, validateHeaderValue } from "node:http";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  type BufferConfig,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import { z } from "zod";
import { envInteger, envMilliseconds, envUrl, parseConfig } from "./config.ts";

export interface TraceExportConfig {
  readonly url: URL;
  readonly protocol: (typeof PROTOCOLS)[number];
  /** May hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** For one batch, with its repetitions. */
  readonly timeoutMs: number;
  readonly compression: (typeof COMPRESSIONS)[number];
  readonly sampler: Sampler;
  /** Attributes of what the spans are of, `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>;
  readonly batches: BufferConfig;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROTOCOLS = ["http/protobuf", "http/json"] as const;
const COMPRESSIONS = ["none", "gzip"] as const;
const DEFAULT_ENDPOINT = "http://localhost:4318";

/**
 * What OpenTelemetry's standard variables ask for; null where nothing is to be exported. As of any configuration, a value
 * that cannot be used ends the start: spans that go nowhere are noticed on the day on which they are needed.
 * @throws ConfigError
 */
export const parseTraceExport = (env: Environment, service: string): TraceExportConfig | null => {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = parseConfig(SWITCHES, env);
  if (OTEL_SDK_DISABLED?.toLowerCase() === "true" || OTEL_TRACES_EXPORTER === "none") return null;
  const isAsked = OTEL_TRACES_EXPORTER ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (!isAsked) return null;

  const given = parseConfig(VARIABLES, env);
  return {
    url: urlOf(given),
    protocol: given.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? given.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf",
    headers: { ...given.OTEL_EXPORTER_OTLP_HEADERS, ...given.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: given.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? given.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
    compression: given.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? given.OTEL_EXPORTER_OTLP_COMPRESSION ?? "none",
    sampler: SAMPLERS[given.OTEL_TRACES_SAMPLER](given.OTEL_TRACES_SAMPLER_ARG),
    resource: {
      "service.name": service,
      ...given.OTEL_RESOURCE_ATTRIBUTES,
      ...(given.OTEL_SERVICE_NAME ? { "service.name": given.OTEL_SERVICE_NAME } : {}),
    },
    batches: {
      scheduledDelayMillis: given.OTEL_BSP_SCHEDULE_DELAY,
      exportTimeoutMillis: given.OTEL_BSP_EXPORT_TIMEOUT,
      maxQueueSize: given.OTEL_BSP_MAX_QUEUE_SIZE,
      maxExportBatchSize: Math.min(given.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, given.OTEL_BSP_MAX_QUEUE_SIZE),
    },
  };
};

const ratioSampler = (ratio: number): Sampler => new TraceIdRatioBasedSampler(ratio);
const byParent = (root: Sampler): Sampler => new ParentBasedSampler({ root });

const SAMPLERS = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: ratioSampler,
  parentbased_always_on: () => byParent(new AlwaysOnSampler()),
  parentbased_always_off: () => byParent(new AlwaysOffSampler()),
  parentbased_traceidratio: (ratio) => byParent(ratioSampler(ratio)),
} as const satisfies Readonly<Record<string, (ratio: number) => Sampler>>;

const SWITCHES = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(["otlp", "none"], "expected otlp or none").optional().meta({ example: "otlp" }),
});

const envEndpoint = (example: string) => envUrl(["http", "https"], example).optional();
const envProtocol = () =>
  z
    .enum(PROTOCOLS, `expected ${PROTOCOLS.join(" or ")}`)
    .optional()
    .meta({ example: PROTOCOLS[0] });
const envCompression = () =>
  z
    .enum(COMPRESSIONS, `expected ${COMPRESSIONS.join(" or ")}`)
    .optional()
    .meta({ example: "gzip" });
const envDuration = (example: number) => envMilliseconds({ min: 1, max: 600_000, example });
const envSpans = (example: number) => envInteger({ what: "a number of spans", min: 1, max: 1_000_000, example });

/** `name=value,name=value`, percent-encoded. */
const envPairs = (example: string, isValid: (name: string, value: string) => boolean = () => true) =>
  z
    .string()
    .transform((text, context): Record<string, string> => {
      const pairs = parsePairs(text);
      if (pairs && Object.entries(pairs).every(([name, value]) => isValid(name, value))) return pairs;
      context.addIssue({ code: "custom", message: "expected comma-separated name=value, percent-encoded" });
      return z.NEVER;
    })
    .optional()
    .meta({ example });

const parsePairs = (text: string): Record<string, string> | undefined => {
  const pairs: [string, string][] = [];
  for (const pair of text.split(",")) {
    if (pair.trim() === "") continue;
    const at = pair.indexOf("=");
    if (at < 1) return undefined;
    try {
      pairs.push([decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())]);
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(pairs);
};

const isHeader = (name: string, value: string): boolean => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
};

const VARIABLES = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: envEndpoint(DEFAULT_ENDPOINT),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: envEndpoint(`${DEFAULT_ENDPOINT}/v1/traces`),
  OTEL_EXPORTER_OTLP_PROTOCOL: envProtocol(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: envProtocol(),
  OTEL_EXPORTER_OTLP_HEADERS: envPairs("api-key=secret", isHeader),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: envPairs("api-key=secret", isHeader),
  OTEL_EXPORTER_OTLP_TIMEOUT: envDuration(10_000).optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: envDuration(10_000).optional(),
  OTEL_EXPORTER_OTLP_COMPRESSION: envCompression(),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: envCompression(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: envPairs("deployment.environment.name=production"),
  OTEL_TRACES_SAMPLER: z
    .enum(Object.keys(SAMPLERS) as (keyof typeof SAMPLERS)[], `expected one of ${Object.keys(SAMPLERS).join(", ")}`)
    .default("parentbased_always_on")
    .meta({ example: "parentbased_traceidratio" }),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0|1|0?\.\d{1,15}|[01]\.0{1,15}|0\.\d{1,15})$/, "expected a share from 0 to 1")
    .transform(Number)
    .default(1)
    .meta({ example: 0.1 }),
  OTEL_BSP_SCHEDULE_DELAY: envDuration(5_000).default(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: envDuration(30_000).default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: envSpans(2_048).default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: envSpans(512).default(512),
});

const urlOf = (given: z.output<typeof VARIABLES>): URL => {
  if (given.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return new URL(given.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
  const url = new URL(given.OTEL_EXPORTER_OTLP_ENDPOINT ?? DEFAULT_ENDPOINT);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`;
  return url;
};
