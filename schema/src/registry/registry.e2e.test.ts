import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer } from "@supergraph/messaging/nats-server";
import { createTestDatabase, eventually, type TestDatabase, WITHOUT_NATS } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  jetStream,
  type NatsNode,
  type NatsNodes,
  natsNodes,
} from "../../../packages/messaging/src/nats/testing/nats-nodes.ts";
import { runRouter } from "../../../router/src/testing/router-process.ts";
import { type GraphFolder, openGraphFolder } from "../testing/graph-folder.ts";

const without = findNatsServer() === null ? ` (${WITHOUT_NATS})` : "";

const BOOKS = `
type Query { "One." book("Its own." id: ID!): Book }
"A book."
type Book @key(fields: "id") { "Its own." id: ID! "As printed." title: String! }
`;
const READERS = `
type Query { "Who asks." me: Reader }
"Who reads."
type Reader @key(fields: "id") { "Its own." id: ID! "In full." name: String! }
`;
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])\n`;

/** Records in Postgres, a broker, routers as processes of their own, and the commands. */
describe.skipIf(without !== "")(`a published schema${without}`, { timeout: 180_000 }, () => {
  let directory: string;
  let database: TestDatabase;
  let nodes: NatsNodes;
  let broker: NatsNode;
  let graph: GraphFolder;

  beforeAll(async () => {
    database = await createTestDatabase({ migrate: async () => undefined });
    nodes = await natsNodes();
    broker = await nodes.start({ name: "n1", config: jetStream(nodes, "n1") });
  });
  afterAll(async () => {
    await nodes.stop();
    await database.drop();
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "schema-registry-"));
    graph = await openGraphFolder({ books: BOOKS, readers: READERS });
    await graph.write({ "operations/shop/Title.graphql": 'query Title { book(id: "1") { title } me { name } }' });
  });
  afterEach(async () => {
    await graph.remove();
    await rm(directory, { recursive: true });
  });

  /** Of one test: they share database and broker. */
  const open = (environment: string) => {
    const env = { SCHEMA_REGISTRY: database.url, NATS_URL: `nats://127.0.0.1:${broker.port}` };
    const run = (command: string, ...args: string[]) =>
      graph.run([command, ...args, "--environment", environment, "--by", "ada", "--wait-for-routers", "30000"], {
        env,
      });
    return {
      run,
      publishAll: (version: string) => run("publish", "--all", "--version", version),
      /** Adds a field to books. */
      async publishField(name: string, ...more: string[]) {
        await graph.write({
          "books.graphql": `${LINK}${BOOKS.replace("title:", `${name}: String "As printed." title:`)}`,
        });
        return run("publish", "books", "--version", name, ...more);
      },
      async history() {
        const shown = await graph.run(["history", "--environment", environment, "--format", "json"], { env });
        return JSON.parse(shown.out) as {
          live: number;
          entries: { version: Record<string, unknown>; notes: Record<string, unknown>[] }[];
        };
      },
      startRouter: async (more: Record<string, string> = {}) => {
        const router = runRouter(["--port", "0"], {
          SUPERGRAPH_REGISTRY_URL: env.NATS_URL,
          SUPERGRAPH_REGISTRY_ENVIRONMENT: environment,
          SUPERGRAPH_LAST_GOOD_PATH: join(directory, "last-good.graphql"),
          ...more,
        });
        const [{ port } = { port: 0 }] = await router.told("the router answers");
        const fieldsOfBook = async (): Promise<string[]> => {
          const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ query: '{ __type(name: "Book") { fields { name } } }' }),
          });
          const { data } = (await response.json()) as { data: { __type: { fields: { name: string }[] } } };
          return data.__type.fields.map(({ name }) => name);
        };
        return { ...router, fieldsOfBook };
      },
    };
  };

  it("is served by routers when the command that publishes it ends", async () => {
    const { publishAll, publishField, startRouter, history } = open("production");
    expect(await publishAll("1")).toMatchObject({ code: 0 });
    const router = await startRouter();
    expect(await router.fieldsOfBook()).toEqual(["id", "title"]);
    const published = await publishField("subtitle");
    expect(published).toMatchObject({ code: 0, out: expect.stringContaining("Served by the router ") });
    expect(await router.fieldsOfBook()).toEqual(["id", "subtitle", "title"]);
    expect((await history()).entries[0]).toMatchObject({ version: { version: 2 }, notes: [{ kind: "served" }] });
  });

  it("is taken back when a router cannot serve it, which tells why", async () => {
    const { publishAll, publishField, startRouter, history } = open("staging");
    await publishAll("1");
    const router = await startRouter();
    // It composes, and loads; a router calls subgraphs by HTTP alone.
    expect(await publishField("subtitle", "--url", "ws://books/graphql")).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /Version 2 of staging was refused by a router, and is not live:\n {2}\S+: The subgraph books has no HTTP URL.*\nVersion 3 is live instead, with what version 1 had\./,
      ),
    });
    await router.told("a supergraph cannot be served: the former one goes on");
    expect(await router.fieldsOfBook()).toEqual(["id", "title"]);
    const { live, entries } = await history();
    expect(live).toBe(3);
    expect(entries).toMatchObject([
      { version: { version: 3, kind: "rollback", restores: 1, by: "registry" } },
      { version: { version: 2 }, notes: [{ kind: "refused", why: expect.stringContaining("no HTTP URL") }] },
      { version: { version: 1 } },
    ]);
    expect(await publishField("subtitle")).toMatchObject({ code: 0 });
    expect(await router.fieldsOfBook()).toEqual(["id", "subtitle", "title"]);
  });

  it("is served while the registry is down, also by a router that starts meanwhile, and followed when it is back", async () => {
    const { publishAll, publishField, startRouter, run } = open("outage");
    await publishAll("1");
    const router = await startRouter();
    await broker.kill();
    try {
      await router.told("the supergraph's source cannot be read");
      expect(await router.fieldsOfBook()).toEqual(["id", "title"]);
      const late = await startRouter();
      expect(late.logged("the supergraph's source has none that can be served: the last good one serves")).toHaveLength(
        1,
      );
      expect(await late.fieldsOfBook()).toEqual(["id", "title"]);
      expect(await run("rollback")).toMatchObject({ code: 3, err: expect.stringContaining("No NATS server answered") });

      await broker.startAgain();
      expect(await publishField("subtitle")).toMatchObject({ code: 0 });
      for (const one of [router, late])
        await eventually(async () => expect(await one.fieldsOfBook()).toEqual(["id", "subtitle", "title"]), {
          timeoutMs: 30_000,
        });
    } finally {
      await broker.startAgain().catch(() => undefined);
    }
  });
});
