import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRecordedSpans } from "./recorded-spans.ts";
import { startOtlpReceiver } from "./testing/otlp-receiver.ts";
import { createTraceExport } from "./trace-export.ts";

const startReceiver = async () => {
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.stop());
  return receiver;
};

const startExport = async (env: Readonly<Record<string, string>>) => {
  const lines: string[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) });
  const exporting = await createTraceExport({ service: "orders", env, log });
  if (!exporting) throw new Error("Nothing is exported.");
  onTestFinished(() => exporting.stop());
  const tracer = createRecordedSpans(exporting).getTracer("@supergraph/test");
  return {
    ...exporting,
    makeSpan: (name: string) =>
      tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: { "url.path": "/" } }).end(),
    flush: () => Promise.all(exporting.processors.map((processor) => processor.forceFlush())),
    told: () => lines.map((line): unknown => JSON.parse(line)).slice(1),
    lines,
  };
};

const json = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_BSP_SCHEDULE_DELAY: "60000" };

describe("exported spans", () => {
  it("go to the collector when the process stops, with headers, service and resource", async () => {
    const receiver = await startReceiver();
    const { makeSpan, stop } = await startExport({
      ...json,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=s3%20cret",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    });
    makeSpan("POST /graphql");
    expect(receiver.received).toEqual([]);
    await stop();
    expect(receiver.received).toMatchObject([{ path: "/v1/traces", headers: { "api-key": "s3 cret" } }]);
    expect(receiver.spans()).toMatchObject([
      {
        name: "POST /graphql",
        kind: 2,
        attributes: { "url.path": "/" },
        resource: {
          "service.name": "orders",
          "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
          "process.pid": process.pid,
          "deployment.environment.name": "test",
          "telemetry.sdk.language": "nodejs",
        },
      },
    ]);
  });

  it("are protobuf unless asked otherwise, and zipped where asked", async () => {
    const receiver = await startReceiver();
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${receiver.endpoint}/in`;
    const plain = await startExport({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT });
    plain.makeSpan("POST /graphql");
    await plain.stop();
    const zipped = await startExport({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    });
    zipped.makeSpan("POST /graphql");
    await zipped.stop();
    expect(receiver.received).toMatchObject([
      { path: "/in", headers: { "content-type": "application/x-protobuf" } },
      { path: "/in", headers: { "content-type": "application/x-protobuf", "content-encoding": "gzip" } },
    ]);
    for (const { bytes } of receiver.received) expect(bytes).toBeGreaterThan(100);
  });

  it("are those alone that the sampler takes", async () => {
    const receiver = await startReceiver();
    const { makeSpan, stop } = await startExport({
      ...json,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_TRACES_SAMPLER: "always_off",
    });
    makeSpan("POST /graphql");
    await stop();
    expect(receiver.received).toEqual([]);
  });

  it("have their values cut, however long they are", async () => {
    const receiver = await startReceiver();
    const exporting = await startExport({ ...json, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    const span = createRecordedSpans(exporting).getTracer("@supergraph/test").startSpan("POST /graphql");
    span.setAttribute("graphql.operation.name", "x".repeat(100_000));
    span.end();
    await exporting.stop();
    expect(receiver.spans()[0]?.attributes["graphql.operation.name"]).toBe("x".repeat(1_024));
  });
});

describe("a collector that refuses", () => {
  it("is logged once until it takes spans again, without what it was sent or answered", async () => {
    const receiver = await startReceiver();
    const { makeSpan, flush, told, lines } = await startExport({
      ...json,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint.replace("//", "//user:passw0rd@"),
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=s3cret",
    });
    receiver.answer(400);
    for (const name of ["a", "b", "c"]) {
      makeSpan(name);
      await flush().catch(() => undefined);
    }
    expect(told()).toMatchObject([{ level: 40, reason: "400", msg: "traces cannot be exported, and are lost" }]);
    receiver.answer(200);
    makeSpan("d");
    await flush();
    makeSpan("e");
    await flush();
    expect(told().slice(1)).toMatchObject([{ level: 30, msg: "traces are exported again" }]);
    expect(receiver.spans().map(({ name }) => name)).toEqual(["d", "e"]);
    expect(lines.join()).not.toMatch(/s3cret|passw0rd/);
  });

  it("costs the queue's room at the most: what does not fit is let go", async () => {
    const receiver = await startReceiver();
    const { makeSpan, stop } = await startExport({
      ...json,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_BSP_MAX_QUEUE_SIZE: "10",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "10",
    });
    // The first batch leaves at once, so 10 more fit while it is under way.
    for (let i = 0; i < 100; i++) makeSpan(`span ${i}`);
    await stop();
    expect(receiver.spans().map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `span ${i}`));
  });
});

describe("libraries' spans", () => {
  it("are exported below a span of ours that is, and begin no trace", async () => {
    const receiver = await startReceiver();
    const exporting = await startExport({ ...json, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    const spans = createRecordedSpans(exporting);
    const library = spans.getTracer("@apollo/gateway");
    library.startSpan("alone").end();
    library.startActiveSpan("alone, too", (span) => span.end());
    const own = spans.getTracer("@supergraph/test").startSpan("own");
    const below = trace.setSpan(ROOT_CONTEXT, own);
    library.startSpan("gateway.plan", {}, below).end();
    library.startActiveSpan("gateway.execute", {}, below, (span) => span.end());
    own.end();
    await exporting.stop();
    expect(receiver.spans().map(({ name }) => name)).toEqual(["gateway.plan", "gateway.execute", "own"]);
  });
});
