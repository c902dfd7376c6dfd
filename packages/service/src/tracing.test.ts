import { SpanKind } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRecordedSpans } from "./recorded-spans.ts";
import {
  beginServerSpan,
  currentTraceId,
  enableTracing,
  inOwnTrace,
  inServerSpan,
  setSpanAttribute,
} from "./tracing.ts";

const exporter = new InMemorySpanExporter();
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const incoming = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };

beforeAll(() => {
  enableTracing(createRecordedSpans({ processors: [new SimpleSpanProcessor(exporter)] }));
  // Another part of the process that needs it, too.
  enableTracing();
});
beforeEach(() => exporter.reset());

const textOf = async (body: unknown): Promise<string> => {
  if (typeof body !== "object" || body === null || !(Symbol.asyncIterator in body)) return String(body);
  const chunks: string[] = [];
  for await (const chunk of body as AsyncIterable<string>) chunks.push(chunk);
  return chunks.join(",");
};

describe("a request", () => {
  it("is answered in the trace that it came with, in a span below its caller's", async () => {
    await inServerSpan("POST /graphql", incoming, async () => {
      await Promise.resolve();
      expect(currentTraceId()).toBe(TRACE);
      return { status: 200 };
    });
    const [span] = exporter.getFinishedSpans();
    expect(span?.parentSpanContext?.spanId).toBe("00f067aa0ba902b7");
    expect(span?.attributes).toEqual({ "http.response.status_code": 200 });
  });

  it("has the attributes that are told of it, from where it is answered, too", async () => {
    const answer = async () => {
      setSpanAttribute("graphql.operation.type", "query");
      setSpanAttribute("graphql.operation.name", undefined);
      return { status: 503 };
    };
    await inServerSpan("POST /graphql", incoming, answer, { "http.request.method": "POST" });
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes).toEqual({
      "http.request.method": "POST",
      "graphql.operation.type": "query",
      "http.response.status_code": 503,
    });
    expect(span?.status.code).toBe(2);
    setSpanAttribute("graphql.operation.type", "outside of any span");
  });

  it("begins a trace when it came with none", async () => {
    let traceId: string | undefined;
    await inServerSpan("POST /graphql", {}, async () => {
      traceId = currentTraceId();
      return { status: 200 };
    });
    expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(exporter.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
  });

  it("has the chunks of its stream made in its trace, although somebody else reads them", async () => {
    let returned: string | undefined;
    const stream = async function* () {
      try {
        yield String(currentTraceId());
        yield String(currentTraceId());
      } finally {
        returned = currentTraceId();
      }
    };
    const { body } = await inServerSpan("POST /graphql", incoming, async () => ({ status: 200, body: stream() }));
    expect(currentTraceId()).toBeUndefined();
    expect(await textOf(body)).toBe(`${TRACE},${TRACE}`);
    expect(returned).toBe(TRACE);
  });

  it("that fails is marked in its span, and fails as it did", async () => {
    const failing = inServerSpan("POST /graphql", incoming, () => Promise.reject(new Error("broken")));
    await expect(failing).rejects.toThrow("broken");
    const [span] = exporter.getFinishedSpans();
    expect(span?.status.code).toBe(2);
    // The message, which may hold a customer's data, is for the log.
    expect(span?.attributes).toEqual({ "error.type": "Error" });
    expect(span?.events).toEqual([]);
  });
});

describe("work of a timer", () => {
  it("has a trace of its own, also when a request started the timer", async () => {
    await inServerSpan("POST /graphql", incoming, async () => {
      const traceId = await inOwnTrace("sweep", async () => currentTraceId());
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(traceId).not.toBe(TRACE);
      return { status: 200 };
    });
  });
});

describe("a span that is handed on", () => {
  it("has its calls below it, and is in no context", () => {
    const request = beginServerSpan("POST /graphql", incoming);
    const call = request.call("orders");
    expect(currentTraceId()).toBeUndefined();
    expect([request.traceId, call.traceId]).toEqual([TRACE, TRACE]);
    call.end(true);
    request.end();
    const [callSpan, requestSpan] = exporter.getFinishedSpans();
    expect(callSpan?.status.code).toBe(2);
    expect(callSpan?.parentSpanContext?.spanId).toBe(requestSpan?.spanContext().spanId);
    expect(call.headers.traceparent).toBe(`00-${TRACE}-${callSpan?.spanContext().spanId}-01`);
    expect(requestSpan?.parentSpanContext?.spanId).toBe("00f067aa0ba902b7");
  });

  it("tells the parts of its work, and what is known of them", () => {
    const request = beginServerSpan("POST /graphql", incoming, { "http.request.method": "POST" });
    expect(request.isRecorded).toBe(true);
    const plan = request.child("plan");
    const call = plan.call("orders");
    call.end();
    plan.end(true);
    request.set("http.response.status_code", 200);
    request.set("graphql.operation.name", "Shop");
    request.end();
    const [callSpan, planSpan, requestSpan] = exporter.getFinishedSpans();
    expect(requestSpan?.attributes).toEqual({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "graphql.operation.name": "Shop",
    });
    expect([planSpan?.name, planSpan?.kind, planSpan?.status.code]).toEqual(["plan", SpanKind.INTERNAL, 2]);
    expect(planSpan?.parentSpanContext?.spanId).toBe(requestSpan?.spanContext().spanId);
    expect(callSpan?.parentSpanContext?.spanId).toBe(planSpan?.spanContext().spanId);
    expect(plan.headers.traceparent).toContain(planSpan?.spanContext().spanId);
  });

  it("is not recorded in a trace that its caller does not sample, and neither are its parts", () => {
    const request = beginServerSpan("POST /graphql", { traceparent: `00-${TRACE}-00f067aa0ba902b7-00` });
    expect(request.isRecorded).toBe(false);
    expect(request.child("plan")).toBe(request);
    const call = request.call("orders");
    expect(call.headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    call.end();
    request.end();
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it("begins a trace for a request that came with none", () => {
    expect(beginServerSpan("POST /graphql", { traceparent: "nonsense" }).traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  });
});
