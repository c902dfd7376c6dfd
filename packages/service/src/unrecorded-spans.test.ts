import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { beforeAll, describe, expect, it } from "vitest";
import { beginServerSpan, enableTracing, inOwnTrace, inServerSpan, traceHeaders } from "./tracing.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Without a processor: nobody looks at spans. */
beforeAll(() => enableTracing());

describe("spans that nobody looks at", () => {
  it("have ids of their own in the trace, the flags and the state that they came with", async () => {
    const incoming = { traceparent: `00-${TRACE}-00f067aa0ba902b7-00`, tracestate: "vendor=1" };
    const seen: Readonly<Record<string, string>>[] = [];
    await inServerSpan("POST /graphql", incoming, async () => {
      seen.push(traceHeaders());
      seen.push(beginServerSpan("POST /graphql", traceHeaders()).call("orders").headers);
      return { status: 200 };
    });
    for (const { traceparent, tracestate } of seen) {
      expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-00$`));
      expect(tracestate).toBe("vendor=1");
    }
    expect(new Set(seen.map(({ traceparent }) => traceparent)).size).toBe(2);
  });

  it("begin a trace, to be recorded by whoever wishes, where there is none", async () => {
    const traces = await Promise.all([1, 2].map(() => inOwnTrace("sweep", async () => traceHeaders().traceparent)));
    for (const traceparent of traces)
      expect(traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    expect(new Set(traces).size).toBe(2);
  });

  it("have no parts of their own and remember nothing", () => {
    const request = beginServerSpan("POST /graphql", {});
    expect(request.isRecorded).toBe(false);
    expect(request.child("plan")).toBe(request);
    request.set("graphql.operation.name", "Shop");
    expect(request.call("orders").child("wait").traceId).toBe(request.traceId);
  });

  it("are not made for libraries, whose work stays in the span around it", async () => {
    await inOwnTrace("sweep", async () => {
      const before = traceHeaders();
      const tracer = trace.getTracer("@apollo/gateway/2.14.4");
      tracer.startActiveSpan("gateway.plan", (span) => {
        expect(traceHeaders()).toEqual(before);
        span.end();
      });
      expect(tracer.startSpan("gateway.fetch").spanContext().spanId).toBe(before.traceparent?.split("-")[2]);
    });
    const outside = trace.getTracer("drizzle-orm").startActiveSpan("drizzle.query", {}, () => traceHeaders());
    expect(outside).toEqual({});
  });

  it("can be started in a context that is given, as the API has it", () => {
    const tracer = trace.getTracer("@supergraph/test");
    const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: "00f067aa0ba902b7", traceFlags: 1 });
    expect(tracer.startActiveSpan("a", {}, parent, () => trace.getSpanContext(context.active())?.traceId)).toBe(TRACE);
    expect(tracer.startSpan("a", { root: true }, parent).spanContext().traceId).not.toBe(TRACE);
  });
});
