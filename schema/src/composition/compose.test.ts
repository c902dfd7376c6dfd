import { loadSupergraph } from "@supergraph/router/planning";
import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { apiSdlOf } from "./api-sdl.ts";
import { composeSubgraphs, type Problem, type SubgraphSource } from "./compose.ts";

const subgraph = (name: string, body: string): SubgraphSource => ({
  name,
  url: `http://localhost/${name}`,
  path: `subgraphs/${name}.graphql`,
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@inaccessible", "@authenticated", "@shareable"])\n${body}`,
});

const books = subgraph(
  "books",
  `type Query { book: Book @authenticated }\ntype Book @key(fields: "id") { id: ID! shelf: String @inaccessible }`,
);
const reviews = subgraph("reviews", `type Book @key(fields: "id") { id: ID! stars: Int }`);

const composed = (...subgraphs: SubgraphSource[]) => {
  const composition = composeSubgraphs(subgraphs);
  if (composition.kind === "failed") throw new Error(JSON.stringify(composition.errors));
  return { ...composition, apiSdl: apiSdlOf(loadSupergraph(composition.supergraphSdl).schema) };
};

const placesOf = (problem: Problem | undefined) =>
  problem?.places.map(({ path, line, column }) => `${path}:${line}:${column}`);

const errorsOf = (...subgraphs: SubgraphSource[]) => {
  const composition = composeSubgraphs(subgraphs);
  if (composition.kind === "composed") throw new Error("these subgraphs compose");
  return composition.errors;
};

describe("composing subgraphs", () => {
  it("joins the fields of an entity and keeps what guards them", () => {
    const { supergraphSdl, apiSdl, hints } = composed(books, reviews);
    expect(supergraphSdl).toContain("@authenticated");
    expect(buildSchema(apiSdl).getType("Book")).toMatchObject({ name: "Book" });
    expect(apiSdl).toContain("stars: Int");
    expect(hints).toEqual([]);
  });

  it("leaves out of the API what is inaccessible, and the directives of federation", () => {
    const { apiSdl } = composed(books, reviews);
    expect(apiSdl).not.toMatch(/shelf|@key|@join|@authenticated/);
  });

  it("gives the same texts whatever the order of the subgraphs", () => {
    expect(composed(reviews, books)).toEqual(composed(books, reviews));
  });

  it("tells where a syntax error is", () => {
    const errors = errorsOf(books, subgraph("reviews", "type Book {"));
    expect(errors).toMatchObject([{ code: "SUBGRAPH_SYNTAX_ERROR", message: expect.stringContaining("Syntax Error") }]);
    expect(placesOf(errors[0])).toEqual(["subgraphs/reviews.graphql:2:12"]);
  });

  it("tells where two subgraphs disagree", () => {
    const [error] = errorsOf(books, subgraph("reviews", `type Book @key(fields: "id") { id: Int! }`));
    expect(error?.code).toBe("FIELD_TYPE_MISMATCH");
    expect(placesOf(error)).toEqual(["subgraphs/books.graphql:3:32", "subgraphs/reviews.graphql:2:32"]);
  });

  it("tells of an unknown type", () => {
    const [error] = errorsOf(books, subgraph("reviews", "type Review @shareable { by: Person }"));
    expect(error?.message).toContain("Person");
    expect(placesOf(error)).toEqual(["subgraphs/reviews.graphql:2:30"]);
  });

  it("tells what composes but loses something", () => {
    const { hints } = composed(
      books,
      subgraph(
        "reviews",
        `type Book @key(fields: "id") { id: ID! } "One thing." enum Size { S } type Query { size(of: Size): Size }`,
      ),
      subgraph("prices", `"Another." enum Size { S } type Query { big(size: Size): Size }`),
    );
    expect(hints.map(({ code }) => code)).toContain("INCONSISTENT_DESCRIPTION");
  });
});
