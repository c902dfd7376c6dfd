import { describe, expect, it } from "vitest";
import { parseSubgraphs } from "../composition/compose.ts";
import { ancestorsOf, indexDefinitions } from "./definitions.ts";

const indexed = (sdls: Readonly<Record<string, string>>) => {
  const parsed = parseSubgraphs(
    Object.entries(sdls).map(([name, sdl]) => ({
      name,
      url: `http://localhost/${name}`,
      path: `${name}.graphql`,
      sdl,
    })),
  );
  if (parsed.kind === "failed") throw new Error("these subgraphs cannot be parsed");
  return indexDefinitions(parsed.subgraphs, "head");
};

const BOOKS = `type Query {
  books(first: Int): [Book]
}

"A book."
type Book implements Item {
  id: ID
}

interface Item {
  id: ID
}

extend type Book {
  title: String
}

enum Size {
  SMALL
}

input By {
  size: Size
}

directive @fresh(within: Int) on FIELD
`;

const placesOf = (sdls: Readonly<Record<string, string>>, coordinate: string) =>
  indexed(sdls)
    .locate(coordinate)
    .locations.map(({ path, line, column }) => `${path}:${line}:${column}`);

describe("where subgraphs define a coordinate", () => {
  it.each([
    ["Book", ["books.graphql:6:6", "books.graphql:14:13"]],
    ["Book.title", ["books.graphql:15:3"]],
    ["Query.books(first:)", ["books.graphql:2:9"]],
    ["Size.SMALL", ["books.graphql:19:3"]],
    ["By.size", ["books.graphql:23:3"]],
    ["@fresh", ["books.graphql:26:12"]],
    ["@fresh(within:)", ["books.graphql:26:18"]],
  ])("is at the name of %s", (coordinate, places) => {
    expect(placesOf({ books: BOOKS }, coordinate)).toEqual(places);
  });

  it("is in each of them", () => {
    expect(indexed({ books: BOOKS, shelves: "type Book { id: ID }" }).locate("Book.id").subgraphs).toEqual([
      "books",
      "shelves",
    ]);
  });

  it("is where its parent is, of what none has", () => {
    expect(placesOf({ books: BOOKS }, "Book.author(of:)")).toEqual(placesOf({ books: BOOKS }, "Book"));
    expect(placesOf({ books: BOOKS }, "Film.title")).toEqual([]);
  });

  it("is with the object that stands for an interface, of a field that comes by it", () => {
    const sdls = { books: BOOKS, stars: "type Item {\n  stars: Int\n}" };
    expect(placesOf(sdls, "Book.stars")).toEqual(["stars.graphql:2:3"]);
    expect(indexed(sdls).of("Book.stars")).toEqual([]);
  });

  it("is not with the interface itself, which resolves nothing", () => {
    const sdls = { books: BOOKS, shelves: "interface Item {\n  shelf: Int\n}" };
    expect(placesOf(sdls, "Book.shelf")).toEqual(placesOf(sdls, "Book"));
  });

  it("is by the API's name too where a subgraph calls its root otherwise", () => {
    const sdls = { books: BOOKS, films: "schema { query: Root }\ntype Root {\n  films(first: Int): Int\n}" };
    expect(placesOf(sdls, "Query.films(first:)")).toEqual(["films.graphql:3:9"]);
    expect(placesOf(sdls, "Root.films")).toEqual(["films.graphql:3:3"]);
    expect(indexed(sdls).locate("Query").subgraphs).toEqual(["books", "films"]);
    expect(indexed(sdls).at("films.graphql", sdls.films.indexOf("films("))).toBe("Query.films");
  });

  it("is told of an offset by the innermost that is around it", () => {
    const definitions = indexed({ books: BOOKS });
    expect(definitions.at("books.graphql", BOOKS.indexOf("first"))).toBe("Query.books(first:)");
    expect(definitions.at("books.graphql", BOOKS.indexOf("title"))).toBe("Book.title");
    expect(definitions.at("books.graphql", BOOKS.length)).toBeNull();
    expect(definitions.at("films.graphql", 0)).toBeNull();
  });
});

describe("what is around a coordinate", () => {
  it("is told from within", () => {
    expect(ancestorsOf("A.b(c:)")).toEqual(["A.b", "A"]);
    expect(ancestorsOf("@a(b:)")).toEqual(["@a"]);
    expect(ancestorsOf("A")).toEqual([]);
  });
});
