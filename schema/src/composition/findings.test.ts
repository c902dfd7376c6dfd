import { describe, expect, it } from "vitest";
import type { Finding } from "../findings/finding.ts";
import { indexDefinitions } from "../revisions/definitions.ts";
import { composeDocuments, type Problem, parseSubgraphs, type SubgraphSource } from "./compose.ts";
import { composeErrorFindings, composeHintFindings } from "./findings.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@override"])`;

const subgraph = (name: string, body: string): SubgraphSource => ({
  name,
  url: `http://localhost/${name}`,
  path: `${name}.graphql`,
  sdl: `${LINK}\n${body}`,
});

const findingsOf = (...sources: SubgraphSource[]): Finding[] => {
  const parsed = parseSubgraphs(sources);
  if (parsed.kind === "failed") throw new Error("these subgraphs cannot be parsed");
  const definitions = indexDefinitions(parsed.subgraphs, "head");
  const composition = composeDocuments(parsed.subgraphs);
  return composition.kind === "failed"
    ? composeErrorFindings(composition.errors, definitions)
    : composeHintFindings(composition.hints, definitions);
};

const placesOf = (finding: Finding | undefined) =>
  finding?.locations.map(({ path, line, column }) => `${path}:${line}:${column}`);

const problem = (facts: Partial<Problem>): Problem => ({
  code: "INVALID_GRAPHQL",
  message: "",
  places: [],
  subgraphs: [],
  unsatisfiable: null,
  ...facts,
});

const none = indexDefinitions([], "head");

describe("what composition refuses", () => {
  it("is told without the subgraph in brackets, which is the finding's own", () => {
    const [finding] = findingsOf(subgraph("books", "type Query { book: Book }"));
    expect(finding).toMatchObject({ message: "Unknown type Book", subgraphs: ["books"], coordinate: "Query.book" });
  });

  it("has the place of every subgraph that is named, where it lacks something too", () => {
    const [finding] = findingsOf(
      subgraph(
        "books",
        `type Query { book: Book }\ntype Book @key(fields: "id") { id: ID! price(in: String!): Int @shareable }`,
      ),
      subgraph("prices", `type Book @key(fields: "id") { id: ID!\n  price: Int @shareable }`),
    );
    expect(finding?.code).toBe("REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH");
    expect(finding?.subgraphs).toEqual(["books", "prices"]);
    expect(placesOf(finding)).toEqual(["books.graphql:3:46", "prices.graphql:3:3"]);
  });

  it("names all the subgraphs of a long list", () => {
    const names = ["authors", "books", "covers", "discs"];
    const [finding] = findingsOf(...names.map((name) => subgraph(name, "type Query {\n  top: Int\n}")));
    expect(finding?.subgraphs).toEqual(names);
    expect(placesOf(finding)).toEqual(names.map((name) => `${name}.graphql:3:3`));
  });

  it("is placed at the name of what is described", () => {
    const [finding] = findingsOf(
      subgraph("books", `type Query { size: Size }\n"""\nOf a book.\n"""\nenum Size { S }`),
      subgraph("boxes", `"Of a box."\ntype Size { width: Int }`),
    );
    expect(finding?.code).toBe("TYPE_KIND_MISMATCH");
    expect(placesOf(finding)).toEqual(["books.graphql:6:6", "boxes.graphql:3:6"]);
  });

  it("is an error of an unknown code where the catalogue has none, with the code in its message", () => {
    const [finding] = composeErrorFindings([problem({ code: "BRAND_NEW", message: "[a] Something new." })], none);
    expect(finding).toMatchObject({
      code: "COMPOSITION_ERROR",
      severity: "error",
      message: "BRAND_NEW: Something new.",
    });
  });

  it("blocks even by a code that is a hint's", () => {
    const [finding] = composeErrorFindings([problem({ code: "UNUSED_ENUM_TYPE", message: "Unused." })], none);
    expect(finding?.severity).toBe("error");
  });

  it("has no place in a graph of which nothing is known", () => {
    const [finding] = composeErrorFindings([problem({ message: 'Subgraph "ghost" has no type "Query".' })], none);
    expect(finding).toMatchObject({ subgraphs: [], coordinate: null, locations: [] });
  });
});

describe("what composition hints at", () => {
  it("never counts as an error of composition, though its code is one's", () => {
    const code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS";
    const findings = composeHintFindings([problem({ code }), problem({ code: "INVALID_GRAPHQL" })], none);
    expect(findings.map((finding) => finding.code)).toEqual([
      "CONTEXTUAL_ARGUMENT_NOT_IN_SUPERGRAPH",
      "COMPOSITION_HINT",
    ]);
  });

  it("names no subgraph that there is not", () => {
    const [finding] = findingsOf(
      subgraph(
        "books",
        `type Query { book: Book }\ntype Book @key(fields: "id") { id: ID! name: String @override(from: "libary") }`,
      ),
      subgraph("library", `type Book @key(fields: "id") { id: ID! shelf: Int }`),
    );
    expect(finding).toMatchObject({ code: "FROM_SUBGRAPH_DOES_NOT_EXIST", subgraphs: ["books"] });
  });
});
