import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@supergraph/service";
import { eventually } from "@supergraph/testing/eventually";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Router, type RouterConfig, startRouter } from "../server.ts";
import { compose, startServer } from "../testing/library.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])`;
const first = compose({ words: `${LINK} type Query { word: String }` });
const second = compose({
  words: `${LINK} type Query { word: String other: String } type Subscription { words: String }`,
});
const wordless = compose({ words: `${LINK} type Query { other: String }` });
const BROKEN = "type Query { word: String }";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "router-reload-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const answerWords: Handle = (_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end('{"data":{"word":"hello","other":"world"}}');
};

/** Starts what answers for the subgraph. */
const startWords = async (handle: Handle = answerWords): Promise<string> => {
  const words = await startServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    // What asks whether it is well is always answered.
    (body.includes("{__typename}") ? answerWords : handle)(request, response);
  });
  cleanup.push(() => words.stop());
  return words.url;
};

const start = async (config: RouterConfig, handle?: Handle): Promise<Router> => {
  const url = await startWords(handle);
  const router = await startRouter(
    {
      server: { port: 0, drainMs: 500 },
      metrics: { port: 0 },
      planning: { thread: false },
      subgraphs: { overrides: { words: { url } } },
      ...config,
    },
    { log: silentLogger() },
  );
  cleanup.push(() => router.stop());
  return router;
};

interface Answered {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

const ask = async (router: Router, query: string): Promise<Answered> => {
  const response = await fetch(`${router.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answered;
};

const readiness = async (router: Router) => {
  const response = await fetch(`${router.url}/health/ready`);
  const { reported, state } = (await response.json()) as {
    reported: Record<string, string>;
    state: Record<string, unknown>;
  };
  return { status: response.status, supergraph: reported.supergraph, state };
};

const metric = async ({ metricsUrl }: Router, name: string): Promise<number> => {
  const text = await (await fetch(metricsUrl ?? "")).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  return Number(line?.split(" ").at(-1));
};

describe("a supergraph in a file", () => {
  const startFromFile = async (config: Partial<RouterConfig> = {}, handle?: Handle) => {
    const path = join(folder, `${cleanup.length}-${Math.random()}.graphql`);
    await writeFile(path, first);
    const router = await start({ supergraph: { path }, ...config }, handle);
    const put = async (sdl: string) => {
      await writeFile(path, sdl);
      await router.reload();
    };
    return { router, put, path };
  };

  it("serves as soon as it has changed, without being told", async () => {
    const { router, path } = await startFromFile();
    expect((await ask(router, "{ other }")).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    await writeFile(path, second);
    await eventually(async () => expect(await ask(router, "{ other }")).toEqual({ data: { other: "world" } }));
    expect((await readiness(router)).state).toMatchObject({ generation: 2, refusedSupergraph: null });
  });

  it("is refused when it cannot be served: the former one goes on, and that is told", async () => {
    const { router, put } = await startFromFile();
    const before = await readiness(router);
    await put(BROKEN);
    expect(await ask(router, "{ word }")).toEqual({ data: { word: "hello" } });
    expect(await readiness(router)).toEqual({
      status: 200,
      supergraph: "failed",
      state: { ...before.state, refusedSupergraph: expect.stringMatching(/^[0-9a-f]{12}$/) },
    });
    expect(await metric(router, "supergraph_generation_refused")).toBe(1);
    const refusals = () => metric(router, 'supergraph_reloads_total{outcome="refused"}');
    const refusedBefore = await refusals();
    expect(refusedBefore).toBeGreaterThan(0);
    // What was wrong may have been the machine: who asks for it has it tried again.
    await router.reload();
    await eventually(async () => expect(await refusals()).toBe(refusedBefore + 1));
    await put(second);
    expect(await ask(router, "{ other }")).toEqual({ data: { other: "world" } });
    expect(await readiness(router)).toMatchObject({ supergraph: "ok", state: { generation: 2 } });
  });

  it("is served again when it comes back after one that was refused", async () => {
    const { router, put } = await startFromFile();
    await put(BROKEN);
    await put(first);
    expect(await readiness(router)).toMatchObject({ supergraph: "ok", state: { generation: 1 } });
  });

  it("cannot be had for a while: the one that serves goes on, and that is told", async () => {
    const { router, put, path } = await startFromFile();
    await rm(path);
    await router.reload();
    expect(await ask(router, "{ word }")).toEqual({ data: { word: "hello" } });
    expect((await readiness(router)).supergraph).toBe("failed");
    await put(second);
    expect((await readiness(router)).supergraph).toBe("ok");
  });

  it("ends operations on the supergraph on which they began", async () => {
    let tellAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      tellAsked = resolve;
    });
    let release = (): void => undefined;
    const { router, put } = await startFromFile({}, (_request, response) => {
      release = () => {
        response.setHeader("content-type", "application/json");
        response.end('{"data":{"word":"late","other":"world"}}');
      };
      tellAsked();
    });
    const inFlight = ask(router, "{ word }");
    await asked;
    await put(wordless);
    expect((await readiness(router)).state).toMatchObject({ generation: 2, generationsDraining: 1 });
    expect((await ask(router, "{ word }")).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    release();
    expect(await inFlight).toEqual({ data: { word: "late" } });
    await eventually(async () => expect((await readiness(router)).state).toMatchObject({ generationsDraining: 0 }));
  });

  it("ends streams of the former one after their time, without completing them", async () => {
    const { router, put } = await startFromFile({ generations: { drainMs: 50 } }, (_request, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.write('event: next\ndata: {"data":{"words":"hello"}}\n\n');
    });
    await put(second);
    const response = await fetch(`${router.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: '{"query":"subscription { words }"}',
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("hello")) text += (await reader?.read())?.value ?? "";
    await put(first);
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) text += chunk.value;
    expect(text).not.toContain("complete");
    await eventually(async () => expect((await readiness(router)).state).toMatchObject({ generationsDraining: 0 }));
  });

  it("is planned for before it serves, the most used operations first", async () => {
    const { router, put } = await startFromFile({ generations: { warmOperations: 1 } });
    await ask(router, "query Rare { word }");
    for (let times = 0; times < 3; times += 1) await ask(router, "query Often { word }");
    const planned = () => metric(router, 'supergraph_planning_duration_seconds_count{outcome="planned"}');
    expect(await planned()).toBe(2);
    await put(second);
    await eventually(async () => expect(await planned()).toBe(3));
    await ask(router, "query Often { word }");
    expect(await planned()).toBe(3);
    await ask(router, "query Rare { word }");
    await eventually(async () => expect(await planned()).toBe(4));
  });

  it("may change again and again under load: no operation fails", async () => {
    const { router, put } = await startFromFile();
    let isOver = false;
    const answers: unknown[] = [];
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) answers.push(await ask(router, "{ word }"));
    });
    for (let times = 0; times < 10; times += 1) await put(times % 2 === 0 ? second : first);
    isOver = true;
    await Promise.all(clients);
    expect(answers.filter((answer) => JSON.stringify(answer) !== '{"data":{"word":"hello"}}')).toEqual([]);
    expect((await readiness(router)).state).toMatchObject({ generation: 11 });
  });

  it("is planned in a thread unless that is turned off, and reloaded there", async () => {
    const { router, put } = await startFromFile({ planning: { thread: true } });
    expect(await ask(router, "{ word }")).toEqual({ data: { word: "hello" } });
    await put(second);
    expect(await ask(router, "{ other }")).toEqual({ data: { other: "world" } });
  }, 30_000);
});

