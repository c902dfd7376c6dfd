import type { ServerResponse } from "node:http";
import type { Viewer } from "@supergraph/service";
import { eventually } from "@supergraph/testing/eventually";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createTestLog } from "../testing/log.ts";
import { HeaderRules } from "./headers.ts";
import { aClient, aContext, answerTitle, mutation, query, respond, startTestSubgraph } from "./testing/subgraph.ts";

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const step of cleanup.splice(0).reverse()) await step();
});

const viewer: Viewer = { userId: "usr_1", sessionId: "ses_1", roles: ["admin"], scopes: ["a"] };
const signer = { sign: async () => "signed" };
const dune = { kind: "answered", response: { data: { title: "Dune" } } };

/** A client whose subgraph answers nothing until it is told to. */
const waitingSubgraph = async (settings: object = {}, options: object = {}) => {
  const waiting: ServerResponse[] = [];
  const subgraph = await startTestSubgraph((response) => waiting.push(response));
  const observed: string[] = [];
  const client = aClient([subgraph.url], settings, {
    signer,
    observe: (outcome: string) => observed.push(outcome),
    headers: HeaderRules.parse([{ propagate: "x-tenant" }]),
    ...options,
  });
  cleanup.push(
    () => subgraph.stop(),
    () => client.close(),
  );
  return {
    client,
    subgraph,
    observed,
    arrived: (count: number) => eventually(() => expect(waiting).toHaveLength(count)),
    answerAll: () => waiting.splice(0).forEach(answerTitle),
    waiting,
  };
};

