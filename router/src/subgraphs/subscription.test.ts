import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SubgraphAnswer, Subscription } from "./call.ts";
import { aClient, aContext, aSpan, respond, startTestSubgraph } from "./testing/subgraph.ts";

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const step of cleanup.splice(0).reverse()) await step();
});

const fetch = { body: `{"query":"subscription { bookReturned }"}`, isMutation: false };
const failed = (failure: string) => ({ kind: "failed", failure });
const returned = (title: string) => ({ kind: "answered", response: { data: { title } } });
const event = (title: string) => `event: next\ndata: {"data":{"title":"${title}"}}\n\n`;
const COMPLETE = "event: complete\ndata:\n\n";

const subscribeTo = async (handle: (response: ServerResponse) => void, settings: object = {}, options: object = {}) => {
  const subgraph = await startTestSubgraph(handle);
  const client = aClient([subgraph.url], settings, options);
  cleanup.push(
    () => subgraph.stop(),
    () => client.close(),
  );
  const leaving = new AbortController();
  const subscription = await client.subscribe(fetch, aContext({ span: aSpan() }), leaving.signal);
  return { client, subgraph, leaving, subscription };
};

const stream = (response: ServerResponse, text: string): void => {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.write(text);
};

const eventsOf = (subscription: Subscription): AsyncGenerator<SubgraphAnswer> => {
  if (subscription.kind !== "open") throw new Error(`The subscription ${subscription.kind}.`);
  return subscription.events;
};

const all = async (subscription: Subscription): Promise<SubgraphAnswer[]> => {
  const answers: SubgraphAnswer[] = [];
  for await (const answer of eventsOf(subscription)) answers.push(answer);
  return answers;
};

describe("a subscription", () => {
  it("hands on each event until the subgraph completes it", async () => {
    const observed: string[] = [];
    const { subgraph, subscription } = await subscribeTo(
      (response) => stream(response, `:\n\n${event("Dune")}event: other\ndata: 1\n\n${event("Emma")}${COMPLETE}`),
      {},
      { observe: (outcome: string) => observed.push(outcome) },
    );
    expect(await all(subscription)).toEqual([returned("Dune"), returned("Emma")]);
    expect(observed).toEqual(["answered"]);
    expect(subgraph.received[0]?.headers.accept).toBe("text/event-stream");
    // It may last: a subgraph must not end it for the time that a call may take.
    expect(subgraph.received[0]?.headers).not.toHaveProperty("x-request-timeout-ms");
  });

  it("outlives the time of a call once it is open", async () => {
    const open: ServerResponse[] = [];
    const { subscription } = await subscribeTo(
      (response) => {
        open.push(response);
        stream(response, event("Dune"));
      },
      { timeoutMs: 60_000 },
    );
    vi.useFakeTimers({ toFake: ["performance", "Date", "setTimeout", "clearTimeout"] });
    const events = eventsOf(subscription);
    expect((await events.next()).value).toEqual(returned("Dune"));
    vi.advanceTimersByTime(600_000);
    open[0]?.end(`${event("Emma")}${COMPLETE}`);
    expect((await events.next()).value).toEqual(returned("Emma"));
    expect((await events.next()).done).toBe(true);
  });

  it("ends with its client, at the subgraph too, and tells nothing more", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { leaving, subscription } = await subscribeTo((response) => {
      closed = new Promise((resolve) => response.once("close", resolve));
      stream(response, event("Dune"));
    });
    const events = eventsOf(subscription);
    await events.next();
    const next = events.next();
    leaving.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    await closed;
  });

  it("takes no turn of the calls, and no connection", async () => {
    const { client, subscription } = await subscribeTo((response) => stream(response, event("Dune")), {
      maxConcurrent: 1,
    });
    expect([subscription.kind, client.state().inFlight]).toEqual(["open", 0]);
  });

  it.each([
    ["breaks off", event("Dune"), [returned("Dune"), failed("SUBGRAPH_UNAVAILABLE")]],
    ["ends without completing", "", [failed("SUBGRAPH_UNAVAILABLE")]],
  ])("tells when the stream %s", async (_, text, expected) => {
    const { subscription } = await subscribeTo((response) => {
      stream(response, text || ":\n\n");
      if (text) setImmediate(() => response.destroy());
      else response.end();
    });
    const answers = await all(subscription);
    expect(answers.at(-1)).toEqual(expected.at(-1));
  });

  it("tells of an event that is no GraphQL response, and goes on", async () => {
    const { subscription } = await subscribeTo((response) =>
      stream(response, `event: next\ndata: <html>\n\n${event("Dune")}${COMPLETE}`),
    );
    expect(await all(subscription)).toEqual([failed("SUBGRAPH_INVALID_RESPONSE"), returned("Dune")]);
  });

  it("ends with an event that is too large", async () => {
    const { subscription } = await subscribeTo((response) => stream(response, event("x".repeat(5_000))), {
      maxResponseBytes: 1_000,
    });
    expect(await all(subscription)).toEqual([failed("SUBGRAPH_INVALID_RESPONSE")]);
  });
});

describe("a subscription that is not opened", () => {
  it("has the answer of the subgraph where that refuses it", async () => {
    const { subscription } = await subscribeTo((response) => respond(response, `{"errors":[{"message":"No."}]}`));
    expect(subscription).toEqual({
      kind: "answered",
      response: { errors: [{ message: "No.", extensions: {} }] },
    });
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ["HTML", (r) => respond(r, "<html>", { headers: { "content-type": "text/html" } }), "SUBGRAPH_INVALID_RESPONSE"],
    ["a page too large", (r) => respond(r, `{"data":"${"x".repeat(5_000)}"}`), "SUBGRAPH_INVALID_RESPONSE"],
    ["a 503", (r) => respond(r, "", { status: 503 }), "SUBGRAPH_UNAVAILABLE"],
    ["a lost connection", (r) => void r.destroy(), "SUBGRAPH_UNAVAILABLE"],
    ["nothing in time", () => undefined, "SUBGRAPH_TIMEOUT"],
    [
      "half a page",
      (r) => void r.writeHead(200, { "content-type": "application/json" }).write("{"),
      "SUBGRAPH_TIMEOUT",
    ],
  ])("tells why: %s", async (_, handle, failure) => {
    const timeoutMs = failure === "SUBGRAPH_TIMEOUT" ? 200 : 5_000;
    const { subscription } = await subscribeTo(handle, { timeoutMs, maxResponseBytes: 1_000 });
    expect(subscription).toEqual(failed(failure));
  });

  it("is not asked for while the circuit is open", async () => {
    const settings = { breaker: { consecutiveFailures: 1 } };
    const { client, subgraph } = await subscribeTo((response) => void response.destroy(), settings);
    expect(await client.subscribe(fetch, aContext(), new AbortController().signal)).toMatchObject({
      failure: "SUBGRAPH_CIRCUIT_OPEN",
      retryAfterMs: expect.any(Number),
    });
    expect(subgraph.received).toHaveLength(1);
  });
});
