import { afterEach, describe, expect, it } from "vitest";
import { type Library, type LibraryConfig, startLibrary } from "./testing/library.ts";

let library: Library | undefined;
afterEach(async () => {
  await library?.stop();
  library = undefined;
});

const start = async (config: LibraryConfig = {}): Promise<Library> => {
  library = await startLibrary(config);
  return library;
};

describe("the router's metrics", () => {
  it("are on a listener of their own, and never on the one for clients", async () => {
    const { router, request } = await start({ metrics: { host: "127.0.0.1", port: 0 } });
    expect((await request("/metrics")).status).toBe(404);
    const response = await fetch(router.metricsUrl ?? "");
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("are nowhere unless asked for", async () => {
    const { router } = await start();
    expect(router.metricsUrl).toBeNull();
  });

  it("tell operations by kind and status, and calls of subgraphs by how they ended", async () => {
    const { router, ask, token, reviews } = await start({ metrics: { host: "127.0.0.1", port: 0 } });
    await ask("{ books { title stars } }");
    await ask('mutation { note(name: "secret note") }');
    await ask("{ catalogue }");
    await reviews.stop();
    await ask("{ bestReview { text } }", { token: await token() });
    const text = await (await fetch(router.metricsUrl ?? "")).text();
    const requests = "supergraph_http_request_duration_seconds_count";
    expect(text).toContain(`${requests}{operation="query",status="200"} 2`);
    expect(text).toContain(`${requests}{operation="mutation",status="200"} 1`);
    expect(text).toContain(`${requests}{operation="query",status="401"} 1`);
    const calls = "supergraph_subgraph_call_duration_seconds_count";
    expect(text).toContain(`${calls}{subgraph="books",outcome="answered"} 2`);
    expect(text).toContain(`${calls}{subgraph="reviews",outcome="answered"} 1`);
    expect(text).toContain(`${calls}{subgraph="reviews",outcome="SUBGRAPH_UNAVAILABLE"} 1`);
    expect(text).toContain('supergraph_graphql_errors_total{code="SUBGRAPH_UNAVAILABLE"} 1');
    expect(text).toContain('supergraph_graphql_errors_total{code="UNAUTHENTICATED"} 1');
    expect(text).not.toMatch(/secret note|usr_1|127\.0\.0\.1/);
  });
});
