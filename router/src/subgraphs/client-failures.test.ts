import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createTestLog } from "../testing/log.ts";
import { aClient, aContext, answerTitle, mutation, query, respond } from "./testing/subgraph.ts";
import { type Handle, useSubgraphs } from "./testing/use-subgraphs.ts";

const { afterTest, aSubgraph, aSlowSubgraph, aClientOf, closed } = useSubgraphs();

afterEach(() => {
  vi.useRealTimers();
});

const failed = (failure: string, rest: object = {}) => ({ kind: "failed", failure, ...rest });
const dune = { kind: "answered", response: { data: { title: "Dune" } } };
const destroy: Handle = (_, request) => request.socket.destroy();

describe("a call that failed", () => {
  /** Fails as `fail` does for so many times, then answers. */
  const failing = (times: number, fail: Handle) =>
    aSubgraph((...args) => (args[2] <= times ? fail(...args) : answerTitle(args[0])));
  const unavailable =
    (status: number, headers: Record<string, string> = {}): Handle =>
    (response) =>
      respond(response, "<html>", { status, headers: { "content-type": "text/html", ...headers } });

  it.each([
    ["its connection was lost", destroy],
    ["a proxy told 502", unavailable(502)],
    ["a proxy told 503", unavailable(503)],
    ["a proxy told 504", unavailable(504)],
  ])("is made up to two times more for a query when %s", async (_, fail) => {
    const twice = await failing(2, fail);
    expect(await aClientOf([twice]).call(query, aContext())).toEqual(dune);
    const thrice = await failing(3, fail);
    expect(await aClientOf([thrice]).call(query, aContext())).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(thrice.received).toHaveLength(3);
  });

  it.each<[string, Handle, string]>([
    [
      "a GraphQL answer that blames the router",
      (r) => respond(r, `{"errors":[{"message":"x"}]}`, { status: 503 }),
      "SUBGRAPH_INVALID_RESPONSE",
    ],
    ["another page", unavailable(500), "SUBGRAPH_UNAVAILABLE"],
    ["what is too large", (r) => respond(r, `{"data":"${"x".repeat(2_000)}"}`), "SUBGRAPH_INVALID_RESPONSE"],
    ["nothing in time", () => undefined, "SUBGRAPH_TIMEOUT"],
  ])("is not made again after %s", async (_, fail, failure) => {
    const subgraph = await aSubgraph(fail);
    const timeoutMs = failure === "SUBGRAPH_TIMEOUT" ? 200 : 5_000;
    const client = aClientOf([subgraph], { maxResponseBytes: 1_000, timeoutMs });
    expect(await client.call(query, aContext())).toEqual(failed(failure));
    expect(subgraph.received).toHaveLength(1);
  });

  it("is not made again for a mutation that may have arrived, whose outcome nobody knows", async () => {
    for (const fail of [destroy, unavailable(503), () => undefined]) {
      const subgraph = await failing(9, fail);
      const client = aClientOf([subgraph], { timeoutMs: 200 });
      expect(await client.call(mutation, aContext())).toEqual(failed("OUTCOME_UNKNOWN"));
      expect(subgraph.received).toHaveLength(1);
    }
  });

  it("is made again for a mutation of which surely not a byte has left", async () => {
    let connections = 0;
    // What breaks during the handshake of TLS has carried no request yet.
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    afterTest(async () => void server.close());
    const client = closed(aClient([`https://127.0.0.1:${(server.address() as AddressInfo).port}/`]));
    expect(await client.call(mutation, aContext())).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(connections).toBe(3);
  });

  it("is made again no more often than settings say", async () => {
    const subgraph = await failing(9, destroy);
    await aClientOf([subgraph], { retries: 0 }).call(query, aContext());
    expect(subgraph.received).toHaveLength(1);
  });

  it("is not made again once the budget is spent", async () => {
    const subgraph = await failing(Number.POSITIVE_INFINITY, destroy);
    vi.useFakeTimers({ toFake: ["performance"] });
    const client = aClientOf([subgraph], { retries: 1, retryBudget: 0, breaker: false });
    for (let call = 0; call < 50; call += 1) await client.call(query, aContext());
    expect(subgraph.received).toHaveLength(60);
  });

  it("is made at another replica where there is one", async () => {
    const broken = await aSubgraph(destroy);
    const sound = await aSubgraph();
    const client = aClientOf([broken, sound], { ejection: false });
    for (let call = 0; call < 10; call += 1) expect(await client.call(query, aContext())).toEqual(dune);
    expect([broken.received.length, sound.received.length]).toEqual([10, 10]);
  });

  it("waits for as long as the subgraph asks, or hands that on where it is too long for a call", async () => {
    const subgraph = await failing(1, unavailable(503, { "retry-after": "7" }));
    const client = aClientOf([subgraph]);
    expect(await client.call(query, aContext())).toEqual(failed("SUBGRAPH_UNAVAILABLE", { retryAfterMs: 7_000 }));
    const prompt = await failing(1, unavailable(503, { "retry-after": "0" }));
    expect(await aClientOf([prompt]).call(query, aContext())).toEqual(dune);
  });

  it("does not wait at one replica for what another asked for", async () => {
    const busy = await aSubgraph(unavailable(503, { "retry-after": "3600" }));
    const client = aClientOf([busy, await aSubgraph()]);
    expect(await client.call(query, aContext())).toEqual(dune);
  });
});

