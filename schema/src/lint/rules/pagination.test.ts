import { describe, expect, it } from "vitest";
import { brief, federated, lintSdl } from "../testing/lint-sdl.ts";

const UNPAGINATED = ["LINT_LIST_UNPAGINATED"] as const;
const BOOK = 'type Book @key(fields: "id") { id: ID! }';
const withField = (field: string, more = "") => federated(`type Query { ${field} }\n${BOOK}\n${more}`);

describe("a list of entities", () => {
  it("is read by the page", () => {
    const findings = lintSdl({ shop: withField("books: [Book!]!") }, UNPAGINATED);
    expect(brief(findings)).toEqual(["LINT_LIST_UNPAGINATED Query.books shop.graphql:2:14"]);
    expect(findings[0]).toMatchObject({
      severity: "warning",
      message: "Query.books is [Book!]!, entities that may become many, and has no pages.",
    });
  });

  it("is one of entities of another subgraph, too", () => {
    const findings = lintSdl(
      { a: federated("type Query { books: [Book] }\ntype Book { id: ID! @shareable }"), b: federated(BOOK) },
      UNPAGINATED,
    );
    expect(brief(findings)).toEqual(["LINT_LIST_UNPAGINATED Query.books a.graphql:2:14"]);
  });

  it("is one of interfaces and unions that entities are among", () => {
    const sdl = federated(`type Query { found: [Found!]! nodes: [Node!]! errors: [Problem!]! }
union Found = Shelf | Book
interface Node { id: ID! }
interface Problem { message: String! }
type Gone implements Problem { message: String! }
type Shelf { id: ID! }
type Book implements Node @key(fields: "id") { id: ID! }`);
    expect(brief(lintSdl({ shop: sdl }, UNPAGINATED))).toEqual([
      "LINT_LIST_UNPAGINATED Query.found shop.graphql:2:14",
      "LINT_LIST_UNPAGINATED Query.nodes shop.graphql:2:31",
    ]);
  });

  it("knows an entity by whatever name its subgraph has for @key", () => {
    const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [{ name: "@key", as: "@entity" }])
type Query { books: [Book!]! shelves: [Shelf!]! }
type Book @entity(fields: "id") { id: ID! }
type Shelf @key(fields: "id") { id: ID! }`;
    expect(brief(lintSdl({ shop: sdl }, UNPAGINATED))).toEqual(["LINT_LIST_UNPAGINATED Query.books shop.graphql:2:14"]);
  });

  it.each([
    ["takes the size of a page", "books(first: Int): [Book!]!"],
    ["takes the size of a page under another name", "books(limit: Int, offset: Int): [Book!]!"],
    ["answers one for each of what it is given", "books(ids: [ID!]!): [Book]!"],
    ["is of what is no entity", "words: [String!]! lines: [Line!]!"],
    ["is no list", "book: Book"],
    ["is deprecated", 'books: [Book!]! @deprecated(reason: "Use pages.")'],
    ["is hidden from clients", "books: [Book!]! @inaccessible"],
  ])("asks for no pages where it %s", (_, field) => {
    expect(lintSdl({ shop: withField(field, "type Line { id: ID! }") }, UNPAGINATED)).toEqual([]);
  });

  it("is long whatever else it takes", () => {
    const sdl = withField("books(title: String, tags: [String!]): [Book!]!");
    expect(lintSdl({ shop: sdl }, UNPAGINATED)).toHaveLength(1);
    expect(
      lintSdl({ shop: withField("books(seite: Int): [Book!]!") }, UNPAGINATED, { pageArguments: ["seite"] }),
    ).toEqual([]);
  });

  it("asks for no pages where it says how long it is", () => {
    const listed = (directive: string) =>
      federated(`type Query { books: [Book!]! ${directive} }\n${BOOK}`, '"@key", "@listSize"');
    expect(lintSdl({ shop: listed("@listSize(assumedSize: 12)") }, UNPAGINATED)).toEqual([]);
    expect(lintSdl({ shop: listed("@listSize(requireOneSlicingArgument: false)") }, UNPAGINATED)).toHaveLength(1);
    expect(lintSdl({ shop: listed("@listSize(assumedSize: null)") }, UNPAGINATED)).toHaveLength(1);
  });

  it("asks for no pages in what a mutation or an event gives, nor beside a connection's edges", () => {
    const sdl = federated(`type Query { shelf: Shelf }
type Mutation { addBooks: AddBooksPayload! books: [Book!] }
type Subscription { added: [Book!]! }
type AddBooksPayload { books: [Book!]! }
type BookConnection { nodes: [Book!]! }
type Shelf { books: [Book!]! @external }
${BOOK}`);
    expect(lintSdl({ shop: sdl }, UNPAGINATED)).toEqual([]);
  });

  it("may be exempt", () => {
    const exempt = { LINT_LIST_UNPAGINATED: ["Query.books"] };
    const sdl = withField("books: [Book!]! others: [Book!]!");
    expect(brief(lintSdl({ shop: sdl }, UNPAGINATED, { exempt }))).toEqual([
      "LINT_LIST_UNPAGINATED Query.others shop.graphql:2:30",
    ]);
  });
});
