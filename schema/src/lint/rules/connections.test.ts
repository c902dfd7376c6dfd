import { describe, expect, it } from "vitest";
import { brief, federated, lintSdl } from "../testing/lint-sdl.ts";

const PAGE_INFO =
  "type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }";
const GOOD = `type BookConnection { edges: [BookEdge!]! pageInfo: PageInfo! totalCount: Int }
type BookEdge { cursor: String! node: Book! }
type Book { id: ID! }
${PAGE_INFO}`;

describe("a connection", () => {
  const SHAPE = ["LINT_CONNECTION_SHAPE"] as const;

  it("has edges and pageInfo, its edges cursor and node", () => {
    expect(lintSdl({ shop: GOOD }, SHAPE)).toEqual([]);
    const loose = GOOD.replace("[BookEdge!]!", "[BookEdge]")
      .replace("cursor: String! node: Book!", "cursor: Cursor node: Book")
      .concat("\nscalar Cursor");
    expect(lintSdl({ shop: loose }, SHAPE)).toEqual([]);
  });

  it("that lacks them is told of each", () => {
    const sdl = `type BookConnection { nodes: [Book!]! }
type AuthorConnection { edges: [AuthorEdge!]! pageInfo: PageInfo! }
type AuthorEdge { author: Book! }
type Book { id: ID! }
${PAGE_INFO}`;
    const findings = lintSdl({ shop: sdl }, SHAPE);
    expect(brief(findings)).toEqual([
      "LINT_CONNECTION_SHAPE BookConnection shop.graphql:1:6",
      "LINT_CONNECTION_SHAPE BookConnection shop.graphql:1:6",
      "LINT_CONNECTION_SHAPE AuthorEdge shop.graphql:3:6",
      "LINT_CONNECTION_SHAPE AuthorEdge shop.graphql:3:6",
    ]);
    expect(findings.map(({ message }) => message)).toEqual([
      "BookConnection has no field edges: expected a list of edges, such as [XEdge!]!.",
      "BookConnection has no field pageInfo: expected PageInfo!.",
      "AuthorEdge has no field node: expected one entry, not a list.",
      "AuthorEdge has no field cursor: expected String!, or a scalar of its own.",
    ]);
  });

  it("that has them of other types is told where", () => {
    const sdl = `type BookConnection { edges: BookEdge pageInfo: PageInfo }
type AuthorConnection { edges: [AuthorEdge!]! pageInfo: [PageInfo!]! }
type AuthorEdge { cursor: Int! node: [Book!]! }
type ShelfConnection { edges: [ID!]! pageInfo: PageInfo! }
type BookEdge { id: ID! }
type Book { id: ID! }
${PAGE_INFO}`;
    const findings = lintSdl({ shop: sdl }, SHAPE);
    expect(brief(findings)).toEqual([
      "LINT_CONNECTION_SHAPE BookConnection.edges shop.graphql:1:23",
      "LINT_CONNECTION_SHAPE BookConnection.pageInfo shop.graphql:1:39",
      "LINT_CONNECTION_SHAPE AuthorConnection.pageInfo shop.graphql:2:47",
      "LINT_CONNECTION_SHAPE ShelfConnection.edges shop.graphql:4:24",
      "LINT_CONNECTION_SHAPE AuthorEdge.node shop.graphql:3:32",
      "LINT_CONNECTION_SHAPE AuthorEdge.cursor shop.graphql:3:19",
    ]);
    expect(findings[1]?.message).toBe("BookConnection.pageInfo is PageInfo: expected PageInfo!.");
  });

  it("is told in the subgraph where it is not of the shape", () => {
    const [a, b] = [federated(GOOD), federated(GOOD.replace("PageInfo!", "PageInfo"))];
    const findings = lintSdl({ a, b }, SHAPE);
    expect(brief(findings)).toEqual(["LINT_CONNECTION_SHAPE BookConnection.pageInfo b.graphql:2:43"]);
    expect(findings[0]?.subgraphs).toEqual(["b"]);
  });

  it("whose fields are spread over subgraphs is whole", () => {
    const a = federated(
      "type BookConnection { edges: [BookEdge!]! }\ntype BookEdge { cursor: String! node: Book! }\ntype Book { id: ID! }",
    );
    const b = federated(`type BookConnection { pageInfo: PageInfo! }\n${PAGE_INFO}`);
    expect(lintSdl({ a, b }, SHAPE)).toEqual([]);
  });

  it("is not what only has such a name: inputs, enums, scalars", () => {
    expect(lintSdl({ shop: "input DatabaseConnection { host: String }\nenum Connection { OPEN }" }, SHAPE)).toEqual([]);
  });

  it("may be exempt", () => {
    const exempt = { LINT_CONNECTION_SHAPE: ["DatabaseConnection"] };
    expect(lintSdl({ shop: "type DatabaseConnection { host: String }" }, SHAPE, { exempt })).toEqual([]);
  });
});