describe("a supergraph at a URL", () => {
  /** Answers with `served` by its ETag, or as it is told. */
  const startRegistry = async () => {
    const registry = { sdl: first, status: 200, asked: 0, unchanged: 0, authorization: "" };
    const server = await startServer((request, response) => {
      registry.asked += 1;
      registry.authorization = String(request.headers.authorization);
      const etag = `"${registry.sdl.length}"`;
      const isKnown = request.headers["if-none-match"] === etag;
      if (isKnown) registry.unchanged += 1;
      response.writeHead(registry.status === 200 && isKnown ? 304 : registry.status, { etag });
      response.end(isKnown ? undefined : registry.sdl);
    });
    cleanup.push(() => server.stop());
    return { registry, url: server.url };
  };

  it("is asked for again and again, and read when its ETag is another", async () => {
    const { registry, url } = await startRegistry();
    const supergraph = { url, pollIntervalMs: 100, headers: { authorization: "Bearer registry" } };
    const router = await start({ supergraph });
    await eventually(() => expect(registry.unchanged).toBeGreaterThan(2));
    expect(registry.authorization).toBe("Bearer registry");
    registry.sdl = second;
    await eventually(async () => expect(await ask(router, "{ other }")).toEqual({ data: { other: "world" } }));
    expect((await readiness(router)).state).toMatchObject({ generation: 2 });
  });

  it("may be away: that is told, and the one that serves goes on", async () => {
    const { registry, url } = await startRegistry();
    const router = await start({ supergraph: { url, pollIntervalMs: 100 } });
    registry.status = 503;
    await eventually(async () => expect((await readiness(router)).supergraph).toBe("failed"));
    expect(await metric(router, "supergraph_source_reachable")).toBe(0);
    expect(await ask(router, "{ word }")).toEqual({ data: { word: "hello" } });
    registry.status = 200;
    await eventually(async () => expect((await readiness(router)).supergraph).toBe("ok"));
  });

  it("is replaced by the last good one when it is away at the start, and none of both is an error", async () => {
    const { registry, url } = await startRegistry();
    const lastGoodPath = join(folder, "kept", "last-good.graphql");
    const supergraph = { url, pollIntervalMs: 100, lastGoodPath };
    const before = await start({ supergraph });
    await before.stop();
    cleanup.splice(cleanup.length - 1, 1);
    expect(await readFile(lastGoodPath, "utf8")).toBe(first);

    registry.status = 500;
    const router = await start({ supergraph });
    expect(await ask(router, "{ word }")).toEqual({ data: { word: "hello" } });
    await eventually(async () => expect((await readiness(router)).supergraph).toBe("failed"));
    registry.sdl = second;
    registry.status = 200;
    await eventually(async () => expect(await ask(router, "{ other }")).toEqual({ data: { other: "world" } }));
    await eventually(async () => expect(await readFile(lastGoodPath, "utf8")).toBe(second));

    registry.status = 500;
    await expect(start({ supergraph: { url } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/cannot be read from http.*status 500/),
    });
  });

  it("is replaced by the last good one when it cannot be served at the start", async () => {
    const { registry, url } = await startRegistry();
    const lastGoodPath = join(folder, "good.graphql");
    await writeFile(lastGoodPath, first);
    registry.sdl = BROKEN;
    const router = await start({ supergraph: { url, pollIntervalMs: 100, lastGoodPath } });
    expect(await ask(router, "{ word }")).toEqual({ data: { word: "hello" } });
    await eventually(async () => expect((await readiness(router)).state.refusedSupergraph).not.toBeNull());
    expect(await readFile(lastGoodPath, "utf8")).toBe(first);
  });
});
