import { mkdir, readdir, readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GraphFolder, openGraphFolder } from "../src/testing/graph-folder.ts";

const BOOKS = "type Query { book: Book }\ntype Book { title: String }";

let folder: GraphFolder;
beforeEach(async () => {
  folder = await openGraphFolder({ books: BOOKS });
  await folder.commit("before");
});
afterEach(() => folder.remove());

interface Told {
  readonly code: string;
  readonly locations: readonly { readonly path: string; readonly line: number; readonly column: number }[];
}

const check = async (...args: string[]) => {
  const { code, out, err } = await folder.run(["check", "--no-cache", "--format", "json", ...args]);
  const findings = out === "" ? [] : (JSON.parse(out) as { findings: Told[] }).findings;
  return { code, err, findings: findings.filter((one) => !one.code.startsWith("LINT_")) };
};

const yaml = (...entries: string[]): string => `subgraphs:\n${entries.join("")}`;
const entry = (name: string, file = `${name}.graphql`): string =>
  `  ${name}:\n    routing_url: http://${name}/graphql\n    schema:\n      file: ${file}\n`;

describe("a configuration that is not as it must be", () => {
  it.each<[string, Record<string, string | null>, RegExp]>([
    ["is missing", { "supergraph.yaml": null }, /There is no .*supergraph\.yaml: expected a list of subgraphs/],
    ["is no YAML", { "supergraph.yaml": "subgraphs: [\n" }, /^supergraph\.yaml:\d+:\d+: /],
    ["lists nothing", { "supergraph.yaml": "subgraphs: {}\n" }, /expected at least one subgraph/],
    ["is empty", { "supergraph.yaml": "" }, /supergraph\.yaml: .*expected/s],
    [
      "has a name twice",
      { "supergraph.yaml": yaml(entry("books"), entry("books")) },
      /^supergraph\.yaml:6:\d+: Map keys must be unique/,
    ],
    ["has an unknown setting", { "supergraph.yaml": `${yaml(entry("books"))}subgraph: 1\n` }, /subgraph"?$/m],
    [
      "has a URL that is none",
      { "supergraph.yaml": yaml(entry("books")).replace("http://books/graphql", "books") },
      /routing_url/,
    ],
    [
      "names a file that is not there",
      { "supergraph.yaml": yaml(entry("books", "gone.graphql")) },
      /the schema of books cannot be read: there is no gone\.graphql in the working tree/,
    ],
    [
      "names a folder",
      { "supergraph.yaml": yaml(entry("books", "operations")), "operations/a.txt": "" },
      /operations cannot be read: it is a folder/,
    ],
    [
      "has check settings that do not exist",
      { "check.config.mjs": "export default { sevrities: {} };" },
      /sevrities: there is no such setting\. Did you mean `severities`\?/,
    ],
    [
      "has a severity of a finding that does not exist",
      { "check.config.mjs": "export default { severities: { NONSENSE: 'off' } };" },
      /there is no finding NONSENSE/,
    ],
    [
      "has check settings that cannot be loaded",
      { "check.config.mjs": "export default {" },
      /check\.config\.mjs cannot be loaded/,
    ],
    ["has check settings without any", { "check.config.mjs": "export const a = 1;" }, /no default export/],
    [
      "has traffic that is none",
      { "operations/traffic.yaml": "web/A: many" },
      /operations\/traffic\.yaml: expected a number of requests/,
    ],
  ])("%s: said in words, and the exit code is 3", async (_, files, message) => {
    await folder.write(files);
    const { code, err, findings } = await check();
    expect({ code, findings }).toEqual({ code: 3, findings: [] });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it.each([
    ["git:no-such-branch", /no commit "no-such-branch"/],
    ["git:--output=/tmp/x", /no commit/],
    ["file:nowhere/supergraph.yaml", /There is no|cannot be read/],
    ["main", /expected git:<ref>, file:/],
    ["git:", /expected git:<ref>, file:/],
  ])("is compared with %s: said in words, and the exit code is 3", async (base, message) => {
    const { code, err } = await check("--base", base);
    expect(code).toBe(3);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe("a subgraph that is not as it must be", () => {
  it("is located in every file that is no GraphQL, not only in the first", async () => {
    await folder.write({
      "supergraph.yaml": yaml(entry("books"), entry("more"), entry("binary"), entry("empty")),
      "books.graphql": "type Query {",
      "more.graphql": "\ntype {}",
      "binary.graphql": "\u0000\u0001\u0002",
      "empty.graphql": "",
    });
    const { code, findings } = await check();
    expect(code).toBe(2);
    expect(findings.map(({ code, locations: [at] }) => [code, at?.path, at?.line, at?.column])).toEqual([
      ["SUBGRAPH_SYNTAX_ERROR", "books.graphql", 1, 13],
      ["SUBGRAPH_SYNTAX_ERROR", "more.graphql", 2, 6],
      ["SUBGRAPH_SYNTAX_ERROR", "binary.graphql", 1, 1],
      ["SUBGRAPH_SYNTAX_ERROR", "empty.graphql", 1, 1],
    ]);
  });

  it("may have line ends and a mark as other systems write them", async () => {
    await folder.write({ "books.graphql": `\uFEFF${BOOKS.replaceAll("\n", "\r\n")}\r\ntype Broken { a: Nothing }` });
    const { code, findings } = await check();
    expect(code).toBe(2);
    expect(findings[0]?.locations).toMatchObject([{ path: "books.graphql", line: 3 }]);
  });

  it("may have 5 MB", async () => {
    const fields = Array.from(
      { length: 2_000 },
      (_, index) => `  "${"A word. ".repeat(320)}"\n  field${index}: String`,
    );
    const sdl = `${BOOKS}\nextend type Book {\n${fields.join("\n")}\n}`;
    expect(sdl.length).toBeGreaterThan(5_000_000);
    await folder.write({ "books.graphql": sdl, "operations/web/A.graphql": "query A { book { field1999 gone } }" });
    const { code, findings } = await check();
    expect(code).toBe(1);
    expect(findings).toMatchObject([
      { code: "OPERATION_INVALID", locations: [{ path: "operations/web/A.graphql", line: 1, column: 28 }] },
    ]);
  });

  it("may bear names that are those of every object's own properties", async () => {
    await folder.write({
      "books.graphql":
        "type Query { constructor: toString hasOwnProperty: valueOf }\ntype toString { valueOf: Int }\nenum valueOf { constructor proto }",
    });
    expect((await check("--base", "git:HEAD")).code).toBe(1);
  });
});

describe("commands that fail", () => {
  it("write nothing: compose leaves what was there", async () => {
    await folder.write({
      "check.config.mjs": 'export default { artifacts: { supergraph: "supergraph.graphql", api: "api.graphql" } };',
    });
    expect((await folder.run(["compose"])).code).toBe(0);
    const written = await readFile(`${folder.path}/supergraph.graphql`, "utf8");
    await folder.write({ "books.graphql": "type Query { book: Nothing }" });
    const { code, err } = await folder.run(["compose"]);
    expect(code).toBe(2);
    expect(err).toContain("books.graphql:1:20");
    expect(await readFile(`${folder.path}/supergraph.graphql`, "utf8")).toBe(written);
    expect((await readdir(folder.path)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("leave no half of a file where the last cannot be written", async () => {
    await mkdir(`${folder.path}/api.graphql`);
    await folder.write({
      "check.config.mjs": 'export default { artifacts: { supergraph: "supergraph.graphql", api: "api.graphql" } };',
    });
    const { code, err } = await folder.run(["compose"]);
    expect(code).toBe(3);
    expect(err).toMatch(/api\.graphql/);
    expect((await readdir(folder.path)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it.each([
    [["check", "--format", "poem"], /Allowed choices are/],
    [["check", "--nonsense"], /unknown option/],
    [["nonsense"], /unknown command/],
    [["explain"], /missing required argument/],
  ])("say how they are used: %j", async (args, message) => {
    const { code, err } = await folder.run(args);
    expect(code).toBe(3);
    expect(err).toMatch(message);
  });
});
