import { describe, expect, it } from "vitest";
import { brief, federated, lintSdl } from "../testing/lint-sdl.ts";

const NAMES = [
  "LINT_TYPE_NAME",
  "LINT_FIELD_NAME",
  "LINT_ARGUMENT_NAME",
  "LINT_INPUT_FIELD_NAME",
  "LINT_ENUM_VALUE_NAME",
  "LINT_DIRECTIVE_NAME",
] as const;

describe("names", () => {
  it("are asked of types, fields, arguments, input fields, enum values and directives, where they stand", () => {
    const findings = lintSdl(
      {
        shop: federated(`type Query {
  Products(Page_size: Int): [order_line]
}
type order_line { id: ID! }
input lineInput { Quantity: Int }
enum size { small LARGE }
scalar date_time
union anyThing = order_line
interface node { id: ID! }
directive @Audit(By_whom: String) on FIELD_DEFINITION`),
      },
      NAMES,
    );
    expect(brief(findings)).toEqual([
      "LINT_FIELD_NAME Query.Products shop.graphql:3:3",
      "LINT_ARGUMENT_NAME Query.Products(Page_size:) shop.graphql:3:12",
      "LINT_TYPE_NAME order_line shop.graphql:5:6",
      "LINT_TYPE_NAME lineInput shop.graphql:6:7",
      "LINT_INPUT_FIELD_NAME lineInput.Quantity shop.graphql:6:19",
      "LINT_TYPE_NAME size shop.graphql:7:6",
      "LINT_ENUM_VALUE_NAME size.small shop.graphql:7:13",
      "LINT_TYPE_NAME date_time shop.graphql:8:8",
      "LINT_TYPE_NAME anyThing shop.graphql:9:7",
      "LINT_TYPE_NAME node shop.graphql:10:11",
      "LINT_DIRECTIVE_NAME @Audit shop.graphql:11:12",
      "LINT_DIRECTIVE_NAME @Audit(By_whom:) shop.graphql:11:18",
    ]);
    expect(findings.map(({ message }) => message)).toContain("order_line is not in PascalCase: OrderLine.");
    expect(findings.map(({ message }) => message)).toContain("Page_size is not in camelCase: pageSize.");
    expect(findings.map(({ message }) => message)).toContain("small is not in SCREAMING_SNAKE_CASE: SMALL.");
    expect(findings.every(({ severity }) => severity === "warning")).toBe(true);
  });

  it("are told once for all subgraphs, with every place that resolves them", () => {
    const findings = lintSdl(
      {
        a: federated('type Product @key(fields: "Sku") { Sku: ID! }'),
        b: federated('type Product @key(fields: "Sku") { Sku: ID! }'),
        c: federated('extend type Product @key(fields: "Sku") { Sku: ID! @external }'),
      },
      NAMES,
    );
    expect(brief(findings)).toEqual(["LINT_FIELD_NAME Product.Sku a.graphql:2:36 b.graphql:2:36"]);
    expect(findings[0]?.subgraphs).toEqual(["a", "b"]);
  });

  it("of federation and its links are not the team's, whatever they are imported as", () => {
    const sdl = `extend schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/federation/v2.5", as: "fed", import: ["@key", { name: "@tag", as: "@Label" }, { name: "FieldSet", as: "field_set" }])
  @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@connect"])
directive @Label(name: String!) on FIELD_DEFINITION
directive @fed__external on FIELD_DEFINITION
directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
scalar fed__Scope
scalar field_set
scalar _Any
enum link__Purpose { SECURITY EXECUTION }
scalar link__Import
type _Service { sdl: String }
union _Entity = Product
type Query { _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
type Product @key(fields: "id") { id: ID! }`;
    expect(lintSdl({ shop: sdl }, NAMES)).toEqual([]);
  });

  it("that a team links from its own specification are the team's", () => {
    const sdl = `extend schema @link(url: "https://example.org/audit/v1.0", import: ["@Audit"])
directive @Audit on FIELD_DEFINITION`;
    expect(brief(lintSdl({ shop: sdl }, NAMES))).toEqual(["LINT_DIRECTIVE_NAME @Audit shop.graphql:2:12"]);
  });

  it("are not asked of what is deprecated: the better one is beside it", () => {
    const sdl = `type Query {
  Products(Size: Int): [String!] @deprecated(reason: "Use products.")
  products(Size: Int @deprecated(reason: "Use size."), size: Int): [String!]
}
enum Size { small @deprecated(reason: "Use SMALL.") SMALL }`;
    expect(lintSdl({ shop: sdl }, NAMES)).toEqual([]);
  });
});

describe("the names of types", () => {
  const AFFIXES = ["LINT_TYPE_NAME_AFFIX"] as const;

  it("do not repeat their kind", () => {
    const sdl = `type ProductType { id: ID! }
interface NodeInterface { id: ID! }
enum StatusEnum { OPEN }
union ResultUnion = ProductType
scalar DateScalar`;
    const findings = lintSdl({ shop: sdl }, AFFIXES);
    expect(brief(findings)).toEqual([
      "LINT_TYPE_NAME_AFFIX ProductType shop.graphql:1:6",
      "LINT_TYPE_NAME_AFFIX NodeInterface shop.graphql:2:11",
      "LINT_TYPE_NAME_AFFIX StatusEnum shop.graphql:3:6",
      "LINT_TYPE_NAME_AFFIX ResultUnion shop.graphql:4:7",
      "LINT_TYPE_NAME_AFFIX DateScalar shop.graphql:5:8",
    ]);
    expect(findings.every(({ severity }) => severity === "info")).toBe(true);
  });

  it("may say what their values are types of", () => {
    expect(
      lintSdl({ shop: "enum OrderType { ONLINE }\ntype Type { id: ID! }\ntype Interface { id: ID! }" }, AFFIXES),
    ).toEqual([]);
  });
});

describe("the fields of Query", () => {
  const VERBS = ["LINT_QUERY_VERB"] as const;

  it("do not begin with a verb, whatever the root is called", () => {
    const sdl = "schema { query: Root }\ntype Root { getProduct: String listOrders: [String!] }";
    const findings = lintSdl({ shop: sdl }, VERBS);
    expect(brief(findings)).toEqual([
      "LINT_QUERY_VERB Root.getProduct shop.graphql:2:13",
      "LINT_QUERY_VERB Root.listOrders shop.graphql:2:32",
    ]);
    expect(findings[0]).toMatchObject({ severity: "info", message: "Root.getProduct begins with a verb: product." });
  });

  it("may begin with what is the beginning of a noun, and so may fields elsewhere with a verb", () => {
    const sdl =
      "type Query { listing: String get: String findings: [String!] }\ntype Mutation { loadStock: String getToken: String }";
    expect(lintSdl({ shop: sdl }, VERBS)).toEqual([]);
  });

  it("begin with no verb of the settings, and with others", () => {
    const sdl = "type Query { getProduct: String holeProdukt: String }";
    expect(brief(lintSdl({ shop: sdl }, VERBS, { queryVerbs: ["hole"] }))).toEqual([
      "LINT_QUERY_VERB Query.holeProdukt shop.graphql:1:33",
    ]);
  });
});
