import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GraphFolder, openGraphFolder } from "../testing/graph-folder.ts";

const BOOKS = `
type Query { books(first: Int = 20): [Book!]! book(id: ID!): Book }
type Book @key(fields: "id") { id: ID! title: String! pages: Int! author: Author! }
type Author @key(fields: "id") { id: ID! name: String! }
`;
const REVIEWS = `type Book @key(fields: "id") { id: ID! reviews: [Review!]! } type Review { text: String! }`;

interface Told {
  readonly code: string;
  readonly severity: string;
  readonly coordinate: string;
  readonly message: string;
  readonly details: readonly string[];
  readonly subgraphs: readonly { readonly name: string }[];
  readonly locations: readonly { path: string; line: number; column: number; side: string }[];
}

let folder: GraphFolder;
beforeEach(async () => {
  folder = await openGraphFolder({ books: BOOKS, reviews: REVIEWS });
});
afterEach(() => folder.remove());

/** What is said of operations and plans, of the working tree against the last commit. */
const told = async (): Promise<Told[]> => {
  const { out, err, code } = await folder.run(["check", "--base", "git:HEAD", "--format", "json", "--no-cache"]);
  if (out === "") throw new Error(`The check ended with ${code}: ${err}`);
  const { findings } = JSON.parse(out) as { findings: Told[] };
  return findings.filter(({ code }) => /^(OPERATION|PLAN|TRAFFIC)_/.test(code));
};

const rewrite = (sdl: string, from: string, to: string): string => {
  if (!sdl.includes(from)) throw new Error(`There is no ${from}.`);
  return sdl.replace(from, to);
};

/** The committed state, then the change of the working tree. */
const change = async (
  committed: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string | null>>,
): Promise<void> => {
  await folder.write(committed);
  await folder.commit("before");
  await folder.write(changed);
};

const books = async (edit: (sdl: string) => string): Promise<Record<string, string>> => {
  return { "books.graphql": edit(await readFile(`${folder.path}/books.graphql`, "utf8")) };
};

describe("what becomes of known operations", () => {
  const TITLES = "query Titles { books { title } }";

  it("tells which break, where, and whom to ask, and says nothing of those that do not", async () => {
    await change(
      {
        "operations/web/Titles.graphql": `# The start page.\n${TITLES}`,
        "operations/web/Pages.graphql": "query Pages { books { pages } }",
        "operations/traffic.yaml": "web/Titles: 300\nweb/Pages: 100\n",
        "check.config.mjs": 'export default { owners: { web: "#web-team" } };',
      },
      await books((sdl) => rewrite(sdl, "title: String!", "")),
    );
    expect(await told()).toMatchObject([
      {
        code: "OPERATION_BROKEN",
        severity: "error",
        coordinate: "web/Titles",
        locations: [{ path: "operations/web/Titles.graphql", line: 2, column: 24, side: "head" }],
        details: ['Cannot query field "title" on type "Book".', "75.0 % of the known traffic", "ask #web-team"],
      },
    ]);
  });

  it("does not blame the change for an operation that never was valid", async () => {
    await change({ "operations/web/Isbn.graphql": "query Isbn { books { isbn } }" }, {});
    expect(await told()).toMatchObject([{ code: "OPERATION_INVALID", message: "web/Isbn is not valid." }]);
  });

  it("remembers what released clients send when the operation was changed with the schema", async () => {
    await change(
      { "operations/web/Titles.graphql": TITLES },
      {
        ...(await books((sdl) => rewrite(sdl, "title: String!", "name: String!"))),
        "operations/web/Titles.graphql": "query Titles { books { name } }",
      },
    );
    expect(await told()).toMatchObject([
      { code: "OPERATION_BROKEN_UNTIL_RELEASE", severity: "warning", locations: [{ side: "base", column: 24 }] },
    ]);
  });

  it("tells of an operation whose file is gone", async () => {
    await change({ "operations/web/Titles.graphql": TITLES }, { "operations/web/Titles.graphql": null });
    expect(await told()).toMatchObject([{ code: "OPERATION_RETIRED", coordinate: "web/Titles" }]);
  });

  it("locates what is no document, has no name, or a name twice, and traffic of nothing", async () => {
    await change(
      {
        "operations/web/Broken.graphql": "query Broken { books {",
        "operations/web/Nameless.graphql": "\n{ books { id } }",
        "operations/web/One.graphql": TITLES,
        "operations/web/Two.graphql": TITLES,
        "operations/traffic.yaml": "web/Gone: 3",
      },
      {},
    );
    expect((await told()).map(({ code, locations: [at] }) => [code, at?.path, at?.line, at?.column])).toEqual([
      ["OPERATION_SYNTAX_ERROR", "operations/web/Broken.graphql", 1, 23],
      ["OPERATION_ANONYMOUS", "operations/web/Nameless.graphql", 2, 1],
      ["OPERATION_DUPLICATE", "operations/web/Two.graphql", 1, 1],
      ["TRAFFIC_UNKNOWN_OPERATION", "operations/traffic.yaml", 1, 1],
    ]);
  });

  it("takes several operations from a file, with the fragments that any of them uses", async () => {
    await change(
      {
        "operations/web/Two.graphql":
          "query A { books { ...F } } query B { books { id gone } } fragment F on Book { title }",
      },
      {},
    );
    expect((await told()).map(({ code, coordinate }) => [code, coordinate])).toEqual([["OPERATION_INVALID", "web/B"]]);
  });

  it("survives fragments that spread each other", async () => {
    await change(
      {
        "operations/web/Cycle.graphql":
          "query Cycle { books { ...A } } fragment A on Book { ...B } fragment B on Book { ...A }",
      },
      {},
    );
    expect(await told()).toMatchObject([
      { code: "OPERATION_INVALID", details: [expect.stringContaining("Cannot spread"), "ask web"] },
    ]);
  });
});

