import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { BOOKSHOP } from "../testing/bookshop.ts";
import { type GraphFolder, graphFiles, openGraphFolder } from "../testing/graph-folder.ts";

// Each composes, some with git: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let shop: GraphFolder;

beforeAll(async () => {
  shop = await openGraphFolder(BOOKSHOP);
  await shop.write({
    "operations/web/BookPage.graphql": `query BookPage($id: ID!, $country: String!) {
  book(id: $id) { ...Head postage(country: $country) reviews { text author { name } } }
}
fragment Head on Book { title }
`,
    "operations/web/Shelf.graphql": "query Shelf { books(first: 5) { title } }\n",
    "operations/app/Shelf.graphql": "query Shelf { books { title stars } }\n",
    "operations/app/Torn.graphql": "query Torn { books {",
    "operations/app/Two.graphql":
      "query First { me { ...A } } fragment A on Reader { name }\nquery Second { me { ...B } } fragment B on Reader { country }\n",
  });
  await shop.commit("A bookshop");
});
afterAll(() => shop.remove());

const explain = (...args: string[]) => shop.run(["explain", ...args]);

/** The steps of a plan, without colours and indents. */
const linesOf = (out: string): string[] => out.split("\n").map((line) => line.replace(/^[\s│├└─]+/, ""));

describe("explaining an operation", () => {
  it("shows a plan as a tree with the keys and requirements by which entities are asked", async () => {
    const { code, out } = await explain("web/BookPage");
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "web/BookPage  query · operations/web/BookPage.graphql

        one after another
        ├─ 1 books  query
        │    book(id: $id) { isbn id title weight }
        └─ at the same time
           ├─ one after another
           │  ├─ 2 reviews  Book by isbn · at book · ~1 entity · after 1
           │  │    reviews { text author { id } }
           │  └─ 3 readers  Reader by id · at book.reviews[].author · ~10 entities · after 2
           │       name
           │       ▲ costly: waits for a chain of 2 calls
           └─ 4 shipping  Book by id · at book · ~1 entity · after 1
                sends weight, which postage requires
                postage(country: $country)

      4 fetches of 4 subgraphs (books, readers, reviews, shipping), depth 3, ~12 entities · 1 costly mark

      What could save a step:
        • Step 3 asks readers for no more than Reader.name: @provides where reviews refers to Reader, with @shareable in readers, saves it.
      "
    `);
  });

  it("finds an operation by its name alone where only one client has it", async () => {
    expect((await explain("BookPage")).out).toEqual((await explain("web/BookPage")).out);
  });

  it("minds no fragments that are there for other operations of the file", async () => {
    const { code, out } = await explain("app/First");
    expect(code).toBe(0);
    expect(out).toContain("me { name }");
  });

  it("asks which one is meant where two clients have an operation of that name", async () => {
    const { code, err } = await explain("Shelf");
    expect(code).toBe(3);
    expect(err).toBe("Shelf could be any of: app/Shelf, web/Shelf.\n");
  });

  it("tells what an unknown operation resembles", async () => {
    const { code, err } = await explain("web/BokPage");
    expect(code).toBe(3);
    expect(err).toContain('There is no operation "web/BokPage". Did you mean web/BookPage?');
  });

  it("tells of an operation's syntax error rather than that it is unknown", async () => {
    const { code, err } = await explain("Torn");
    expect(code).toBe(3);
    expect(err).toContain("operations/app/Torn.graphql:1:21: Syntax Error");
  });

  it("takes a text, a file and standard input, and tells them apart", async () => {
    const text = "{ me { name } }";
    const { out } = await explain(text);
    expect(linesOf(out)).toEqual(expect.arrayContaining(["1 readers  query", "me { name }"]));
    expect((await shop.run(["explain", "-"], { stdin: async () => text })).out).toContain("query · <stdin>");
    const { out: second } = await explain(`${shop.path}/operations/app/Two.graphql`, "--operation-name", "Second");
    expect(second).toContain("me { country }");
  });

  it("wants to be told which of a file's operations is meant", async () => {
    const { code, err } = await explain(`${shop.path}/operations/app/Two.graphql`);
    expect(code).toBe(3);
    expect(err).toContain("has 2 operations: say which with --operation-name (First, Second).");
    const { err: unknown } = await explain(`${shop.path}/operations/app/Two.graphql`, "--operation-name", "Secnd");
    expect(unknown).toContain("has no operation Secnd. Did you mean Second?");
  });

  it("says where a file is missing, or has no operation", async () => {
    const { code, err } = await explain("nowhere.graphql");
    expect(code).toBe(3);
    expect(err).toMatch(/nowhere\.graphql cannot be read: ENOENT/);
    expect((await explain("fragment A on Book { id }")).err).toContain("<text> has no operation");
  });

  it("locates what is wrong with an operation, and exits with 1", async () => {
    const { code, out, err } = await explain("{ me { name nmae } you }");
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err.split("\n")).toEqual([
      'error <text>:1:13: Cannot query field "nmae" on type "Reader". Did you mean "name"?',
      'error <text>:1:20: Cannot query field "you" on type "Query".',
      "",
    ]);
    expect((await explain("{ me {")).err).toContain("error <text>:1:7: Syntax Error: Expected Name, found <EOF>.");
  });

  it("refuses fragments that go round in circles", async () => {
    const { code, err } = await explain("{ me { ...A } } fragment A on Reader { ...B } fragment B on Reader { ...A }");
    expect(code).toBe(1);
    expect(err).toContain('Cannot spread fragment "A" within itself via "B"');
  });
});

describe("a plan's costly steps", () => {
  it("are those that wait long, that multiply by nested lists, and that ask a subgraph again", async () => {
    const { out } = await explain(
      "{ latestReviews { book { title reviews { author { name } stars: id } sequels { stars } } } }",
    );
    expect(out).toMatchInlineSnapshot(`
      "(anonymous)  query · <text>

        one after another
        ├─ 1 reviews  query
        │    latestReviews { book { isbn reviews { author { id } stars: id } } }
        └─ at the same time
           ├─ one after another
           │  ├─ 2 books  Book by isbn · at latestReviews[].book · ~10 entities · after 1
           │  │    title sequels { isbn }
           │  └─ 3 reviews  Book by isbn · at latestReviews[].book.sequels[] · ~100 entities · after 2
           │       stars
           │       ▲ costly: waits for a chain of 2 calls
           │       ▲ costly: is asked for entities under 2 nested lists, about 100
           │       ▲ costly: asks reviews again, after step 1
           └─ 4 readers  Reader by id · at latestReviews[].book.reviews[].author · ~100 entities · after 1
                name
                ▲ costly: is asked for entities under 2 nested lists, about 100

      4 fetches of 3 subgraphs (books, readers, reviews), depth 3, ~210 entities · 4 costly marks

      What could save a step:
        • Step 3 asks reviews for no more than Book.stars: @provides where books refers to Book, with @shareable in reviews, saves it.
        • Step 4 asks readers for no more than Reader.name: @provides where reviews refers to Reader, with @shareable in readers, saves it.
        • Steps 3, 4 are asked for about 200 entities: shorter lists (\`first:\`), or one list a request, cost less.
      "
    `);
  });

  it("are none where a plan is as short as it can be", async () => {
    const { out } = await explain("{ books { title } }");
    expect(out).not.toMatch(/costly|could save/);
    expect(out).toContain("1 fetch of 1 subgraph (books), depth 1\n");
  });

  it("are told with what could save them: a copy of what a field requires", async () => {
    const { out } = await explain('{ latestReviews { book { postage(country: "NL") } } }');
    expect(out).toMatchInlineSnapshot(`
      "(anonymous)  query · <text>

        one after another
        ├─ 1 reviews  query
        │    latestReviews { book { isbn } }
        ├─ 2 books  Book by isbn · at latestReviews[].book · ~10 entities · after 1
        │    id weight
        └─ 3 shipping  Book by id · at latestReviews[].book · ~10 entities · after 2
             sends weight, which postage requires
             postage(country: "NL")
             ▲ costly: waits for a chain of 2 calls

      3 fetches of 3 subgraphs (books, reviews, shipping), depth 3, ~20 entities · 1 costly mark

      What could save a step:
        • Step 3 waits for step 2 because Book.postage of shipping requires weight of books: a copy of it in shipping, or postage resolved in books, saves the wait.
      "
    `);
  });

  it("are told with what could save them: a plain field that the subgraph before could have", async () => {
    const { out } = await explain("{ latestReviews { author { name } } }");
    expect(out).toContain(
      "Step 2 asks readers for no more than Reader.name: @provides where reviews refers to Reader, with @shareable in readers, saves it.",
    );
  });
});

