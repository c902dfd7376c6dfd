import { once } from "node:events";
import {
  createRequestSigner,
  createRequestVerifier,
  generateSigningKey,
  ROUTER_SIGNATURE_HEADER,
  type Viewer,
} from "@supergraph/service";
import { eventually } from "@supergraph/testing/eventually";
import { describe, expect, it } from "vitest";
import { createTestLog } from "../testing/log.ts";
import { HeaderRules } from "./headers.ts";
import { aClient, aContext, answerTitle, aSpan, mutation, query, respond } from "./testing/subgraph.ts";
import { type Handle, useSubgraphs } from "./testing/use-subgraphs.ts";

const { aSubgraph, aSlowSubgraph, aClientOf, closed } = useSubgraphs();

const failed = (failure: string, rest: object = {}) => ({ kind: "failed", failure, ...rest });
const dune = { kind: "answered", response: { data: { title: "Dune" } } };
const destroy: Handle = (_, request) => request.socket.destroy();
const dead = "http://127.0.0.1:9/graphql";
const viewer: Viewer = { userId: "usr_1", sessionId: "ses_1", roles: ["admin"], scopes: ["a"] };

describe("a call", () => {
  it("carries the request, its trace, the correlation id, and the milliseconds that remain", async () => {
    const subgraph = await aSubgraph();
    const client = aClientOf([subgraph], { timeoutMs: 5_000 });
    const span = aSpan({ headers: { traceparent: "00-a-b-01", tracestate: "c=d" } });
    const context = aContext({ correlationId: "check-out-17", span });
    expect(await client.call(query, context)).toEqual(dune);
    const [{ headers, body } = { headers: {}, body: "" }] = subgraph.received;
    expect(body).toBe(query.body);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
      "x-correlation-id": "check-out-17",
      traceparent: "00-a-b-01",
      tracestate: "c=d",
      "x-request-timeout-ms": expect.stringMatching(/^(5000|4\d{3})$/),
    });
    expect(headers).not.toHaveProperty("accept-encoding");
    expect(headers).not.toHaveProperty(ROUTER_SIGNATURE_HEADER);
  });

  it("is signed for the subgraph, where it is signed, each attempt anew", async () => {
    const { privateJwk, publicJwks } = await generateSigningKey();
    const subgraph = await aSubgraph((response, request, count) =>
      count === 1 ? destroy(response, request, count) : answerTitle(response),
    );
    const client = aClientOf([subgraph], {}, { signer: await createRequestSigner({ privateJwk }) });
    expect(await client.call(query, aContext({ viewer }))).toEqual(dune);
    const verifier = createRequestVerifier({ subgraph: "books", keys: publicJwks });
    expect(subgraph.received).toHaveLength(2);
    for (const { headers, body } of subgraph.received)
      expect(await verifier.verify({ signature: String(headers[ROUTER_SIGNATURE_HEADER]), body })).toEqual({
        kind: "verified",
        caller: { viewer, correlationId: "test-1" },
      });
  });

  it("fails when it cannot be signed, and blames nobody else", async () => {
    const subgraph = await aSubgraph();
    const signer = { sign: () => Promise.reject(new Error("no key")) };
    const client = aClientOf([subgraph], { breaker: { consecutiveFailures: 1 } }, { signer });
    expect(await client.call(query, aContext())).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect([client.state().breaker, subgraph.received]).toEqual(["closed", []]);
  });

  it("carries what the rules say of the client's headers, and nothing else", async () => {
    const subgraph = await aSubgraph();
    const headers = HeaderRules.parse([{ propagate: "x-shop-*" }, { set: "x-caller", value: "router" }]);
    const client = aClientOf([subgraph], {}, { headers });
    await client.call(
      query,
      aContext({ clientHeaders: { "x-shop-a": "ü", authorization: "Bearer t", cookie: "a=b" } }),
    );
    expect(subgraph.received[0]?.headers).toMatchObject({ "x-shop-a": "ü", "x-caller": "router" });
    expect(subgraph.received[0]?.headers).not.toHaveProperty("authorization");
    expect(subgraph.received[0]?.headers).not.toHaveProperty("cookie");
  });

  it("goes to the path and query of the subgraph's URL", async () => {
    const paths: unknown[] = [];
    const subgraph = await aSubgraph((response, request) => {
      paths.push(request.url);
      answerTitle(response);
    });
    await closed(aClient([`${subgraph.url}?tenant=1`])).call(query, aContext());
    expect(paths).toEqual(["/graphql?tenant=1"]);
  });

  it("tells how it ended, and no address", async () => {
    const observed: string[] = [];
    const observe = (outcome: string) => observed.push(outcome);
    const answering = aClientOf([await aSubgraph()], {}, { observe });
    const refusing = closed(aClient([dead], {}, { observe }));
    await answering.call(query, aContext());
    expect(await refusing.call(query, aContext())).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(observed).toEqual(["answered", "SUBGRAPH_UNAVAILABLE"]);
    expect(JSON.stringify(answering.state())).not.toMatch(/127\.0\.0\.1|http/);
  });

  it("has its cause and address in the log", async () => {
    const { log, lines } = createTestLog();
    await closed(aClient([dead], { retries: 0 })).call(query, aContext({ log }));
    expect(lines).toMatchObject([{ level: 50, subgraph: "books", url: dead, failure: "SUBGRAPH_UNAVAILABLE" }]);
    expect(JSON.stringify(lines)).toContain("ECONNREFUSED");
  });

  it("has no part of its address in the log that may be a secret", async () => {
    const { log, lines } = createTestLog();
    const client = closed(aClient(["http://user:secret@127.0.0.1:9/graphql?key=secret"], { retries: 0 }));
    await client.call(query, aContext({ log }));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  it("has a span of its own for each attempt, which tells how that ended", async () => {
    const told: unknown[] = [];
    const span = aSpan({
      set: (name, value) => void told.push({ [name]: value }),
      end: (isFailed) => void told.push(isFailed),
    });
    const subgraph = await aSubgraph((response, _, count) =>
      count === 1 ? respond(response, "", { status: 503 }) : answerTitle(response),
    );
    await aClientOf([subgraph]).call(query, aContext({ span }));
    expect(told).toEqual([
      { "http.response.status_code": 503 },
      { "error.type": "SUBGRAPH_UNAVAILABLE" },
      true,
      { "http.response.status_code": 200 },
      false,
    ]);
  });

  it("never rejects, whatever goes wrong in the router", async () => {
    const span = aSpan({
      end() {
        throw new Error("a fault");
      },
    });
    const client = aClientOf([await aSubgraph()]);
    expect(await client.call(query, aContext({ span }))).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(await client.call(mutation, aContext({ span }))).toEqual(failed("OUTCOME_UNKNOWN"));
  });
});

