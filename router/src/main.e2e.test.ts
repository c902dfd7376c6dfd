import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compose, startServer } from "./testing/library.ts";
import { runRouter } from "./testing/router-process.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])`;
const supergraphs = {
  first: compose({ words: `${LINK} type Query { word: String }` }),
  second: compose({ words: `${LINK} type Query { word: String other: String }` }),
};

let folder: string;
let words: Awaited<ReturnType<typeof startServer>>;
let supergraph: string;
let config: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "router-main-"));
  words = await startServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"data":{"word":"hello","other":"world","__typename":"Query"}}');
  });
  supergraph = join(folder, "supergraph.graphql");
  config = join(folder, "router.yaml");
  await writeFile(supergraph, supergraphs.first);
});
afterAll(async () => {
  await words.stop();
  await rm(folder, { recursive: true });
});

const configure = (...lines: string[]) =>
  writeFile(
    config,
    [
      `supergraph: { path: ${supergraph} }`,
      `subgraphs: { overrides: { words: { url: "${words.url}" } } }`,
      ...lines,
    ].join("\n"),
  );

const client = (port: number) => {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 4 });
  return {
    async ask(query: string): Promise<unknown> {
      const headers = { "content-type": "application/json" };
      const { body } = await pool.request({
        path: "/graphql",
        method: "POST",
        headers,
        body: JSON.stringify({ query }),
      });
      return body.json();
    },
    close: () => pool.destroy(),
  };
};

describe("the router as a process", () => {
  it("serves a supergraph that it knows nothing of, reloads it on SIGHUP, and ends on SIGTERM", async () => {
    await configure();
    const router = runRouter(["--config", config, "--port", "0"]);
    const [{ port = 0 } = {}] = await router.told("the router answers");
    const { ask, close } = client(port);
    expect(await ask("{ word }")).toEqual({ data: { word: "hello" } });
    await writeFile(supergraph, supergraphs.second);
    router.signal("SIGHUP");
    await router.told("another supergraph serves");
    expect(await ask("{ other }")).toEqual({ data: { other: "world" } });
    await close();
    router.signal("SIGTERM");
    expect(await router.ended).toMatchObject({ code: 0, stderr: "" });
    await writeFile(supergraph, supergraphs.first);
  });

  it(
    "serves with several workers, which SIGHUP reloads and SIGUSR2 replaces without a failed request",
    { timeout: 120_000 },
    async () => {
      // What serves the metrics does not tell its port: that of a server that is gone.
      const { port: metricsPort, stop } = await startServer(() => undefined);
      await stop();
      await configure(`metrics: { port: ${metricsPort} }`);
      const router = runRouter(["--config", config, "--port", "0", "--workers", "2"]);
      const [{ port = 0 } = {}] = await router
        .told("a worker answers", 2)
        .then(() => router.logged("the router answers"));
      const { ask, close } = client(port);

      let isOver = false;
      const answers: unknown[] = [];
      const clients = Array.from({ length: 4 }, async () => {
        while (!isOver) answers.push(await ask("query Word { word }").catch(String));
      });
      router.signal("SIGUSR2");
      await router.told("the workers have been replaced");
      await writeFile(supergraph, supergraphs.second);
      router.signal("SIGHUP");
      await router.told("another supergraph serves", 2);
      isOver = true;
      await Promise.all(clients);
      expect(answers.filter((answer) => JSON.stringify(answer) !== '{"data":{"word":"hello"}}')).toEqual([]);
      expect(await ask("{ other }")).toEqual({ data: { other: "world" } });

      const numbers = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const counted = /^supergraph_operation_duration_seconds_count\{operation_name="Word".*\} (\d+)$/m.exec(
        numbers,
      )?.[1];
      expect(Number(counted)).toBe(answers.length);
      expect(numbers).toMatch(/^supergraph_generation\{hash="[0-9a-f]+",worker="1"\} 2$/m);
      await close();
      router.signal("SIGTERM");
      expect((await router.ended).code).toBe(0);
      await writeFile(supergraph, supergraphs.first);
    },
  );

  it("is told whether its configuration is in order, without serving", async () => {
    await configure();
    const { code, stdout } = await runRouter(["--config", config, "--check-config"]).ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Subgraphs: words (${words.url})`)]);
    await configure("server: { prot: 1 }");
    expect(await runRouter(["--config", config, "--check-config"]).ended).toMatchObject({
      code: 1,
      stderr: `CONFIG_INVALID: ${config}:3:11: server.prot: there is no such setting. Did you mean \`port\`?\n`,
    });
    await configure();
    expect(
      await runRouter(["--config", config, "--check-config"], { SUBGRAPH_URL_WORD: words.url }).ended,
    ).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("WORD: the supergraph has no such subgraph. It has words."),
    });
  });

  it.each([
    [
      ["--supergraph", "/nowhere/supergraph.graphql"],
      1,
      /^CONFIG_INVALID: The supergraph cannot be read from .*ENOENT.*\n$/,
    ],
    [["--supergraph", "package.json"], 1, /^CONFIG_INVALID: The supergraph cannot be served: [^\n]*\n$/],
    [
      ["--supergraph", "http://127.0.0.1:9/"],
      1,
      /^CONFIG_INVALID: The supergraph cannot be read from .*ECONNREFUSED.*\n$/,
    ],
    [["--port", "http"], 2, /Expected a port from 0 to 65535/],
  ])("says in a line why it does not start with %j", async (argv, code, message) => {
    const ended = await runRouter(["--port", "0", ...argv]).ended;
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });
});
