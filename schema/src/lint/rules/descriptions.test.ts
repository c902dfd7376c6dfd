import { describe, expect, it } from "vitest";
import { brief, federated, lintSdl } from "../testing/lint-sdl.ts";

const UNDESCRIBED = [
  "LINT_TYPE_UNDESCRIBED",
  "LINT_FIELD_UNDESCRIBED",
  "LINT_ARGUMENT_UNDESCRIBED",
  "LINT_INPUT_FIELD_UNDESCRIBED",
  "LINT_ENUM_VALUE_UNDESCRIBED",
] as const;

describe("descriptions", () => {
  it("are asked of types, fields, arguments, input fields and enum values, where they stand", () => {
    const sdl = `type Query {
  products(size: Int): String
}
input Line { quantity: Int }
enum Size { SMALL }
scalar Date`;
    const findings = lintSdl({ shop: sdl }, UNDESCRIBED);
    expect(brief(findings)).toEqual([
      "LINT_FIELD_UNDESCRIBED Query.products shop.graphql:2:3",
      "LINT_ARGUMENT_UNDESCRIBED Query.products(size:) shop.graphql:2:12",
      "LINT_TYPE_UNDESCRIBED Line shop.graphql:4:7",
      "LINT_INPUT_FIELD_UNDESCRIBED Line.quantity shop.graphql:4:14",
      "LINT_TYPE_UNDESCRIBED Size shop.graphql:5:6",
      "LINT_ENUM_VALUE_UNDESCRIBED Size.SMALL shop.graphql:5:13",
      "LINT_TYPE_UNDESCRIBED Date shop.graphql:6:8",
    ]);
    expect(findings[0]).toMatchObject({
      severity: "warning",
      message: "Query.products has no description in any subgraph.",
      subgraphs: ["shop"],
    });
  });

  it("say something", () => {
    expect(brief(lintSdl({ shop: '""\ntype A { "  " id: ID! }' }, UNDESCRIBED))).toEqual([
      "LINT_TYPE_UNDESCRIBED A shop.graphql:2:6",
      "LINT_FIELD_UNDESCRIBED A.id shop.graphql:2:15",
    ]);
  });

  it("of one subgraph suffice for all", () => {
    const described = '"A." type A @key(fields: "id") { "Id." id: ID! "Of." by("Why." why: Int): Int @shareable }';
    const bare = 'type A @key(fields: "id") { id: ID! by(why: Int): Int @shareable }';
    expect(lintSdl({ a: federated(bare), b: federated(described) }, UNDESCRIBED)).toEqual([]);
    expect(lintSdl({ a: federated(described), b: federated(bare) }, UNDESCRIBED)).toEqual([]);
  });

  it("that no subgraph gives are told once, with all that could", () => {
    const [finding, ...more] = lintSdl(
      {
        b: federated('"A." type A @key(fields: "id") { id: ID! }'),
        a: federated('"A." type A @key(fields: "id") { id: ID! }'),
      },
      UNDESCRIBED,
    );
    expect(more).toEqual([]);
    expect(brief(finding ? [finding] : [])).toEqual(["LINT_FIELD_UNDESCRIBED A.id b.graphql:2:34 a.graphql:2:34"]);
    expect(finding?.subgraphs).toEqual(["a", "b"]);
  });

  it("are not asked of extensions, nor of the root types", () => {
    const extensions = `extend type Product @key(fields: "id") { "Id." id: ID! }
type Legacy @extends @key(fields: "id") { "Id." id: ID! }
type Query { "Any." any: Int }
type Mutation { "Any." any: Int }
type Subscription { "Any." any: Int }`;
    expect(lintSdl({ shop: federated(extensions, '"@key", "@extends"') }, UNDESCRIBED)).toEqual([]);
    expect(lintSdl({ shop: 'schema { query: Root }\ntype Root { "Any." any: Int }' }, UNDESCRIBED)).toEqual([]);
  });

  it("are asked of a field that an extension adds", () => {
    const sdl = federated('extend type Product @key(fields: "id") { "Id." id: ID! stars: Int }');
    expect(brief(lintSdl({ reviews: sdl }, UNDESCRIBED))).toEqual([
      "LINT_FIELD_UNDESCRIBED Product.stars reviews.graphql:2:56",
    ]);
  });

  it("are not asked of what is @external, of its arguments, and where a whole type is, whatever the directive's name", () => {
    const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", { name: "@external", as: "@theirs" }])
"P." type Product @key(fields: "id") { id: ID! @theirs weight(unit: String): Int @theirs }
type Shelf @federation__external { id: ID! }
"Q." type Part @theirs { number: Int }`;
    expect(brief(lintSdl({ reviews: sdl }, UNDESCRIBED))).toEqual([
      "LINT_TYPE_UNDESCRIBED Shelf reviews.graphql:3:6",
      "LINT_FIELD_UNDESCRIBED Shelf.id reviews.graphql:3:36",
    ]);
  });

  it("are not asked of what clients cannot see, were it hidden by another subgraph only", () => {
    const hidden = `type Secret @inaccessible { id: ID! by(why: Int): Int }
"S." type Shelf { depth(unit: Int): Int @inaccessible "Of." width("U." unit: Int, raw: Int @inaccessible): Int }
"C." enum Colour { "R." RED MAUVE @inaccessible }
"I." input Line { note: String @inaccessible }`;
    expect(lintSdl({ a: federated(hidden) }, UNDESCRIBED)).toEqual([]);
    expect(lintSdl({ a: federated("type Secret { id: ID! }"), b: federated(hidden) }, UNDESCRIBED)).toEqual([]);
  });

  it("are not asked of what is deprecated", () => {
    const sdl = '"A." type A { old(size: Int): Int @deprecated(reason: "Use new.") }';
    expect(lintSdl({ shop: sdl }, UNDESCRIBED)).toEqual([]);
  });
});