describe("a call that nobody waits for", () => {
  it("ends at the subgraph, and counts for nothing", async () => {
    const observed: string[] = [];
    const { subgraph, waiting, arrived } = await aSlowSubgraph();
    const client = aClientOf(
      [subgraph],
      { breaker: { consecutiveFailures: 1 } },
      { observe: (outcome: string) => observed.push(outcome) },
    );
    const leaving = new AbortController();
    const call = client.call(query, aContext(), leaving.signal);
    await arrived(1);
    const gone = once(waiting[0]?.req.socket ?? process, "close");
    leaving.abort();
    expect(await call).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    await gone;
    await eventually(() => expect(client.state()).toMatchObject({ breaker: "closed", inFlight: 0 }));
    expect(observed).toEqual(["abandoned"]);
  });

  it("is not made for a client that has gone already", async () => {
    const subgraph = await aSubgraph();
    const client = aClientOf([subgraph]);
    expect(await client.call(query, aContext(), AbortSignal.abort())).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(subgraph.received).toEqual([]);
  });

  it("does not keep others from their answer: many calls may be made for one client", async () => {
    const warned: string[] = [];
    const warn = (warning: Error) => warned.push(warning.name);
    process.on("warning", warn);
    const client = aClientOf([await aSubgraph()], { deduplicate: false });
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 30 }, () => client.call(query, aContext(), signal)));
    process.off("warning", warn);
    expect(warned).toEqual([]);
  });
});

describe("more calls than a subgraph is to have at once", () => {
  it("wait for their turn, and fail at once when too many wait", async () => {
    const { log, lines } = createTestLog();
    const { subgraph, arrived, answerAll } = await aSlowSubgraph();
    const client = aClientOf([subgraph], { maxConcurrent: 2, maxQueued: 1, deduplicate: false });
    const calls = [1, 2, 3].map(() => client.call(query, aContext()));
    await arrived(2);
    expect(client.state()).toMatchObject({ inFlight: 2, queued: 1 });
    expect(await client.call(mutation, aContext({ log }))).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(lines).toMatchObject([{ reason: "overloaded", failure: "SUBGRAPH_UNAVAILABLE" }]);
    answerAll();
    await arrived(1);
    answerAll();
    expect(await Promise.all(calls)).toEqual([dune, dune, dune]);
    expect(client.state()).toMatchObject({ breaker: "closed", inFlight: 0, queued: 0 });
  });

  it("leave the queue with their client", async () => {
    const { subgraph, arrived, answerAll } = await aSlowSubgraph();
    const client = aClientOf([subgraph], { maxConcurrent: 1, deduplicate: false });
    const first = client.call(query, aContext());
    await arrived(1);
    const leaving = new AbortController();
    const second = client.call(query, aContext(), leaving.signal);
    await eventually(() => expect(client.state().queued).toBe(1));
    leaving.abort();
    await second;
    expect(client.state().queued).toBe(0);
    answerAll();
    expect(await first).toEqual(dune);
    expect(subgraph.received).toHaveLength(1);
  });
});

describe("a client that is closed", () => {
  it("gives up what is under way, and what comes", async () => {
    const { subgraph, arrived } = await aSlowSubgraph();
    const client = aClientOf([subgraph]);
    const call = client.call(query, aContext());
    await arrived(1);
    await client.close();
    expect(await call).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
    expect(await client.call(query, aContext())).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
  });
});
