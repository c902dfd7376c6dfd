import { type RecordedSpan, recordSpans } from "@supergraph/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";

// Before any server starts: only the first call of a process counts.
const recorded = recordSpans();

let library: Library;
beforeAll(async () => {
  library = await startLibrary();
});
afterAll(() => library.stop());
beforeEach(() => recorded.forget());

const TRACE = "0123456789abcdef0123456789abcdef";

/** Each span's name below that of its parent, of the trace that was sent. */
const edges = (): string[] => {
  const spans = recorded.all().filter((span) => span.spanContext().traceId === TRACE);
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const nameOf = (span: RecordedSpan | undefined) => span?.name ?? "client";
  return spans.map((span) => `${nameOf(byId.get(span.parentSpanContext?.spanId ?? ""))} > ${span.name}`).sort();
};

const ask = (query: string) => library.ask(query, { headers: { traceparent: `00-${TRACE}-0123456789abcdef-01` } });

describe("a trace of one operation", () => {
  it("has what the router did for it, and each fetch with what the subgraph did", async () => {
    await ask("query Titles { books { title stars } }");
    expect(edges()).toEqual([
      "POST /graphql > books",
      "POST /graphql > graphql.execute",
      "POST /graphql > graphql.execute",
      "POST /graphql > graphql.parse",
      "POST /graphql > graphql.plan",
      "POST /graphql > graphql.validate",
      "POST /graphql > reviews",
      "books > POST /graphql",
      "client > POST /graphql",
      "reviews > POST /graphql",
    ]);
    const [request] = recorded.all().filter(({ attributes }) => attributes["graphql.operation.name"] === "Titles");
    expect(request?.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "graphql.operation.type": "query",
    });
  });

  it("has fetches only when all else is known", async () => {
    await ask("query Known { viewer }");
    recorded.forget();
    await ask("query Known { viewer }");
    expect(edges()).toEqual([
      "POST /graphql > books",
      "POST /graphql > graphql.execute",
      "books > POST /graphql",
      "client > POST /graphql",
    ]);
  });

  it("tells of what was refused, and nothing that the client sent", async () => {
    await ask('{ viewer(secret: "private") }');
    expect(edges()).toEqual([
      "POST /graphql > graphql.parse",
      "POST /graphql > graphql.validate",
      "client > POST /graphql",
    ]);
    expect(
      JSON.stringify(recorded.all().map(({ attributes, events, name }) => [name, attributes, events])),
    ).not.toContain("private");
  });
});
