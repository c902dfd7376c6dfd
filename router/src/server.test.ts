import { silentLogger } from "@supergraph/service";
import { eventually } from "@supergraph/testing/eventually";
import { afterEach, describe, expect, it } from "vitest";
import { type RouterConfig, startRouter } from "./server.ts";
import { librarySupergraph, startLibrary, startServer } from "./testing/library.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

/** A promise and what resolves it. */
const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

const SERVING = {
  generation: 1,
  supergraph: expect.stringMatching(/^[0-9a-f]{12}$/),
  generationsDraining: 0,
  refusedSupergraph: null,
};

describe("health", () => {
  it("is ready, and reports each subgraph", async () => {
    const library = await startLibrary();
    cleanup.push(() => library.stop());
    const live = await library.request("/health/live");
    expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
    const ready = await library.request("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        status: "ready",
        checks: { "access token keys": "ok" },
        reported: { supergraph: "ok", books: "ok", reviews: "ok" },
        state: SERVING,
      },
    ]);
  });

  it("stays ready without a subgraph", async () => {
    const library = await startLibrary({ urls: { reviews: "http://127.0.0.1:9/" } });
    cleanup.push(() => library.stop());
    const ready = await library.request("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        status: "ready",
        checks: { "access token keys": "ok" },
        reported: { supergraph: "ok", books: "ok", reviews: "failed" },
        state: SERVING,
      },
    ]);
  });
});

describe("stopping", () => {
  it("lets what is in flight finish and takes nothing new", async () => {
    const asked = gate();
    const answer = gate();
    const reviews = await startServer(async (_, response) => {
      asked.open();
      await answer.opened;
      response.setHeader("content-type", "application/json");
      response.end(`{"data":{"bestReview":{"text":"Late."}}}`);
    });
    const library = await startLibrary({ urls: { reviews: reviews.url } });
    cleanup.push(
      () => reviews.stop(),
      () => library.books.stop(),
      () => library.reviews.stop(),
    );
    const inFlight = library.ask("{ bestReview { text } }");
    await asked.opened;
    const stopped = library.router.stop();
    // Who connects in the moment of a stop is still answered.
    await eventually(() => expect(library.ask("{ viewer }")).rejects.toThrow());
    answer.open();
    expect((await inFlight).data).toEqual({ bestReview: { text: "Late." } });
    await stopped;
  });

  it("ends streams without completing them, so that clients subscribe again", async () => {
    const library = await startLibrary();
    const response = await library.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: `{"query":"subscription { endless { title } }"}`,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("Dune")) text += (await reader?.read())?.value ?? "";
    const stopped = library.stop();
    for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) text += chunk.value;
    await stopped;
    expect(text).not.toContain("complete");
    await eventually(() => expect(library.state.closed).toContain("endless"));
  });

  it("does not wait longer than the deadline", async () => {
    const asked = gate();
    const silent = await startServer(() => asked.open());
    const library = await startLibrary({ urls: { reviews: silent.url }, server: { drainMs: 50 } });
    cleanup.push(
      () => silent.stop(),
      () => library.books.stop(),
      () => library.reviews.stop(),
    );
    const inFlight = library.ask("{ bestReview { text } }").catch(() => "cut");
    await asked.opened;
    await library.router.stop();
    expect(await inFlight).toBe("cut");
  });
});

describe("starting", () => {
  const start = async (config: Partial<RouterConfig>) => {
    const router = await startRouter(
      {
        supergraph: { sdl: librarySupergraph() },
        server: { port: 0 },
        authentication: { jwksUrl: "http://127.0.0.1:9/" },
        planning: { thread: false },
        ...config,
      },
      { log: silentLogger() },
    );
    cleanup.push(() => router.stop());
    return router;
  };

  it("does not wait for subgraphs or keys", async () => {
    const { url, port } = await start({});
    expect(url).toBe(`http://127.0.0.1:${port}`);
  });

  it("says which port is taken", async () => {
    const { port } = await start({});
    await expect(start({ server: { port } })).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      message: expect.stringContaining(String(port)),
    });
  });

  it.each([
    ["no SDL", "}"],
    ["a plain schema", "type Query { a: Int }"],
    ["a blank", " "],
  ])("refuses %s for a supergraph", async (_, sdl) => {
    await expect(start({ supergraph: { sdl } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("schema:compose"),
    });
  });

  it("refuses a URL that is none", async () => {
    await expect(start({ subgraphs: { overrides: { books: { url: "books:4001" } } } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("subgraphs.overrides.books.url"),
    });
  });

  it("turns Apollo's telemetry off before anything of it is loaded", () => {
    expect(process.env.APOLLO_TELEMETRY_DISABLED).toBe("1");
  });
});
