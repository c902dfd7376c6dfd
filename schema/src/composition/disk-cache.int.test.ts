import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GraphFolder, graphFiles, openGraphFolder } from "../testing/graph-folder.ts";

const SUBGRAPHS = {
  books: `
    type Query { books: [Book!]! }
    type Book @key(fields: "id") { id: ID! title: String! }`,
  reviews: `type Book @key(fields: "id") { id: ID! reviews: [Review!]! } type Review { text: String! }`,
};
/** The title moves: what has asked one subgraph asks two. */
const MOVED = {
  ...SUBGRAPHS,
  reviews: `
    type Book @key(fields: "id") { id: ID! title: String! @override(from: "books") reviews: [Review!]! }
    type Review { text: String! }`,
};
const OPERATIONS = { "operations/web/Titles.graphql": "query Titles { books { title } }" };

let folder: GraphFolder;
let cache: string;
beforeEach(async () => {
  folder = await openGraphFolder(SUBGRAPHS);
  await folder.write(OPERATIONS);
  await folder.commit("before");
  await folder.write(graphFiles(MOVED));
  cache = join(folder.path, "kept", "here");
});
afterEach(() => folder.remove());

const check = async (...args: string[]): Promise<{ code: number; findings: readonly object[] }> => {
  const { code, out } = await folder.run(["check", "--base", "git:HEAD", "--format", "json", ...args]);
  return { code, findings: (JSON.parse(out) as { findings: object[] }).findings };
};
const anew = () => check("--no-cache");
const kept = () => check("--cache-folder", cache);
const keptFiles = async (): Promise<string[]> => (await readdir(cache)).sort();

describe("what was composed and planned before", () => {
  it("gives the same findings as what is composed and planned anew", async () => {
    const expected = await anew();
    expect(expected.findings).toContainEqual(
      expect.objectContaining({
        code: "PLAN_MORE_SEQUENTIAL_FETCHES",
        details: ["before: books", "after: books → reviews (books.@)"],
      }),
    );
    expect(await kept()).toEqual(expected);
    const files = await keptFiles();
    expect(files.map((name) => name.replace(/^\w+/, ""))).toEqual([
      ".costs.json.gz",
      ".supergraph.json.gz",
      ".costs.json.gz",
      ".supergraph.json.gz",
    ]);
    expect(await kept()).toEqual(expected);
    expect(await keptFiles()).toEqual(files);
  });

  it("is not taken for what other settings or operations give", async () => {
    await kept();
    await folder.write({ "check.config.mjs": "export default { plans: { listSize: 7, minEntityGrowth: 1 } };" });
    const seven = await kept();
    expect(seven).toEqual(await anew());
    expect(seven.findings).toContainEqual(
      expect.objectContaining({ message: "web/Titles resolves about 7 entities, 0 before." }),
    );
    await folder.write({ "operations/web/Titles.graphql": "query Titles { books { id } }" });
    expect(await kept()).toEqual(await anew());
  });

  it("is made anew where it is damaged, or cannot be kept", async () => {
    const expected = await kept();
    for (const damage of ["", "damaged"]) {
      for (const name of await keptFiles()) await writeFile(join(cache, name), damage);
      expect(await kept()).toEqual(expected);
    }
    await rm(cache, { recursive: true });
    await writeFile(cache, "no folder");
    expect(await kept()).toEqual(expected);
  });

  it("is of graphs that the router serves only", async () => {
    await mkdir(cache, { recursive: true });
    const refused = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@context", "@fromContext"])
      type Query { shelf: Shelf } type Shelf @key(fields: "id") @context(name: "shelf") { id: ID! name: String! book: Tome! }
      type Tome @key(fields: "id") { id: ID! title(of: String @fromContext(field: "$shelf { name }")): String! }`;
    await folder.write({ ...graphFiles(SUBGRAPHS), "reviews.graphql": refused });
    const first = await kept();
    expect(first.code).toBe(2);
    expect(await kept()).toEqual(first);
  });
});