describe("operations of a kind that goes", () => {
  it("break, although GraphQL's own rules have nothing to say of them", async () => {
    await change(
      {
        "operations/web/Rename.graphql": "mutation Rename { rename }",
        ...(await books((sdl) => `${sdl}\ntype Mutation { rename: String }`)),
      },
      await books((sdl) => sdl),
    );
    expect(await told()).toMatchObject([
      {
        code: "OPERATION_BROKEN",
        details: ["The API has no mutations.", "ask web"],
        locations: [{ line: 1, column: 1 }],
      },
    ]);
  });
});

describe("what becomes of plans", () => {
  const PAGE = { "operations/web/Page.graphql": "query Page { books(first: 5) { title reviews { text } } }" };

  it("says nothing while they stay as they are", async () => {
    await change(
      PAGE,
      await books((sdl) => `${sdl}\n"More." type Shelf { id: ID! books: [Book!]! } extend type Query { shelf: Shelf }`),
    );
    expect(await told()).toEqual([]);
  });

  it("tells of a field that moved by @override and now costs a step more, with the API as it was", async () => {
    await change(
      { ...PAGE, "operations/web/Titles.graphql": "query Titles { books(first: 5) { title } }" },
      await moved(),
    );
    expect(await told()).toMatchObject([
      {
        code: "PLAN_MORE_SEQUENTIAL_FETCHES",
        severity: "warning",
        coordinate: "web/Titles",
        message: "web/Titles waits for 2 fetches one after the other, for 1 before.",
        subgraphs: [{ name: "reviews" }],
        details: ["before: books", "after: books → reviews (books.@)"],
        locations: [{ path: "operations/web/Titles.graphql", line: 1, column: 1 }],
      },
      { code: "PLAN_MORE_SUBGRAPHS", severity: "info", subgraphs: [{ name: "reviews" }] },
    ]);
  });

  it("blocks where much of the traffic waits longer", async () => {
    await change(
      {
        "operations/web/Titles.graphql": "query Titles { books { title } }",
        "operations/traffic.yaml": "web/Titles: 1",
      },
      await moved(),
    );
    expect(await told()).toMatchObject([
      {
        code: "PLAN_MORE_SEQUENTIAL_FETCHES",
        severity: "error",
        details: ["100.0 % of the known traffic", "before: books", "after: books → reviews (books.@)"],
      },
      { code: "PLAN_MORE_ENTITIES", message: "web/Titles resolves about 20 entities, 0 before." },
      { code: "PLAN_MORE_SUBGRAPHS" },
    ]);
  });

  const moved = async (): Promise<Record<string, string>> => {
    const reviews = await readFile(`${folder.path}/reviews.graphql`, "utf8");
    return {
      "reviews.graphql": rewrite(
        reviews,
        "reviews: [Review!]!",
        'title: String! @override(from: "books") reviews: [Review!]!',
      ),
    };
  };
});