describe("a subgraph that fails again and again", () => {
  const breaker = { consecutiveFailures: 3, openMs: 1_000 };

  it("is not called until the circuit lets one try; then it is back", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { log, lines } = createTestLog();
    const changes: string[] = [];
    let isBack = false;
    const subgraph = await aSubgraph((...args) => (isBack ? answerTitle(args[0]) : destroy(...args)));
    const client = aClientOf(
      [subgraph],
      { breaker, retries: 0 },
      { log, onStateChange: (s: string) => changes.push(s) },
    );
    for (let call = 0; call < 3; call += 1) await client.call(query, aContext());
    for (const fetch of [query, mutation])
      expect(await client.call(fetch, aContext())).toEqual(failed("SUBGRAPH_CIRCUIT_OPEN", { retryAfterMs: 1_000 }));
    vi.setSystemTime(Date.now() + 999);
    expect(await client.call(query, aContext())).toEqual(failed("SUBGRAPH_CIRCUIT_OPEN", { retryAfterMs: 1 }));
    expect([subgraph.received.length, client.state().breaker]).toEqual([3, "open"]);

    isBack = true;
    vi.setSystemTime(Date.now() + 1);
    expect(await client.call(query, aContext())).toEqual(dune);
    expect(await client.call(mutation, aContext())).toEqual(dune);
    expect(changes).toEqual(["open", "half-open", "closed"]);
    expect(lines.map(({ level }) => level)).toEqual([40, 30, 30]);
  });

  it("is tried by one call at a time", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { subgraph, waiting, arrived, answerAll } = await aSlowSubgraph();
    const client = aClientOf([subgraph], { breaker: { ...breaker, consecutiveFailures: 1 }, retries: 0 });
    const first = client.call(mutation, aContext());
    await arrived(1);
    waiting.pop()?.destroy();
    expect(await first).toEqual(failed("OUTCOME_UNKNOWN"));
    vi.setSystemTime(Date.now() + 1_000);
    const trial = client.call(mutation, aContext());
    await arrived(1);
    expect(await client.call(mutation, aContext())).toEqual(failed("SUBGRAPH_CIRCUIT_OPEN", { retryAfterMs: 100 }));
    expect(client.state().breaker).toBe("half-open");
    answerAll();
    expect(await trial).toEqual(dune);
  });

  it("has the circuit closed for answers that tell of failures, and for pages of a client's error", async () => {
    const subgraph = await aSubgraph((response, _, count) =>
      count % 2 === 0
        ? respond(response, `{"data":null,"errors":[{"message":"x","extensions":{"code":"SUBGRAPH_UNAVAILABLE"}}]}`)
        : respond(response, "no", { status: 404, headers: { "content-type": "text/plain" } }),
    );
    const client = aClientOf([subgraph], { breaker: { consecutiveFailures: 2 }, retries: 0 });
    for (let call = 0; call < 6; call += 1) await client.call(query, aContext());
    expect(client.state().breaker).toBe("closed");
  });

  it("can be probed all the same, which counts for nothing", async () => {
    const subgraph = await aSubgraph((...args) => (args[2] <= 3 ? destroy(...args) : answerTitle(args[0])));
    const observed: string[] = [];
    const client = aClientOf(
      [subgraph],
      { breaker, retries: 0 },
      { observe: (outcome: string) => observed.push(outcome) },
    );
    for (let call = 0; call < 3; call += 1) await client.call(query, aContext());
    expect(await client.probe(aContext(), new AbortController().signal)).toEqual(dune);
    expect([client.state().breaker, observed.length]).toEqual(["open", 3]);
    expect(JSON.parse(subgraph.received[3]?.body ?? "")).toEqual({ query: "{__typename}", variables: {} });
  });
});

describe("one of several replicas that fails", () => {
  it("is left out, and the state says so", async () => {
    const broken = await aSubgraph(destroy);
    const sound = await aSubgraph();
    const client = aClientOf([broken, sound], { ejection: { consecutiveFailures: 2 } });
    for (let call = 0; call < 6; call += 1) expect(await client.call(query, aContext())).toEqual(dune);
    expect(broken.received).toHaveLength(2);
    expect(client.state().replicas).toEqual([
      { index: 0, ejected: true },
      { index: 1, ejected: false },
    ]);
  });
});
