import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { BOOKSHOP } from "../testing/bookshop.ts";
import { type GraphFolder, graphFiles, openGraphFolder } from "../testing/graph-folder.ts";

// Each composes, some with git: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let shop: GraphFolder;

const AFTER = {
  books: BOOKSHOP.books
    .replace("  weight: Int!\n", "  weight: Int!\n  pages: Int\n")
    .replace("scale: Int!", "scale: Int"),
  reviews: BOOKSHOP.reviews.replace("stars: Float", ""),
  readers: BOOKSHOP.readers,
  shipping: BOOKSHOP.shipping,
  lending: `
type Query { loans: [Loan!]! }
type Loan @key(fields: "id") { id: ID! book: Book! }
type Book @key(fields: "id") { id: ID! isLent: Boolean! }
`,
} as const;

beforeAll(async () => {
  shop = await openGraphFolder(BOOKSHOP);
  await shop.write({
    "operations/web/Stars.graphql": "query Stars { books { title stars } }\n",
    "operations/web/Shelf.graphql": "query Shelf { books(first: 5) { title reviews { author { name } } } }\n",
  });
  await shop.commit("As it was");
  await shop.write(graphFiles(AFTER));
  await shop.commit("As it is to be");
  // What is compared is committed: the working tree need not even compose.
  await shop.write({ "books.graphql": "type Query {" });
});
afterAll(() => shop.remove());

const diff = (...args: string[]) => shop.run(["diff", "git:main~1", "git:main", ...args]);

describe("the differences of two commits", () => {
  it("are told by subgraph, the worst first", async () => {
    const { code, out } = await diff();
    expect(code).toBe(0);
    const headings = out.split("\n").filter((line) => /^\w/.test(line));
    expect(headings).toEqual([
      "What changes from git:main~1 to git:main",
      "books",
      "reviews",
      "lending",
      expect.stringMatching(/^\d+ breaking, .*\d+ safe$/),
    ]);
    const books = out.slice(out.indexOf("\nbooks\n"), out.indexOf("\nreviews\n"));
    expect(books).toMatch(/dangerous\s+Map\.scale[\s\S]*safe\s+Book\.pages/);
    expect(out).toMatch(/breaking\s+Book\.stars/);
  });

  it("are told as Markdown and as JSON too", async () => {
    const { out: markdown } = await diff("--format", "markdown");
    expect(markdown).toContain("## What changes from `git:main~1` to `git:main`");
    expect(markdown).toContain("### `reviews`");
    const { out: json } = await diff("--format", "json");
    expect(JSON.parse(json)).toMatchObject({
      base: "git:main~1",
      head: "git:main",
      sections: expect.arrayContaining([expect.objectContaining({ subgraph: "lending", status: "added" })]),
    });
  });

  it("are none between a commit and itself", async () => {
    const { code, out } = await shop.run(["diff", "git:main", "git:main"]);
    expect(code).toBe(0);
    expect(out).toContain("Nothing that concerns anybody.");
  });
});

describe("what cannot be compared", () => {
  it("is a working tree that does not parse: why is printed, and the exit code is 2", async () => {
    const { code, out, err } = await shop.run(["diff", "git:main"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/working tree cannot be composed and loaded:[\s\S]*books\.graphql:1:/);
  });

  it("is a base that there is not, or that is no base at all", async () => {
    expect((await shop.run(["diff", "git:nowhere"])).code).toBe(3);
    const { code, err } = await shop.run(["diff", "main"]);
    expect(code).toBe(3);
    expect(err).toContain("expected git:<ref>");
  });
});

describe("the page of a difference", () => {
  const page = async (...args: string[]) => {
    const result = await diff("--html", join(shop.path, "out", "page.html"), ...args);
    return { ...result, text: await readFile(join(shop.path, "out", "page.html"), "utf8") };
  };

  it("is one file that names no other, and is whole", async () => {
    const { code, text } = await page();
    expect(code).toBe(0);
    expect(text.startsWith("<!doctype html>")).toBe(true);
    expect(text.trimEnd().endsWith("</html>")).toBe(true);
    expect(text).not.toMatch(/<(link|img|iframe|object|embed|base)\b|\bsrc=|@import|url\((?!#)/);
    expect([...text.matchAll(/href="([^"]*)"/g)].filter(([, href]) => !href?.startsWith("#"))).toEqual([]);
    expect(await readdir(join(shop.path, "out"))).toEqual(["page.html"]);
  });

  it("is the same text for the same states", async () => {
    expect((await page()).text).toBe((await page()).text);
  });

  it("has every reference within it", async () => {
    const { text } = await page();
    const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    expect(ids.size).toBe([...text.matchAll(/ id="([^"]*)"/g)].length);
    expect([...text.matchAll(/href="#([^"]*)"/g)].filter(([, id]) => !ids.has(id))).toEqual([]);
  });

  it("shows entities at home and where they are extended, with what is new and what is gone", async () => {
    const { text } = await page();
    const spoken = [...text.matchAll(/<text class="spoken"[^>]*>([^<]*)/g)].map(([, label]) => label);
    expect(spoken).toEqual(
      expect.arrayContaining([
        "Book of books, changed, key id or isbn, 4 fields",
        "Book, extended by reviews, changed, key isbn, 2 fields",
        "Book, extended by lending, new, key id, 1 field",
      ]),
    );
    expect(text).toMatch(/<text class="field removed"[^>]*>− stars/);
    expect(text).toMatch(/<text class="field added"[^>]*>\+ pages/);
  });

  it("shows the way of an operation by numbered steps, and what no longer can be answered first", async () => {
    const { text } = await page("--operation", "Shelf");
    const listed = [...text.matchAll(/<span class="id">([^<]*)<\/span>(?: <b class="told (\w+)")?/g)];
    expect(listed.map(([, id, status]) => [id, status])).toEqual([
      ["web/Stars", "removed"],
      ["web/Shelf", undefined],
    ]);
    const way = /<g class="path chosen"[\s\S]*?<title>web\/Shelf<\/title>[\s\S]*?\n<\/g>/.exec(text)?.[0] ?? "";
    expect([...way.matchAll(/<title>(step [^<]*)<\/title>/g)].map(([, title]) => title)).toEqual([
      "step 1: books",
      "step 2: reviews",
      "step 3: readers",
    ]);
  });

  it("refuses an operation that there is not, and writes nothing then", async () => {
    const path = join(shop.path, "none.html");
    const { code, err } = await diff("--html", path, "--operation", "Shelv");
    expect(code).toBe(3);
    expect(err).toContain("Did you mean web/Shelf?");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
    expect((await diff("--operation", "Shelf")).err).toContain("expected --html <path> with it");
  });

  it("escapes what the graph's authors wrote, wherever it is shown", async () => {
    const hostile = "<script>alert(1)</script>";
    const folder = await openGraphFolder(BOOKSHOP);
    await folder.commit("As it was");
    await folder.write({
      ...graphFiles({
        ...BOOKSHOP,
        readers: BOOKSHOP.readers.replace("name:", `"${hostile}" note(text: String = "${hostile}"): String name:`),
      }),
      "operations/<b>web<b>/Me.graphql": `query Me { me { note(text: "${hostile}") } }\n`,
    });
    const { code } = await folder.run(["diff", "git:main", "--html", join(folder.path, "page.html")]);
    expect(code).toBe(0);
    const text = await readFile(join(folder.path, "page.html"), "utf8");
    expect(text).not.toContain(hostile);
    expect(text).not.toContain("<b>web");
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    await folder.remove();
  });
});
