import { silentLogger } from "@supergraph/service";
import { afterEach, describe, expect, it } from "vitest";
import { createRouterMeters } from "./meters.ts";
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

  it("tell of requests whose fault was not their client's", async () => {
    const { router, ask, request, reviews } = await start({ metrics: { port: 0 } });
    await ask("{ books { title } }");
    await ask("{ catalogue }");
    await ask("{ nonsense }");
    await request("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body: "{" });
    await reviews.stop();
    await ask("{ books { title stars } }");
    const text = await (await fetch(router.metricsUrl ?? "")).text();
    const faults = [...text.matchAll(/^supergraph_request_faults_total\{operation="(\w+)"\} (\d+)$/gm)];
    expect(Object.fromEntries(faults.map(([, kind, count]) => [kind, Number(count)]))).toEqual({
      query: 1,
      mutation: 0,
      subscription: 0,
      none: 0,
    });
  });

  it("tell operations by their names", async () => {
    const { router, ask } = await start({ metrics: { port: 0 } });
    await ask("query Titles { books { title } }");
    await ask("query Titles { books { title } }");
    await ask("{ viewer }");
    await ask("query Secret { catalogue }");
    const text = await (await fetch(router.metricsUrl ?? "")).text();
    const operations = "supergraph_operation_duration_seconds_count";
    expect(text).toContain(`${operations}{operation_name="Titles",operation_type="query",outcome="answered"} 2`);
    expect(text).toContain(`${operations}{operation_name="",operation_type="query",outcome="answered"} 1`);
    expect(text).toContain(`${operations}{operation_name="Secret",operation_type="query",outcome="refused"} 1`);
  });

  it("tell no more than 500 names: clients choose them", async () => {
    const meters = createRouterMeters(silentLogger());
    for (let index = 0; index < 600; index += 1)
      meters.operation({ kind: "query", name: `N${index}`, outcome: "answered" }, 0.001);
    const text = String((await meters.route.handle({} as never)).body);
    meters.stop();
    const operations = "supergraph_operation_duration_seconds_count";
    expect(text.split("\n").filter((line) => line.startsWith(`${operations}{operation_name="N`))).toHaveLength(500);
    expect(text).toContain(`${operations}{operation_name="(other)",operation_type="query",outcome="answered"} 100`);
  });

  it("tell what serves, what is kept prepared, and how subgraphs are", async () => {
    const { router, ask } = await start({ metrics: { port: 0 } });
    await ask("{ viewer }");
    await ask("{ viewer }");
    const text = await (await fetch(router.metricsUrl ?? "")).text();
    expect(text).toMatch(/^supergraph_generation\{hash="[0-9a-f]{12}"\} 1$/m);
    expect(text).toContain('supergraph_document_cache_requests_total{result="hit"} 1');
    expect(text).toContain('supergraph_document_cache_requests_total{result="miss"} 1');
    expect(text).toContain("supergraph_document_cache_entries 1");
    expect(text).toContain('supergraph_planning_duration_seconds_count{outcome="planned"} 1');
    expect(text).toContain('supergraph_subgraph_breaker{subgraph="books",state="closed"} 1');
    expect(text).toContain('supergraph_subgraph_breaker{subgraph="books",state="open"} 0');
    expect(text).toContain('supergraph_subgraph_replicas_ejected{subgraph="reviews"} 0');
  });
});
