import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Report } from "../check/report.ts";
import { type GraphFolder, openGraphFolder } from "../testing/graph-folder.ts";

const BOOKS = `
"Books of the shop."
type Query { "One." book("Its own." id: ID!): Book }
"A book."
type Book @key(fields: "id") { "Its own." id: ID! "As printed." title: String! "In grams." weight: Int! }
`;
const READERS = `
type Query { "Who asks." me: Reader }
"Who reads."
type Reader @key(fields: "id") { "Its own." id: ID! "In full." name: String! }
`;
const SHIPPING = `
type Book @key(fields: "id") { id: ID! weight: Int! @external "In cents." postage: Int @requires(fields: "weight") }
`;
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@external", "@requires"])\n`;

describe("the registry's commands", () => {
  let directory: string;
  let graph: GraphFolder;
  let env: Record<string, string>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "schema-registry-"));
    graph = await openGraphFolder({ books: BOOKS, readers: READERS });
    // What nobody is known to send is nobody's loss.
    await graph.write({ "operations/shop/Title.graphql": 'query Title { book(id: "1") { title } me { name } }' });
    env = { SCHEMA_REGISTRY: `file:${directory}` };
  });
  afterEach(async () => {
    await graph.remove();
    await rm(directory, { recursive: true });
  });

  const run = (...args: string[]) => graph.run(args, { env });
  const to = ["--environment", "production", "--by", "ada"];
  const publish = (name: string, version: string, ...more: string[]) =>
    run("publish", name, ...to, "--version", version, ...more);
  const publishAll = (version: string) => run("publish", "--all", ...to, "--version", version);
  const history = async (): Promise<{
    live: number | null;
    entries: { version: Record<string, unknown> }[];
    blocked: unknown[];
  }> => JSON.parse((await run("history", "--environment", "production", "--format", "json")).out);
  /** The SDL of a subgraph in a file beside those that the configuration lists. */
  const sdl = async (text: string): Promise<string> => {
    await graph.write({ "proposed.graphql": `${LINK}${text}` });
    return join(graph.path, "proposed.graphql");
  };

  it("publish a first version with all subgraphs, then one by one", async () => {
    expect(await publishAll("1")).toMatchObject({
      code: 0,
      out: expect.stringContaining("Version 1 of production is live: books 1 (new), readers 1 (new).\n"),
    });
    await graph.write({
      "books.graphql": `${LINK}${BOOKS.replace("title:", 'subtitle: String "As printed." title:')}`,
    });
    expect(await publish("books", "2")).toMatchObject({
      code: 0,
      out: expect.stringContaining("Version 2 of production is live: books 1 → 2.\n"),
    });
    expect(await publish("books", "2")).toMatchObject({
      code: 0,
      out: expect.stringContaining("production has this already: it is version 2. Nothing was published."),
    });
    expect(await publish("shipping", "1", "--schema", await sdl(SHIPPING), "--url", "http://shipping/")).toMatchObject({
      code: 0,
      out: expect.stringContaining("shipping 1 (new)"),
    });
    expect((await history()).live).toBe(3);
  });

  it("publish a whole graph in place of what is live: what is gone is told, what is the same keeps its version", async () => {
    await publishAll("1");
    await publish("shipping", "1", "--schema", await sdl(SHIPPING), "--url", "http://shipping/");
    await graph.write({
      "books.graphql": `${LINK}${BOOKS.replace("title:", 'subtitle: String "As printed." title:')}`,
    });
    expect(await publishAll("2")).toMatchObject({
      code: 0,
      out: expect.stringContaining("Version 3 of production is live: books 1 → 2, shipping 1 (gone).\n"),
    });
  });

  it("publish nothing that breaks a client, unless it was approved", async () => {
    await publishAll("1");
    const schema = await sdl(READERS.replace('"In full." name: String!', ""));
    const blocked = await publish("readers", "2", "--schema", schema, "--format", "json");
    expect(blocked).toMatchObject({ code: 1, err: "Nothing was published to production.\n" });
    const { verdict, base, findings } = JSON.parse(blocked.out) as Report;
    expect({ verdict, base }).toEqual({ verdict: "blocked", base: "registry:production" });
    expect((await history()).blocked).toMatchObject([{ kind: "blocked", by: "ada", version: 1 }]);

    const errors = findings.filter(({ severity }) => severity === "error");
    expect(errors).not.toEqual([]);
    await graph.write({
      "approvals.yaml": errors
        .map(
          ({ fingerprint, code }) =>
            `- { fingerprint: "${fingerprint}", code: ${code}, reason: nobody asks, approver: bob, expires: 2026-06-30 }\n`,
        )
        .join(""),
    });
    expect(await publish("readers", "2", "--schema", schema)).toMatchObject({ code: 0 });
    expect((await history()).entries[0]?.version).toMatchObject({
      version: 2,
      by: "ada",
      at: "2026-06-01T12:00:00.000Z",
      report: { verdict: "pass", counts: { approved: errors.length } },
    });
  });

  describe("with events", () => {
    const contract = (producer: string, ...fields: string[]) => ({
      subject: `${producer}.changed.v1`,
      description: "",
      producer,
      consumers: ["mailing"],
      key: "id",
      schema: { type: "object", properties: Object.fromEntries(fields.map((name) => [name, { type: "string" }])) },
    });
    const commit = (...events: unknown[]) => graph.write({ "events.json": JSON.stringify({ events }, null, 2) });
    const errorsOf = (report: string): string[] =>
      (JSON.parse(report) as Report).findings
        .filter(({ severity }) => severity === "error")
        .map(({ code, locations: [at] }) => `${code} ${at?.path}:${at?.line}`);

    beforeEach(async () => {
      await graph.write({ "check.config.mjs": `export default { events: "events.json" };` });
      await commit(contract("books", "id", "title"), contract("readers", "id", "name"));
      expect(await publishAll("1")).toMatchObject({ code: 0 });
    });

    it("publish nothing that takes from an event what somebody reads, and say where it was", async () => {
      await commit(contract("books", "id"), contract("readers", "id", "name"));
      const blocked = await publish("books", "2", "--format", "json");
      expect(blocked.code).toBe(1);
      expect(errorsOf(blocked.out)).toEqual([
        expect.stringMatching(/^EVENT_FIELD_REMOVED registry:production\/events\.json:\d+$/),
      ]);
      expect((await history()).live).toBe(1);
    });

    it("publish the contracts of the one that is published alone, whatever its files say of others", async () => {
      await commit(contract("books", "id", "title", "isbn"));
      expect(await publish("books", "2")).toMatchObject({ code: 0 });
      // What was published of readers is live still: it is lost by whoever publishes readers without it.
      expect(await publish("readers", "2")).toMatchObject({
        code: 1,
        out: expect.stringContaining("readers.changed.v1"),
      });
      await commit(contract("books", "id", "title"), contract("readers", "id", "name"));
      expect(await publish("readers", "2")).toMatchObject({ code: 0 });
      const lost = await publish("books", "3", "--format", "json");
      expect(lost.code).toBe(1);
      expect(errorsOf(lost.out)).toEqual([expect.stringContaining("EVENT_FIELD_REMOVED")]);
    });

    it("leave what is live as it is where the publisher has none", async () => {
      await graph.write({ "check.config.mjs": "export default {};" });
      expect(await publish("books", "2")).toMatchObject({ code: 0 });
      await graph.write({ "check.config.mjs": `export default { events: "events.json" };` });
      await commit(contract("readers", "id", "name"));
      expect(await publish("books", "3")).toMatchObject({ code: 1, out: expect.stringContaining("books.changed.v1") });
    });

    it("publish nothing where the contracts cannot be read", async () => {
      await graph.write({ "events.json": "{" });
      expect(await publish("books", "2")).toMatchObject({ code: 1, out: expect.stringContaining("events.json:1:") });
    });

    it("tell by check --base registry:production what a change does to them", async () => {
      await commit(contract("books", "id", "title"));
      expect(await run("check", "--base", "registry:production")).toMatchObject({
        code: 1,
        out: expect.stringContaining("readers does not send readers.changed.v1 any more"),
      });
    });
  });

  it("publish nothing that does not compose with what is live", async () => {
    expect(await publish("shipping", "1", "--schema", await sdl(SHIPPING), "--url", "http://shipping/")).toMatchObject({
      code: 2,
      err: expect.stringContaining("is published with --all"),
    });
    await publishAll("1");
    const schema = await sdl(SHIPPING.replaceAll("weight", "height"));
    expect(await publish("shipping", "1", "--schema", schema, "--url", "http://shipping/")).toMatchObject({ code: 2 });
    expect((await history()).live).toBe(1);
  });

  it("publish one of two at once that do not go together, whichever is first", async () => {
    await publishAll("1");
    const books = join(graph.path, "lighter.graphql");
    await writeFile(books, `${LINK}${BOOKS.replace('"In grams." weight: Int!', "")}`);
    const outcomes = await Promise.all([
      publish("shipping", "1", "--schema", await sdl(SHIPPING), "--url", "http://shipping/"),
      publish("books", "2", "--schema", books),
    ]);
    expect(outcomes.map(({ code }) => code).sort()).toEqual([0, expect.any(Number)]);
    expect(outcomes.filter(({ code }) => code === 0)).toHaveLength(1);
    const { live, entries, blocked } = await history();
    expect({ live, versions: entries.length, blocked: blocked.length }).toEqual({ live: 2, versions: 2, blocked: 1 });
    // Against what had become live in the meantime.
    expect(blocked).toMatchObject([{ version: 2 }]);
  });

  it("publish both of two at once that go together", async () => {
    await publishAll("1");
    const books = join(graph.path, "more.graphql");
    await writeFile(books, `${LINK}${BOOKS.replace("title:", 'subtitle: String "As printed." title:')}`);
    const outcomes = await Promise.all([
      publish("shipping", "1", "--schema", await sdl(SHIPPING), "--url", "http://shipping/"),
      publish("books", "2", "--schema", books),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    const all = await run("check", "--base", "registry:production");
    expect(all.out).toContain("compared   working tree with registry:production");
    const changed = (await history()).entries.flatMap(({ version }) =>
      (version.changes as { subgraph: string }[]).map(({ subgraph }) => subgraph),
    );
    expect(changed.sort()).toEqual(["books", "books", "readers", "shipping"]);
  });

  it("compare with what is live", async () => {
    await publishAll("1");
    expect(await run("check", "--base", "registry:production")).toMatchObject({ code: 0 });
    await graph.write({ "readers.graphql": `${LINK}${READERS.replace('"In full." name: String!', "")}` });
    const { code, out } = await run("check", "--base", "registry:production", "--format", "json");
    expect(code).toBe(1);
    const gone = (JSON.parse(out) as Report).findings.find(({ coordinate }) => coordinate === "Reader.name");
    expect(gone?.locations[0]).toMatchObject({ path: "registry:production/readers.graphql", side: "base" });
  });

  it("go back, and show who went back and why", async () => {
    await publishAll("1");
    expect(await run("rollback", ...to)).toMatchObject({
      code: 1,
      out: "Nothing was rolled back: there is no version before 1 to go back to.\n",
    });
    await publish("readers", "2", "--url", "http://elsewhere/graphql");
    expect(await run("rollback", ...to, "--why", "names are empty")).toMatchObject({
      code: 0,
      out: "Version 3 of production is live: what version 1 had, readers 2 → 1.\n",
    });
    expect(await run("rollback", ...to, "--to", "2")).toMatchObject({ code: 0 });
    expect(await run("rollback", ...to, "--to", "7")).toMatchObject({
      code: 1,
      out: "Nothing was rolled back: production never had a version 7: the last one is 4.\n",
    });
    const { out } = await run("history", "--environment", "production");
    const rows = out.split("\n").filter((line) => /^│ \d/.test(line));
    expect(
      rows.map((row) =>
        row
          .split("│")
          .slice(1, 6)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ["4 live", "2026-06-01 12:00:00", "back to 2: readers 1 → 2", "ada", ""],
      ["3", "2026-06-01 12:00:00", "back to 1: readers 2 → 1", "ada", "names are empty"],
      ["2", "2026-06-01 12:00:00", "readers 1 → 2", "ada", ""],
      ["1", "2026-06-01 12:00:00", "books 1 (new), readers 1 (new)", "ada", ""],
    ]);
    expect(await run("history", "--environment", "production", "--limit", "1", "--format", "json")).toMatchObject({
      out: expect.not.stringContaining("names are empty"),
    });
  });

  it("tell of a corrupted artifact, publish nothing upon it, and go back to a whole one", async () => {
    await publishAll("1");
    const [first] = await readdir(join(directory, "artifacts"));
    await publish("readers", "2", "--url", "http://elsewhere/graphql");
    const [second] = (await readdir(join(directory, "artifacts"))).filter((name) => name !== first);
    await writeFile(join(directory, "artifacts", second ?? ""), "not what was published");
    const told = { code: 3, err: expect.stringMatching(/^The artifact [0-9a-f]{64} is corrupted: /) };
    expect(await run("check", "--base", "registry:production")).toMatchObject(told);
    expect(await publish("readers", "3", "--url", "http://third/graphql")).toMatchObject(told);
    expect(await run("rollback", ...to)).toMatchObject({ code: 0, out: expect.stringContaining("what version 1 had") });
    expect(await run("check", "--base", "registry:production")).toMatchObject({ code: 0 });
  });

  it("do what an interrupted publisher left undone, and tell so", async () => {
    await publishAll("1");
    await rm(join(directory, "live"), { recursive: true });
    expect(await run("history", "--environment", "production")).toMatchObject({
      code: 0,
      err: "Routers had not been told of version 1: now they are.\n",
    });
    const broken = JSON.stringify({
      router: "router-1",
      version: 2,
      outcome: "refused",
      reason: "it has\u001b[2J no URL",
      at: new Date().toISOString(),
    });
    await publish("readers", "2", "--url", "http://elsewhere/graphql", "--wait-for-routers", "0");
    const routers = join(directory, "live", "production", "routers");
    await mkdir(routers);
    await writeFile(join(routers, "router-1.json"), broken);
    expect(await publish("readers", "3", "--url", "http://third/graphql", "--wait-for-routers", "0")).toMatchObject({
      code: 0,
      err: "Version 2 had been refused by routers (router-1: it has\\u001b[2J no URL): version 3 is live instead.\n",
      out: expect.stringContaining("Version 4 of production is live: readers 1 → 3."),
    });
    expect((await run("history", "--environment", "production")).out).not.toContain("\u001b");
  });

  it("tell that nothing was ever published", async () => {
    expect(await run("history", "--environment", "production")).toMatchObject({
      code: 0,
      out: "Nothing was ever published to production.\n",
    });
    expect(await run("check", "--base", "registry:production")).toMatchObject({
      code: 3,
      err: expect.stringContaining("Nothing was ever published to production"),
    });
  });

  const DOWN = "postgres://me:s3cret@127.0.0.1:1/registry";
  it.each([
    ["no registry", {}, "No registry is configured: set SCHEMA_REGISTRY"],
    ["records of no known kind", { SCHEMA_REGISTRY: "mysql://x" }, "SCHEMA_REGISTRY has a value that cannot be used"],
    ["records in Postgres, and nothing that tells routers", { SCHEMA_REGISTRY: DOWN }, "NATS_URL is not set"],
    [
      "a broker that is down",
      { SCHEMA_REGISTRY: "file:.", NATS_URL: "nats://me:s3cret@127.0.0.1:1" },
      "No NATS server answered",
    ],
    [
      "a database that is down",
      { SCHEMA_REGISTRY: DOWN, NATS_URL: "nats://127.0.0.1:1" },
      "Cannot connect to the database",
    ],
  ])("tell of %s, without passwords", async (_, its, message) => {
    env = its as Record<string, string>;
    if (env.SCHEMA_REGISTRY === "file:.") env.SCHEMA_REGISTRY = `file:${directory}`;
    const { code, err } = await publishAll("1");
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(message) });
    expect(err).not.toContain("s3cret");
  });

  it.each([
    ["neither a subgraph nor all", ["publish", "--version", "1"], "Expected the name of a subgraph, or --all"],
    ["both a subgraph and all", ["publish", "books", "--all", "--version", "1"], "expected either it or books"],
    ["no version", ["publish", "books"], "--version"],
    ["a subgraph that nobody lists", ["publish", "films", "--version", "1"], "lists no subgraph films"],
    ["a name that is none", ["publish", "../x", "--version", "1"], "is no name of a subgraph"],
    [
      "a file that is not there",
      ["publish", "books", "--version", "1", "--schema", "absent.graphql"],
      "absent.graphql cannot be read",
    ],
    ["no URL", ["publish", "books", "--version", "1", "--url", "here"], "expected a URL"],
    [
      "a time that is none",
      ["publish", "books", "--version", "1", "--wait-for-routers", "soon"],
      "Expected milliseconds",
    ],
    ["a version that is no number", ["rollback", "--to", "latest"], "Expected the number of a version"],
    ["a limit that is no number", ["history", "--limit", "all"], "Expected a number of versions"],
  ])("refuse %s", async (_, args, message) => {
    expect(await run(...args, "--environment", "production")).toMatchObject({
      code: 3,
      err: expect.stringContaining(message),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it("refuse an environment that could be a path", async () => {
    expect(await run("publish", "--all", "--version", "1", "--environment", "../x")).toMatchObject({
      code: 3,
      err: expect.stringContaining("is no name of an environment"),
    });
  });
});
