import { describe, expect, it } from "vitest";
import { composeDocuments, parseSubgraphs } from "../composition/compose.ts";
import { readOwnership } from "../composition/ownership.ts";
import { finding } from "../findings/finding.ts";
import { indexDefinitions } from "../revisions/definitions.ts";
import { BOOKSHOP } from "../testing/bookshop.ts";
import { graphFiles } from "../testing/graph-folder.ts";
import { type MapSide, mapOf } from "./map.ts";

const sideOf = (subgraphs: Readonly<Record<string, string>>, side: "base" | "head"): MapSide => {
  const files = graphFiles(subgraphs);
  const parsed = parseSubgraphs(
    Object.keys(subgraphs).map((name) => ({
      name,
      url: `http://${name}/graphql`,
      path: `${name}.graphql`,
      sdl: files[`${name}.graphql`] ?? "",
    })),
  );
  if (parsed.kind === "failed") throw new Error(JSON.stringify(parsed.errors));
  const composed = composeDocuments(parsed.subgraphs);
  if (composed.kind === "failed") throw new Error(JSON.stringify(composed.errors));
  return {
    ownership: readOwnership(composed.supergraphSdl),
    definitions: indexDefinitions(parsed.subgraphs, side),
  };
};

const mapFrom = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => {
  const map = mapOf(sideOf(before, "base"), sideOf(after, "head"), []);
  const subgraph = (name: string) => map.subgraphs.find((one) => one.name === name);
  return {
    ...map,
    subgraph,
    card: (name: string, type: string) => subgraph(name)?.cards.find((one) => one.type === type),
  };
};

describe("the map of a graph", () => {
  const { subgraph, card, links, subgraphs } = mapFrom(BOOKSHOP, BOOKSHOP);

  it("has an entity at home where most of it is, and elsewhere what is added to it", () => {
    expect(card("books", "Book")).toMatchObject({ role: "home", keys: ["id", "isbn"], status: "same" });
    expect(card("shipping", "Book")).toMatchObject({ role: "extension", keys: ["id"] });
    expect(card("shipping", "Book")?.fields.map(({ name }) => name)).toEqual(["postage"]);
    expect(card("reviews", "Review")).toMatchObject({ role: "home" });
  });

  it("has a line from home to each extension, and none else", () => {
    const ends = links.map(({ from, to }) =>
      [from, to].map((id) => {
        const owner = subgraphs.find(({ cards }) => cards.some((one) => one.id === id));
        return `${owner?.name} ${owner?.cards.find((one) => one.id === id)?.type}`;
      }),
    );
    expect(ends).toEqual(
      expect.arrayContaining([
        ["books Book", "reviews Book"],
        ["books Book", "shipping Book"],
        ["readers Reader", "reviews Reader"],
      ]),
    );
    expect(links).toHaveLength(4);
  });

  it("has roots with fields only, and folds away what is no entity", () => {
    expect(subgraph("shipping")?.cards.map(({ type }) => type)).toEqual(["Book"]);
    expect(subgraph("books")?.cards.map(({ type }) => type)).toEqual(["Mutation", "Query", "Book", "Map"]);
    expect(subgraph("books")?.types.map(({ name }) => name)).toContain("Item");
  });

  it("refers to an entity of which a subgraph has no more than the key", () => {
    const lending =
      'type Query { loan: Loan } type Loan { book: Book } type Book @key(fields: "id", resolvable: false) { id: ID! }';
    const map = mapFrom(BOOKSHOP, { ...BOOKSHOP, lending });
    expect(map.subgraph("lending")).toMatchObject({ status: "added", refersTo: ["Book"] });
  });
});

describe("what changed on the map", () => {
  it("is a field, its type, the type that has it and the subgraph, but nobody else's", () => {
    const { subgraph, card } = mapFrom(BOOKSHOP, {
      ...BOOKSHOP,
      books: BOOKSHOP.books.replace("scale: Int!", "scale: Int"),
    });
    expect(card("books", "Map")).toMatchObject({ status: "changed" });
    expect(card("books", "Map")?.fields.find(({ name }) => name === "scale")).toMatchObject({ status: "changed" });
    expect(card("books", "Book")).toMatchObject({ status: "same" });
    expect(subgraph("books")?.status).toBe("changed");
    expect(subgraph("reviews")?.status).toBe("same");
  });

  it("is what is gone, with the subgraph that had it", () => {
    const { shipping: _, ...without } = BOOKSHOP;
    const { subgraph, card, links } = mapFrom(BOOKSHOP, without);
    expect(subgraph("shipping")?.status).toBe("removed");
    expect(card("shipping", "Book")).toMatchObject({ status: "removed" });
    expect(links.filter(({ status }) => status === "removed")).toHaveLength(1);
  });

  it("is an argument or a directive, which no list of fields tells", () => {
    const books = BOOKSHOP.books
      .replace("book(id: ID!)", "book(id: ID!, edition: Int)")
      .replace("title: String!\n  weight", 'title: String! @tag(name: "x")\n  weight');
    const { card } = mapFrom(BOOKSHOP, { ...BOOKSHOP, books });
    expect(
      card("books", "Query")
        ?.fields.filter(({ status }) => status === "changed")
        .map(({ name }) => name),
    ).toEqual(["book"]);
    expect(
      card("books", "Book")
        ?.fields.filter(({ status }) => status === "changed")
        .map(({ name }) => name),
    ).toEqual(["title"]);
  });

  it("is no description", () => {
    const { subgraph } = mapFrom(BOOKSHOP, {
      ...BOOKSHOP,
      books: BOOKSHOP.books.replace("isbn: ID!", '"Told." isbn: ID!'),
    });
    expect(subgraph("books")?.status).toBe("same");
  });

  it("is told of a type that has no card otherwise", () => {
    const { card } = mapFrom(BOOKSHOP, {
      ...BOOKSHOP,
      books: `${BOOKSHOP.books} extend type Query { dims: Size } type Size { a: Int }`,
    });
    expect(card("books", "Size")).toMatchObject({ role: "value", status: "added" });
  });

  it("is what a finding is about, although the subgraph's own text is the same", () => {
    const side = sideOf(BOOKSHOP, "head");
    const change = finding("COMPOSITION_HINT", { message: "", coordinate: "Book.title", subgraphs: ["books"] });
    const [books] = mapOf(sideOf(BOOKSHOP, "base"), side, [change]).subgraphs;
    const title = books?.cards.find(({ type }) => type === "Book")?.fields.find(({ name }) => name === "title");
    expect(title?.status).toBe("changed");
  });
});