describe("a tree of a plan", () => {
  it("has root fields of a mutation one after another, which is not held against them", async () => {
    const { out } = await explain('mutation { addBook(title: "A") { stars } renameBook(id: 1, title: "B") { id } }');
    expect(out).toMatchInlineSnapshot(`
      "(anonymous)  mutation · <text>

        one after another
        ├─ 1 books  mutation
        │    addBook(title: "A") { isbn } renameBook(id: 1, title: "B") { id }
        └─ 2 reviews  Book by isbn · at addBook · ~1 entity · after 1
             stars

      2 fetches of 2 subgraphs (books, reviews), depth 2, ~1 entity

      What could save a step:
        • Step 2 asks reviews for no more than Book.stars: @provides where books refers to Book, with @shareable in reviews, saves it.
      "
    `);
  });

  it("has the condition under which steps are run", async () => {
    const { out } = await explain(
      "query ($full: Boolean!, $bare: Boolean!) { me { name ...R @include(if: $full) } books { id stars @skip(if: $bare) } } fragment R on Reader { reviews { text } }",
    );
    expect(out).toMatchInlineSnapshot(`
      "(anonymous)  query · <text>

        at the same time
        ├─ one after another
        │  ├─ 1 readers  query
        │  │    me { name ... on Reader @include(if: $full) { id } }
        │  └─ when $full is true
        │       2 reviews  Reader by id · at me · ~1 entity · after 1
        │         reviews { text }
        └─ one after another
           ├─ 3 books  query
           │    books { isbn id }
           └─ when $bare is false
                4 reviews  Book by isbn · at books[] · ~20 entities · after 3
                  stars
                  ▲ costly: asks reviews twice: also in step 2

      4 fetches of 3 subgraphs (books, readers, reviews), depth 2, ~21 entities · 1 costly mark

      What could save a step:
        • Step 4 asks reviews for no more than Book.stars: @provides where books refers to Book, with @shareable in reviews, saves it.
      "
    `);
  });

  it("has every entity that an interface may be", async () => {
    const { out } = await explain("{ anything { title ... on Book { stars } ... on Map { reviews { id } } } }");
    expect(out).toMatchInlineSnapshot(`
      "(anonymous)  query · <text>

        one after another
        ├─ 1 books  query
        │    anything { title ... on Book { isbn } ... on Map { id } }
        └─ 2 reviews  Book by isbn, Map by id · at anything[] · ~10 entities · after 1
             ... on Book { stars } ... on Map { reviews { id } }

      2 fetches of 2 subgraphs (books, reviews), depth 2, ~10 entities
      "
    `);
  });

  it("has what follows each event of a subscription", async () => {
    const { out } = await explain("subscription { readerJoined { name reviews { id } } }");
    expect(linesOf(out)).toEqual(expect.arrayContaining(["1 readers  subscription"]));
    expect(out).toContain("2 reviews  Reader by id · at readerJoined");
  });
});

