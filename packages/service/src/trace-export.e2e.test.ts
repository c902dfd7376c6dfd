import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { startOtlpReceiver } from "./testing/otlp-receiver.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs until it has made its spans, then stops it. */
const run = async (env: Readonly<Record<string, string>>) => {
  const main = "packages/service/src/testing/traced-main.ts";
  const child = spawn(process.execPath, ["--conditions=supergraph-source", "--import", "tsx", main], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isStopped = false;
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (isStopped || !output.includes('"runs"')) return;
    isStopped = true;
    child.kill("SIGTERM");
  });
  const [code] = await once(child, "close");
  return { code: code as unknown, output };
};

const startReceiver = async () => {
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.stop());
  return receiver;
};

describe("a process", () => {
  it("has its spans with the collector by the time it has stopped", async () => {
    const receiver = await startReceiver();
    const { code, output } = await run({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    });
    expect(code).toBe(0);
    expect(output).toContain('"sdkIsLoaded":true');
    const [inContext, plan, call, handed, sweep] = receiver.spans();
    const request = { "http.request.method": "POST", "url.path": "/graphql" };
    expect(inContext).toMatchObject({
      name: "POST /graphql",
      kind: 2,
      traceId: "a".repeat(32),
      parentSpanId: "b".repeat(16),
      attributes: { ...request, "http.response.status_code": 200, "graphql.operation.type": "query" },
      resource: { "service.name": "traced" },
    });
    expect(handed).toMatchObject({ kind: 2, parentSpanId: "b".repeat(16), attributes: request });
    expect(plan).toMatchObject({ name: "plan", kind: 1, parentSpanId: handed?.spanId });
    expect(call).toMatchObject({
      name: "orders",
      kind: 3,
      parentSpanId: handed?.spanId,
      attributes: { "http.response.status_code": 503 },
      status: { code: 2 },
    });
    // What it failed with may hold a customer's data: the log tells that, cleaned.
    expect(sweep).toMatchObject({ name: "sweep", attributes: { "error.type": "TypeError" }, events: [] });
    // Log lines have the trace's id as ever.
    expect(output).toContain(`"traceId":"${"a".repeat(32)}"`);
  });

  it("that is not asked for traces loads nothing for them, and has ids all the same", async () => {
    const { code, output } = await run({});
    expect(code).toBe(0);
    expect(output).toContain('"sdkIsLoaded":false');
    expect(output).toContain(`"traceId":"${"a".repeat(32)}"`);
  });

  it("stops although its collector does not answer", async () => {
    const receiver = await startReceiver();
    receiver.answer("nothing");
    const { code, output } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    expect(code).toBe(0);
    expect(output).not.toContain("could not stop cleanly");
  });

  it("does not start with what it cannot do, and tells which variable asks for it", async () => {
    const { code, output } = await run({ OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
    expect(code).toBe(1);
    expect(output).toContain("CONFIG_INVALID: OTEL_EXPORTER_OTLP_PROTOCOL has a value that cannot be used");
  });
});
