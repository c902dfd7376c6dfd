import { describe, expect, it } from "vitest";
import { brief, federated, lintSdl } from "../testing/lint-sdl.ts";

describe("the entries of a list", () => {
  const ENTRIES = ["LINT_LIST_OF_NULLABLE"] as const;

  it("are not null: in fields, arguments and input fields, and in lists of lists", () => {
    const sdl = `type Query {
  a(b: [Int]): [String]!
  c: [[Int]!]!
}
input Line { notes: [String] }`;
    const findings = lintSdl({ shop: sdl }, ENTRIES);
    expect(brief(findings)).toEqual([
      "LINT_LIST_OF_NULLABLE Query.a shop.graphql:2:3",
      "LINT_LIST_OF_NULLABLE Query.a(b:) shop.graphql:2:5",
      "LINT_LIST_OF_NULLABLE Query.c shop.graphql:3:3",
      "LINT_LIST_OF_NULLABLE Line.notes shop.graphql:5:14",
    ]);
    expect(findings[0]).toMatchObject({
      severity: "info",
      message: "Query.a is [String]!: its entries may be null.",
    });
  });

  it("may be null where one is answered for each that is asked for", () => {
    expect(lintSdl({ shop: "type Query { books(ids: [ID!]!): [String]! }" }, ENTRIES)).toEqual([]);
  });

  it("that cannot be null are as they shall be, even in a list that can", () => {
    expect(lintSdl({ shop: "type Query { a(b: [Int!]): [String!] c: [[Int!]!] d: Int }" }, ENTRIES)).toEqual([]);
  });

  it("are told in the subgraph that lets them be null, and not where they are @external", () => {
    const a = federated("type Book { words: [String!] @shareable }");
    const b = federated("type Book { words: [String] @shareable }");
    const c = federated("type Book { words: [String] @external }");
    expect(brief(lintSdl({ a, b, c }, ENTRIES))).toEqual(["LINT_LIST_OF_NULLABLE Book.words b.graphql:2:13"]);
  });
});
