import { describe, expect, it } from "vitest";
import { brief, lintSdl } from "../testing/lint-sdl.ts";

describe("a deprecation", () => {
  const REASONS = ["LINT_DEPRECATION_WITHOUT_REASON"] as const;

  it("says what to use instead: GraphQL's own words do not", () => {
    const sdl = `type Query {
  a(b: Int @deprecated): Int @deprecated
  c: Int @deprecated(reason: "No longer supported")
  d: Int @deprecated(reason: " ")
  e: Int @deprecated(reason: null)
  f: Int @deprecated(reason: "no longer supported.")
}
enum Size { SMALL @deprecated }
input Line { note: String @deprecated }
directive @audit(by: String @deprecated) on FIELD_DEFINITION`;
    const findings = lintSdl({ shop: sdl }, REASONS);
    expect(brief(findings)).toEqual([
      "LINT_DEPRECATION_WITHOUT_REASON Query.a shop.graphql:2:30",
      "LINT_DEPRECATION_WITHOUT_REASON Query.a(b:) shop.graphql:2:12",
      "LINT_DEPRECATION_WITHOUT_REASON Query.c shop.graphql:3:10",
      "LINT_DEPRECATION_WITHOUT_REASON Query.d shop.graphql:4:10",
      "LINT_DEPRECATION_WITHOUT_REASON Query.e shop.graphql:5:10",
      "LINT_DEPRECATION_WITHOUT_REASON Query.f shop.graphql:6:10",
      "LINT_DEPRECATION_WITHOUT_REASON Size.SMALL shop.graphql:8:19",
      "LINT_DEPRECATION_WITHOUT_REASON Line.note shop.graphql:9:27",
      "LINT_DEPRECATION_WITHOUT_REASON @audit(by:) shop.graphql:10:29",
    ]);
    expect(findings[0]?.message).toBe("Query.a is deprecated, and nothing says what to use instead.");
  });

  it("with a reason is as it shall be", () => {
    const sdl = `type Query { a: Int @deprecated(reason: "Use b.") b: Int
  c: Int @deprecated(reason: "Prices are no longer supported here: ask Product.price.") }`;
    expect(lintSdl({ shop: sdl }, REASONS)).toEqual([]);
  });

  it("says it in each subgraph that deprecates", () => {
    const findings = lintSdl(
      {
        a: 'type A { x: Int @deprecated(reason: "Use y.") }',
        b: "type A { x: Int @deprecated }",
        c: "type A { x: Int }",
      },
      REASONS,
    );
    expect(brief(findings)).toEqual(["LINT_DEPRECATION_WITHOUT_REASON A.x b.graphql:1:17"]);
    expect(findings[0]?.subgraphs).toEqual(["b"]);
  });
});

describe("what is deprecated", () => {
  const REQUIRED = ["LINT_DEPRECATED_REQUIRED"] as const;

  it("is nothing that clients must give", () => {
    const sdl = `type Query { a(b: Int! @deprecated(reason: "Use c."), c: Int): Int }
input Line { note: String! @deprecated(reason: "Use text.") }`;
    const findings = lintSdl({ shop: sdl }, REQUIRED);
    expect(brief(findings)).toEqual([
      "LINT_DEPRECATED_REQUIRED Query.a(b:) shop.graphql:1:16",
      "LINT_DEPRECATED_REQUIRED Line.note shop.graphql:2:14",
    ]);
    expect(findings.map(({ message }) => message)).toEqual([
      "The argument Query.a(b:) is deprecated, and clients must give it.",
      "The input field Line.note is deprecated, and clients must give it.",
    ]);
  });

  it("must be given where another subgraph requires it", () => {
    const findings = lintSdl(
      { a: 'type A { x(y: Int @deprecated(reason: "Use z.")): Int }', b: "type A { x(y: Int!): Int }" },
      REQUIRED,
    );
    expect(brief(findings)).toEqual(["LINT_DEPRECATED_REQUIRED A.x(y:) a.graphql:1:12"]);
  });

  it("can be left out with a default, or where null is allowed", () => {
    const sdl = `type Query { a(b: Int! = 1 @deprecated(reason: "Use c."), c: Int @deprecated(reason: "Use d."), d: Int!): Int! @deprecated(reason: "Use e.") }`;
    expect(lintSdl({ shop: sdl }, REQUIRED)).toEqual([]);
  });
});