describe("queries that are the same and under way at the same time", () => {
  it("are sent once, and each gets objects of its own", async () => {
    const { client, subgraph, observed, arrived, answerAll } = await waitingSubgraph();
    const calls = [1, 2, 3].map(() => client.call(query, aContext({ correlationId: "another" })));
    await arrived(1);
    answerAll();
    const answers = await Promise.all(calls);
    expect(answers).toEqual([dune, dune, dune]);
    const data = answers.map((answer) => (answer.kind === "answered" ? answer.response.data : null));
    expect(new Set(data).size).toBe(3);
    expect([subgraph.received.length, observed.sort()]).toEqual([1, ["answered", "shared", "shared"]]);
  });

  it("share a failure, which is in the log of each", async () => {
    const { client, observed, arrived, waiting } = await waitingSubgraph({ retries: 0 });
    const { log, lines } = createTestLog();
    const calls = [1, 2].map(() => client.call(query, aContext({ log })));
    await arrived(1);
    for (const response of waiting) respond(response, "no", { status: 500 });
    const failed = { kind: "failed", failure: "SUBGRAPH_UNAVAILABLE" };
    expect(await Promise.all(calls)).toEqual([failed, failed]);
    expect([lines.length, observed]).toEqual([2, ["SUBGRAPH_UNAVAILABLE", "SUBGRAPH_UNAVAILABLE"]]);
  });

  it("are the same for viewers that are equal, and no longer once answered", async () => {
    const { client, subgraph, arrived, answerAll } = await waitingSubgraph();
    const calls = [viewer, structuredClone(viewer)].map((one) => client.call(query, aContext({ viewer: one })));
    await arrived(1);
    answerAll();
    await Promise.all(calls);
    const later = client.call(query, aContext({ viewer }));
    await arrived(1);
    answerAll();
    await later;
    expect(subgraph.received).toHaveLength(2);
  });

  it.each([
    ["another body", { ...query, body: `${query.body} ` }, {}],
    ["another viewer", query, { viewer: { ...viewer, userId: "usr_2" } }],
    ["no viewer", query, { viewer: null }],
    ["another session", query, { viewer: { ...viewer, sessionId: null } }],
    ["other roles", query, { viewer: { ...viewer, roles: [] } }],
    ["other scopes", query, { viewer: { ...viewer, scopes: ["a", "b"] } }],
    ["another header", query, { clientHeaders: { "x-tenant": "b" } }],
    ["a header less", query, { clientHeaders: {} }],
  ])("are not the same with %s", async (_, fetch, given) => {
    const { client, arrived, answerAll } = await waitingSubgraph();
    const context = aContext({ viewer, clientHeaders: { "x-tenant": "a" } });
    const calls = [client.call(query, context), client.call(fetch, { ...context, ...given })];
    await arrived(2);
    answerAll();
    await Promise.all(calls);
  });

  it("are the same for all where the subgraph is told neither viewer nor header", async () => {
    const { client, subgraph, arrived, answerAll } = await waitingSubgraph({}, { signer: null });
    const calls = [viewer, { ...viewer, userId: "usr_2" }, null].map((one, index) =>
      client.call(query, aContext({ viewer: one, clientHeaders: { "x-other": String(index) } })),
    );
    await arrived(1);
    answerAll();
    expect(await Promise.all(calls)).toEqual([dune, dune, dune]);
    expect(subgraph.received).toHaveLength(1);
  });

  it("are each sent where settings say so", async () => {
    const { client, arrived, answerAll } = await waitingSubgraph({ deduplicate: false });
    const calls = [client.call(query, aContext()), client.call(query, aContext())];
    await arrived(2);
    answerAll();
    await Promise.all(calls);
  });

  it("are never mutations", async () => {
    const { client, arrived, answerAll } = await waitingSubgraph();
    const calls = [client.call(mutation, aContext()), client.call(mutation, aContext())];
    await arrived(2);
    answerAll();
    await Promise.all(calls);
  });

  it("are not the same before and after a mutation has ended, so that what it did is seen", async () => {
    const { client, arrived, answerAll, waiting } = await waitingSubgraph();
    const before = client.call(query, aContext());
    await arrived(1);
    const change = client.call(mutation, aContext());
    await arrived(2);
    waiting.splice(1).forEach(answerTitle);
    await change;
    const after = client.call(query, aContext());
    await arrived(2);
    answerAll();
    expect(await Promise.all([before, after])).toEqual([dune, dune]);
  });

  it("are not joined when half of the time is gone, since that would leave the later one too little", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { client, arrived, answerAll } = await waitingSubgraph({ timeoutMs: 60_000 });
    const first = client.call(query, aContext());
    await arrived(1);
    vi.advanceTimersByTime(29_999);
    const second = client.call(query, aContext());
    vi.advanceTimersByTime(1);
    const third = client.call(query, aContext());
    await arrived(2);
    answerAll();
    expect(await Promise.all([first, second, third])).toEqual([dune, dune, dune]);
  });
});

describe("one of those who share a call", () => {
  const abandoned = { kind: "failed", failure: "SUBGRAPH_UNAVAILABLE" };

  it.each([0, 1])("goes away without a loss for the others: number %i", async (leaves) => {
    const { client, observed, arrived, answerAll } = await waitingSubgraph();
    const clients = [new AbortController(), new AbortController()];
    const calls = clients.map(({ signal }) => client.call(query, aContext(), signal));
    await arrived(1);
    clients[leaves]?.abort();
    expect(await calls[leaves]).toEqual(abandoned);
    answerAll();
    expect(await calls[1 - leaves]).toEqual(dune);
    expect(observed).toContain("abandoned");
  });

  it("is the last to go: the call ends, and who comes then is not given up with it", async () => {
    const { client, arrived, answerAll, waiting } = await waitingSubgraph();
    const clients = [new AbortController(), new AbortController()];
    const calls = clients.map(({ signal }) => client.call(query, aContext(), signal));
    await arrived(1);
    const gone = new Promise((resolve) => waiting[0]?.once("close", resolve));
    for (const one of clients) one.abort();
    const late = client.call(query, aContext());
    expect(await Promise.all(calls)).toEqual([abandoned, abandoned]);
    await gone;
    await arrived(2);
    answerAll();
    expect(await late).toEqual(dune);
  });
});