describe("a field that gives a connection", () => {
  const ARGUMENTS = ["LINT_CONNECTION_ARGUMENTS"] as const;
  const withQuery = (query: string) => `type Query { ${query} }\n${GOOD}`;

  it.each([
    "books(first: Int, after: String): BookConnection!",
    "books(last: Int!, before: ID): BookConnection",
    "books(first: Int = 20, after: Cursor, last: Int, before: Cursor): BookConnection",
  ])("can be paged by %s", (query) => {
    expect(lintSdl({ shop: `${withQuery(query)}\nscalar Cursor` }, ARGUMENTS)).toEqual([]);
  });

  it.each([
    "books: BookConnection!",
    "books(first: Int): BookConnection!",
    "books(after: String, last: Int): BookConnection!",
    "books(limit: Int, offset: Int): BookConnection!",
  ])("cannot be paged by %s", (query) => {
    const findings = lintSdl({ shop: withQuery(query) }, ARGUMENTS);
    expect(brief(findings)).toEqual(["LINT_CONNECTION_ARGUMENTS Query.books shop.graphql:1:14"]);
    expect(findings[0]?.message).toBe(
      "Query.books gives a connection and does not take first and after, nor last and before.",
    );
  });

  it("takes what clients' paging gives", () => {
    const sdl = withQuery("books(first: String, after: Int): BookConnection!");
    const findings = lintSdl({ shop: sdl }, ARGUMENTS);
    expect(brief(findings)).toEqual([
      "LINT_CONNECTION_ARGUMENTS Query.books(first:) shop.graphql:1:20",
      "LINT_CONNECTION_ARGUMENTS Query.books(after:) shop.graphql:1:35",
    ]);
    expect(findings[0]?.message).toBe("Query.books(first:) is String: a client's paging gives an Int.");
  });

  it("is nobody's concern where it is @external", () => {
    const sdl = federated(`type Author @key(fields: "id") { id: ID! books: BookConnection @external }\n${GOOD}`);
    expect(lintSdl({ shop: sdl }, ARGUMENTS)).toEqual([]);
  });
});

describe("PageInfo", () => {
  const PAGE_INFO_SHAPE = ["LINT_PAGE_INFO_SHAPE"] as const;

  it("has its four fields", () => {
    expect(lintSdl({ shop: PAGE_INFO }, PAGE_INFO_SHAPE)).toEqual([]);
    expect(lintSdl({ shop: PAGE_INFO.replaceAll("String", "String!") }, PAGE_INFO_SHAPE)).toEqual([]);
    expect(lintSdl({ shop: "type Query { a: Int }" }, PAGE_INFO_SHAPE)).toEqual([]);
  });

  it("that lacks one, or has it otherwise, is told", () => {
    const sdl = "type PageInfo { hasNextPage: Boolean startCursor: Int endCursor: [String] }";
    const findings = lintSdl({ shop: sdl }, PAGE_INFO_SHAPE);
    expect(findings.map(({ coordinate, message }) => [coordinate, message])).toEqual([
      ["PageInfo.hasNextPage", "PageInfo.hasNextPage is Boolean: expected Boolean!."],
      ["PageInfo", "PageInfo has no field hasPreviousPage: expected Boolean!."],
      ["PageInfo.startCursor", "PageInfo.startCursor is Int: expected String, or a scalar of its own."],
      ["PageInfo.endCursor", "PageInfo.endCursor is [String]: expected String, or a scalar of its own."],
    ]);
    expect(brief(findings)[0]).toBe("LINT_PAGE_INFO_SHAPE PageInfo.hasNextPage shop.graphql:1:17");
  });
});
