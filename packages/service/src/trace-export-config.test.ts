import { describe, expect, it } from "vitest";
import { ConfigError } from "./config.ts";
import { parseTraceExport } from "./trace-export-config.ts";

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
const parse = (env: Record<string, string>) => parseTraceExport(env, "orders");

describe("the export of traces", () => {
  it.each([
    ["nothing asks for it", {}],
    ["its variables are empty", { OTEL_EXPORTER_OTLP_ENDPOINT: "", OTEL_TRACES_EXPORTER: "" }],
    ["OpenTelemetry is disabled", { ...endpoint, OTEL_SDK_DISABLED: "TRUE" }],
    ["traces are not to be exported, whatever else says", { ...endpoint, OTEL_TRACES_EXPORTER: "none" }],
    ["it is disabled, whatever is wrong beside", { ...endpoint, OTEL_SDK_DISABLED: "true", OTEL_TRACES_SAMPLER: "x" }],
  ])("is off where %s", (_when, env) => {
    expect(parse(env)).toBeNull();
  });

  it.each([
    ["below the endpoint of all signals", endpoint, "http://collector:4318/v1/traces"],
    [
      "below its path",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector/otlp/?tenant=1" },
      "https://collector/otlp/v1/traces?tenant=1",
    ],
    [
      "at that of traces, as it is",
      { ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces:4318/in" },
      "http://traces:4318/in",
    ],
    ["at the standard's default", { OTEL_TRACES_EXPORTER: "otlp" }, "http://localhost:4318/v1/traces"],
  ])("goes to the collector %s", (_where, env, url) => {
    expect(parse(env)?.url.href).toBe(url);
  });

  it("has the standard's defaults", () => {
    expect(parse(endpoint)).toMatchObject({
      protocol: "http/protobuf",
      headers: {},
      timeoutMs: 10_000,
      compression: "none",
      resource: { "service.name": "orders" },
      batches: { scheduledDelayMillis: 5_000, maxQueueSize: 2_048, maxExportBatchSize: 512 },
    });
  });

  it("takes what is said of traces before what is said of all signals", () => {
    const config = parse({
      ...endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_HEADERS: "a=1, b=2",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "b=x%20y%3D",
      OTEL_EXPORTER_OTLP_TIMEOUT: "1000",
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "2000",
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "gzip",
    });
    expect(config).toMatchObject({ protocol: "http/json", timeoutMs: 2_000, compression: "gzip" });
    expect(config?.headers).toEqual({ a: "1", b: "x y=" });
  });

  it("names the service as OTEL_SERVICE_NAME does, else as the resource's attributes do", () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: "service.name=shop,deployment.environment.name=test%2C1" };
    expect(parse({ ...endpoint, ...attributes })?.resource).toEqual({
      "service.name": "shop",
      "deployment.environment.name": "test,1",
    });
    expect(parse({ ...endpoint, ...attributes, OTEL_SERVICE_NAME: "eu" })?.resource["service.name"]).toBe("eu");
  });

  it.each([
    [{}, /^ParentBased\{root=AlwaysOnSampler/],
    [{ OTEL_TRACES_SAMPLER: "always_on" }, /^AlwaysOnSampler/],
    [{ OTEL_TRACES_SAMPLER: "always_off" }, /^AlwaysOffSampler/],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" }, /^TraceIdRatioBased\{0\.25\}/],
    [{ OTEL_TRACES_SAMPLER: "traceidratio" }, /^TraceIdRatioBased\{1\}/],
    [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, /^ParentBased\{root=AlwaysOffSampler/],
    [
      { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: ".5" },
      /^ParentBased\{root=TraceIdRatioBased\{0\.5\}/,
    ],
  ])("samples by %o", (env, sampler) => {
    expect(String(parse({ ...endpoint, ...env })?.sampler)).toMatch(sampler);
  });

  it.each([
    ["OTEL_TRACES_EXPORTER", "zipkin"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"],
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "grpc://collector:4317"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "secret-without-a-name"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "key=secret%0d%0aset-cookie:1"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "key=%secret"],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "-1"],
    ["OTEL_TRACES_SAMPLER", "jaeger_remote"],
    ["OTEL_TRACES_SAMPLER_ARG", "1.5"],
    ["OTEL_RESOURCE_ATTRIBUTES", "=x"],
    ["OTEL_BSP_MAX_QUEUE_SIZE", "many"],
  ])("refuses to start with %s=%s, without repeating the value", (name, value) => {
    const refused = (): unknown => parse({ ...endpoint, [name]: value });
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(`${name} has a value that cannot be used: expected`);
    expect(refused).not.toThrow(value);
  });
});
