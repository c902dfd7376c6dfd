import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { type RecordedSpans, recordSpans } from "@supergraph/testing";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { originNow, together } from "./origins.ts";
import { detached, inRecordedSpan, inSpan, isRecorded } from "./spans.ts";

let spans: RecordedSpans;
beforeAll(() => {
  spans = recordSpans();
});
beforeEach(() => spans.forget());

const idOf = (name: string) => spans.find(name)?.spanContext().spanId;
const parentOf = (name: string) => spans.find(name)?.parentSpanContext?.spanId;

describe("a part", () => {
  it("is a span below one that is recorded, and else the work alone", async () => {
    const settings = () => ({ attributes: { "db.namespace": "orders" } });
    await inRecordedSpan("alone", settings, async (span) => expect(span).toBeNull());
    await inSpan("request", {}, () => inRecordedSpan("part", settings, async () => expect(isRecorded()).toBe(true)));
    expect(spans.all().map(({ name }) => name)).toEqual(["part", "request"]);
    expect(parentOf("part")).toBe(idOf("request"));
    expect(spans.find("part")?.attributes).toEqual({ "db.namespace": "orders" });
  });

  it("of what goes on for others, too, is below nobody", async () => {
    await inSpan("request", {}, async () => {
      expect(detached(() => trace.getActiveSpan())).toBeUndefined();
      await detached(() =>
        inRecordedSpan(
          "sweep",
          () => ({}),
          async () => undefined,
        ),
      );
    });
    expect(spans.all().map(({ name }) => name)).toEqual(["request"]);
  });
});

describe("what is done later", () => {
  const askedFor = async (name: string) => {
    let origin = originNow();
    await inSpan(name, { parent: ROOT_CONTEXT }, async () => {
      origin = originNow();
    });
    return origin;
  };
  const write = () => inSpan("write", {}, async () => undefined);

  it("for one is in the span in which it was asked for", async () => {
    await together("commit", [await askedFor("first")], write);
    expect(parentOf("write")).toBe(idOf("first"));
    expect(spans.find("commit")).toBeUndefined();
  });

  it("for several is in a span and trace of its own, with a link to each", async () => {
    const origins = [await askedFor("first"), await askedFor("second"), ROOT_CONTEXT];
    await together("commit", origins, write);
    expect(parentOf("write")).toBe(idOf("commit"));
    expect(parentOf("commit")).toBeUndefined();
    expect(spans.find("commit")?.links.map((link) => link.context.spanId)).toEqual([idOf("first"), idOf("second")]);
  });
});
