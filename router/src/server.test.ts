import { generateSigningKey, silentLogger } from "@supergraph/service";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseRouterConfig, startRouter } from "./server.ts";
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

describe("health", () => {
  it("is ready, and reports each subgraph", async () => {
    const library = await startLibrary();
    cleanup.push(() => library.stop());
    const live = await library.request("/health/live");
    expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
    const ready = await library.request("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "ready", checks: { "access token keys": "ok" }, reported: { books: "ok", reviews: "ok" } },
    ]);
  });

  it("stays ready without a subgraph", async () => {
    const library = await startLibrary({ subgraphUrls: { reviews: "http://127.0.0.1:9/" } });
    cleanup.push(() => library.stop());
    const ready = await library.request("/health/ready");
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "ready", checks: { "access token keys": "ok" }, reported: { books: "ok", reviews: "failed" } },
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
    const library = await startLibrary({ subgraphUrls: { reviews: reviews.url } });
    cleanup.push(
      () => reviews.stop(),
      () => library.books.stop(),
      () => library.reviews.stop(),
    );
    const inFlight = library.ask("{ bestReview { text } }");
    await asked.opened;
    const stopped = library.router.stop();
    await expect(library.ask("{ viewer }")).rejects.toThrow();
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
    await vi.waitFor(() => expect(library.state.closed).toContain("endless"));
  });

  it("does not wait longer than the deadline", async () => {
    const asked = gate();
    const silent = await startServer(() => asked.open());
    const library = await startLibrary({ subgraphUrls: { reviews: silent.url }, drainMs: 50 });
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
  const start = async (config: object) => {
    const { privateJwk } = await generateSigningKey();
    const router = await startRouter(
      {
        host: "127.0.0.1",
        port: 0,
        supergraphSdl: librarySupergraph(),
        signingKey: privateJwk,
        jwksUrl: "http://127.0.0.1:9/",
        playground: null,
        logLevel: "silent",
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
    await expect(start({ port })).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      message: expect.stringContaining(String(port)),
    });
  });

  it.each([
    ["no SDL", "}"],
    ["a plain schema", "type Query { a: Int }"],
    ["nothing", ""],
  ])("refuses %s for a supergraph", async (_, supergraphSdl) => {
    await expect(start({ supergraphSdl })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("schema:compose"),
    });
  });

  it("refuses a URL for a subgraph that does not exist, and one that is none", async () => {
    await expect(start({ subgraphUrls: { shelves: "http://localhost/" } })).rejects.toThrow("It has books, reviews");
    await expect(start({ subgraphUrls: { books: "books:4001" } })).rejects.toThrow("books has no HTTP URL");
  });

  it("turns Apollo's telemetry off before anything of it is loaded", () => {
    expect(process.env.APOLLO_TELEMETRY_DISABLED).toBe("1");
  });
});

describe("configuration", () => {
  const key = { kty: "OKP", crv: "Ed25519", x: "x", d: "d", kid: "k" };
  const required = { ROUTER_SIGNING_KEY: JSON.stringify(key), JWKS_URL: "http://localhost:4001/.well-known/jwks.json" };

  it("has defaults for development", () => {
    const config = parseRouterConfig(required);
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 4000,
      signingKey: key,
      introspection: true,
      logLevel: "info",
    });
    expect(config.playground).not.toBeNull();
    expect(config.supergraphSdl).toContain("join__Graph");
  });

  it("shows neither schema nor playground in production unless asked", () => {
    const production = { ...required, NODE_ENV: "production" };
    expect(parseRouterConfig(production)).toMatchObject({ introspection: false, playground: null });
    const asked = parseRouterConfig({ ...production, INTROSPECTION: "true", PLAYGROUND: "1" });
    expect(asked.introspection).toBe(true);
    expect(asked.playground).not.toBeNull();
  });

  it("reads ports, subgraph URLs, limits and origins", () => {
    expect(
      parseRouterConfig({
        ...required,
        PORT: "80",
        ROUTER_PORT: "81",
        SUBGRAPH_URL_MY_BOOKS: "http://books/graphql",
        MAX_DEPTH: "7",
        CORS_ORIGINS: "https://a.example, https://b.example",
      }),
    ).toMatchObject({
      port: 81,
      subgraphUrls: { MY_BOOKS: "http://books/graphql" },
      limits: { maxDepth: 7, maxAliases: 50 },
      corsOrigins: ["https://a.example", "https://b.example"],
    });
  });

  it.each([
    ["ROUTER_SIGNING_KEY", ""],
    ["ROUTER_SIGNING_KEY", "{}"],
    ["ROUTER_SIGNING_KEY", "not json"],
    ["JWKS_URL", ""],
    ["JWKS_URL", "localhost"],
    ["PORT", "99999"],
    ["PORT", "http"],
    ["MAX_DEPTH", "0"],
    ["PLAYGROUND", "perhaps"],
    ["CORS_ORIGINS", "shop.example"],
    ["CORS_ORIGINS", "https://shop.example/path"],
    ["SUBGRAPH_URL_BOOKS", "books"],
    ["SUPERGRAPH_PATH", "/nowhere/supergraph.graphql"],
    ["LOG_LEVEL", "loud"],
  ])("names %s when it is %j, and never shows a secret", (name, value) => {
    expect(() => parseRouterConfig({ ...required, [name]: value })).toThrow(name);
  });
});