describe("explaining what changes from a base", () => {
  it("shows the steps that come and go, and the figures", async () => {
    const folder = await openGraphFolder(BOOKSHOP);
    await folder.commit("As it was");
    const reviews = BOOKSHOP.reviews.replace("stars: Float", "");
    const shipping = BOOKSHOP.shipping.replace("{ id: ID!", "{ id: ID! stars: Float");
    await folder.write(graphFiles({ ...BOOKSHOP, reviews, shipping }));
    const { code, out } = await folder.run(["explain", "{ latestReviews { book { stars } } }", "--base", "git:main"]);
    expect(code).toBe(0);
    expect(out).toContain(
      'Step 2 only looks up id of Book for step 3: @key(fields: "isbn") on Book in shipping saves it.',
    );
    expect(out.slice(out.indexOf("What changes"))).toMatchInlineSnapshot(`
      "What changes from git:main: fetches 1 → 3, depth 1 → 3, entities 0 → 20

        - 1 reviews  query
        -   latestReviews { book { stars } }
        + one after another
        + ├─ 1 reviews  query
        + │    latestReviews { book { isbn } }
        + ├─ 2 books  Book by isbn · at latestReviews[].book · ~10 entities · after 1
        + │    id
        + └─ 3 shipping  Book by id · at latestReviews[].book · ~10 entities · after 2
        +      stars
        +      ▲ costly: waits for a chain of 2 calls
      "
    `);
    await folder.remove();
  });

  it("says when it is the same plan, and when the base cannot answer", async () => {
    const folder = await openGraphFolder(BOOKSHOP);
    await folder.commit("As it was");
    await folder.write(graphFiles({ ...BOOKSHOP, readers: BOOKSHOP.readers.replace("name:", "age: Int name:") }));
    const { out: same } = await folder.run(["explain", "{ me { name } }", "--base", "git:main"]);
    expect(same).toContain("The plan is the same as in git:main.");
    const { out: other } = await folder.run(["explain", "{ me { age } }", "--base", "git:main"]);
    expect(other).toContain('git:main cannot answer this operation:\n  <text>:1:8: Cannot query field "age"');
    await folder.remove();
  });

  it("prints why a base does not compose, and exits with 2", async () => {
    const folder = await openGraphFolder({
      ...BOOKSHOP,
      readers: BOOKSHOP.readers.replace("name: String!", "name: Nmae"),
    });
    await folder.commit("As it was");
    await folder.write(graphFiles(BOOKSHOP));
    const { code, out, err } = await folder.run(["explain", "{ me { id } }", "--base", "git:main"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^git:main cannot be composed and loaded:[\s\S]*readers\.graphql/);
    await folder.remove();
  });

  it("refuses a base that there is not", async () => {
    const { code, err } = await explain("BookPage", "--base", "git:nowhere");
    expect(code).toBe(3);
    expect(err).toContain('There is no commit "nowhere"');
  });
});

describe("explaining for tools", () => {
  it("gives the tree, the figures and the marks as JSON", async () => {
    const { out } = await explain("BookPage", "--format", "json");
    expect(JSON.parse(out)).toMatchObject({
      operation: { id: "web/BookPage", kind: "query" },
      tree: { kind: "sequence" },
      cost: { fetches: 4, subgraphs: ["books", "readers", "reviews", "shipping"] },
      before: null,
    });
  });
});

describe("explaining on a graph that does not compose", () => {
  it("prints why, and exits with 2", async () => {
    const folder = await openGraphFolder({
      ...BOOKSHOP,
      readers: BOOKSHOP.readers.replace("name: String!", "name: Nmae"),
    });
    const { code, out, err } = await folder.run(["explain", "{ me { id } }"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/readers\.graphql/);
    await folder.remove();
  });
});
