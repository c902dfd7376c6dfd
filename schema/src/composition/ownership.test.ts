import { describe, expect, it } from "vitest";
import { composeSubgraphs } from "./compose.ts";
import { leavesOf, type OwnedType, readOwnership } from "./ownership.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [{ name: "@key", as: "@identity" }, "@shareable", "@external", "@override"])`;

const ownershipOf = (subgraphs: Record<string, string>) => {
  const composition = composeSubgraphs(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      url: `http://${name}/graphql`,
      path: `${name}.graphql`,
      sdl: `${LINK}\n${sdl}`,
    })),
  );
  if (composition.kind === "failed") throw new Error(JSON.stringify(composition.errors));
  return readOwnership(composition.supergraphSdl);
};

const fieldsOf = (type: OwnedType | undefined) =>
  Object.fromEntries((type?.parts ?? []).map(({ subgraph, fields }) => [subgraph, fields.map(({ name }) => name)]));

describe("who has what of a supergraph", () => {
  const { subgraphs, types } = ownershipOf({
    a: `type Query { book: Book }
      type Book @identity(fields: "id") @identity(fields: "shelf { row } isbn") { id: ID! isbn: ID! title: String shelf: Shelf moved: Int }
      type Shelf { row: Int! }`,
    b: `type Book @identity(fields: "id", resolvable: false) { id: ID! }
      type Review { book: Book }
      type Query { review: Review }`,
    c: `type Book @identity(fields: "id") {
        id: ID!
        title: String @external
        moved: Int @override(from: "a")
        price: Int @federation__requires(fields: "title")
      }`,
  });

  it("has the subgraphs with their URLs", () => {
    expect(subgraphs).toEqual(["a", "b", "c"].map((name) => ({ name, url: `http://${name}/graphql` })));
  });

  it("has the keys of an entity by whatever name its directive is imported", () => {
    const book = types.get("Book");
    expect(book).toMatchObject({ isEntity: true, home: "a", shape: "object" });
    expect(book?.parts.map(({ subgraph, keys }) => [subgraph, keys])).toEqual([
      [
        "a",
        [
          { fields: "id", isResolvable: true },
          { fields: "shelf { row } isbn", isResolvable: true },
        ],
      ],
      ["b", [{ fields: "id", isResolvable: false }]],
      ["c", [{ fields: "id", isResolvable: true }]],
    ]);
  });

  it("has of each subgraph what it resolves: nothing external, nothing that another one took over", () => {
    expect(fieldsOf(types.get("Book"))).toEqual({
      a: ["id", "isbn", "title", "shelf"],
      b: ["id"],
      c: ["id", "moved", "price"],
    });
    expect(types.get("Book")?.parts[2]?.fields.find(({ name }) => name === "price")).toMatchObject({
      requires: "title",
      type: "Int",
    });
  });

  it("knows the roots, and leaves out the types of specifications", () => {
    expect([...types.values()].filter(({ isRoot }) => isRoot).map(({ name }) => name)).toEqual(["Query"]);
    expect(fieldsOf(types.get("Query"))).toEqual({ a: ["book"], b: ["review"], c: [] });
    expect([...types.keys()].filter((name) => name.includes("__"))).toEqual([]);
  });
});

describe("the leaves of a selection", () => {
  it.each([
    ["id", ["id"]],
    ["id sku", ["id", "sku"]],
    ["id organization { id name } sku", ["id", "organization.id", "organization.name", "sku"]],
    ["a { b { c } } d", ["a.b.c", "d"]],
    ["__typename owner { ... on User { id } }", ["owner.id"]],
    ["", []],
  ])("of `%s`", (fields, leaves) => {
    expect(leavesOf(fields)).toEqual(leaves);
  });
});
