import { buildSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../findings/catalogue.ts";
import { usedCoordinates } from "../operations/coordinates.ts";
import { apiChanges, apiFindings } from "./api.ts";
import { type Case, comparisonOf, told } from "./testing/comparison.ts";

const findingsOf = async (given: Case) => apiFindings(await comparisonOf(given));

const PRODUCTS = `type Query { product(id: ID!): Product }
type Product @key(fields: "id") {
  id: ID!
  price: Int @deprecated(reason: "Use cost.")
  priceBand: String
}`;
const REVIEWS = `type Product @key(fields: "id") { id: ID! stars: Int }`;
const without = (sdl: string, line: string): string => sdl.replace(`  ${line}\n`, "");
const PRICE = 'price: Int @deprecated(reason: "Use cost.")';
const removed = {
  base: { products: PRODUCTS, reviews: REVIEWS },
  head: { products: without(PRODUCTS, PRICE), reviews: REVIEWS },
};
const PAGE = { "shop/Page.graphql": "query Page { product(id: 1) { price } }" };
const OTHER = { "shop/Other.graphql": "query Other { product(id: 1) { priceBand } }" };

describe("a removed field", () => {
  it("is an error where a known operation selects it, told with its share of the traffic, at its place in the base", async () => {
    const [finding, ...more] = await findingsOf({
      ...removed,
      operations: { ...PAGE, ...OTHER, "traffic.yaml": "shop/Page: 1\nshop/Other: 7" },
    });
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe(
      "API_FIELD_REMOVED error Product.price [products] products.graphql:5:3(base)",
    );
    expect(finding?.message).toBe("Product.price was removed.");
    expect(finding?.details).toEqual([
      "It was deprecated: Use cost.",
      "shop/Page (12.5 % of the known traffic) is affected",
    ]);
  });

  it("is a warning that tells whom to ask where no known operation selects it, though one selects a field whose name begins alike", async () => {
    const [finding] = await findingsOf({
      ...removed,
      operations: OTHER,
      owners: { products: "team-catalog", shop: "team-web" },
    });
    expect(finding?.severity).toBe("warning");
    expect(finding?.details).toEqual([
      "It was deprecated: Use cost.",
      "No known operation is affected; unknown clients may be: ask team-catalog, team-web.",
    ]);
    expect(finding?.remedy).toBe(
      "Ask team-catalog, team-web whether anything that is not known here uses it; add its operations where it does.",
    );
  });

  it("is an error of unknown use where no operation is known", async () => {
    const [finding] = await findingsOf(removed);
    expect(finding?.severity).toBe("error");
    expect(finding?.details).toContain("No operation is known: whether anybody uses it is unknown.");
  });

  it("is a warning where but a former text selects it", async () => {
    const [finding] = await findingsOf({
      ...removed,
      operations: { "shop/Page.graphql": "query Page { product(id: 1) { id } }" },
      formerOperations: PAGE,
    });
    expect(finding?.severity).toBe("warning");
    expect(finding?.details).toContain(
      "shop/Page is affected in its former text, which released clients may still send",
    );
  });

  it("is told at the place that it still has where a subgraph only hides it", async () => {
    const [finding] = await findingsOf({
      base: { products: PRODUCTS },
      head: { products: PRODUCTS.replace("priceBand: String", "priceBand: String @inaccessible") },
    });
    expect(finding && told(finding)).toBe(
      "API_FIELD_REMOVED error Product.priceBand [products] products.graphql:6:3 products.graphql:6:3(base)",
    );
    expect(finding?.details).toContain(
      "Still in products, and not in the API: it is @inaccessible, or not in every subgraph that must have it.",
    );
  });

  it("of a root type is found where a subgraph calls that type otherwise", async () => {
    const base = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5") { query: Root }\ntype Root { a: Int\n b: Int }`;
    const [finding] = await findingsOf({ base: { one: base }, head: { one: base.replace("\n b: Int", "") } });
    expect(finding && told(finding)).toBe("API_FIELD_REMOVED error Query.b [one] one.graphql:3:2(base)");
  });
});

describe("a field of several subgraphs", () => {
  const linked = (name: string, type: string) =>
    `type Query { ${name}: Money }\ntype Money @shareable { amount: ${type} }`;

  it("that changed is told with the place in the one that changed first", async () => {
    const findings = await findingsOf({
      base: { a: linked("a", "Int!"), b: linked("b", "Int!"), c: linked("c", "Int!") },
      head: { a: linked("a", "Int!"), b: linked("b", "Int"), c: linked("c", "Int!") },
    });
    expect(findings.map(told)).toEqual([
      "API_FIELD_BECAME_NULLABLE error Money.amount [a b c] b.graphql:3:25 a.graphql:3:25 c.graphql:3:25",
    ]);
    expect(findings.map(({ message }) => message)).toEqual(["Money.amount changed its type from Int! to Int."]);
  });
});

describe("the API of unchanged subgraphs", () => {
  it("has no changes, nor has one whose types moved or were put in another order", async () => {
    expect(await findingsOf({ base: removed.base, head: removed.base })).toEqual([]);
    const moved = { products: `${PRODUCTS}\ntype Extra { a: Int b: Int }\nextend type Query { extra: Extra }` };
    const ordered = { products: `type Extra { b: Int a: Int }\nextend type Query { extra: Extra }\n${PRODUCTS}` };
    expect(await findingsOf({ base: moved, head: ordered })).toEqual([]);
  });
});

const BEFORE = `
  directive @trace(level: Int = 1, tag: String) repeatable on FIELD | QUERY
  enum Role { ADMIN USER }
  enum Sort { ASC DESC }
  interface Node { id: ID! }
  type Product implements Node { id: ID! name(language: String = "en", upper: Boolean): String! price: Int role: Role }
  type Category { id: ID! }
  union Found = Product | Category
  scalar Time @specifiedBy(url: "https://a.example")
  input Where { name: String role: Role = USER }
  type Query { node: Node product: Product search(where: Where, first: Int, sort: Sort): [Found!]! time: Time }
  type Mutation { touch(by: Int!): Int }
`;

/** What changes when `from` becomes `to`, and whether an operation is hurt by it. */
const changesBy = async (replacements: Record<string, string>, operation = "{ __typename }") => {
  let text = BEFORE;
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`there is no ${from}`);
    text = text.replace(from, to);
  }
  const before = buildSchema(BEFORE);
  const { parse } = await import("graphql");
  const use = usedCoordinates(before, parse(operation));
  const changes = await apiChanges(before, buildSchema(text));
  return changes.map(({ code, coordinate, hurts, severity }) =>
    [code, severity ?? CATALOGUE[code].severity, coordinate, ...(hurts ? [hurts(use) ?? "unhurt"] : [])].join(" "),
  );
};

describe("a change of the API", () => {
  it.each<[string, Record<string, string>, string, string[]]>([
    [
      "a field that became nullable hurts who reads it",
      { "): String!": "): String" },
      "{ product { name } }",
      ["API_FIELD_BECAME_NULLABLE error Product.name certain"],
    ],
    [
      "and nobody else",
      { "): String!": "): String" },
      "{ product { id } }",
      ["API_FIELD_BECAME_NULLABLE error Product.name unhurt"],
    ],
    [
      "a field that became non-null hurts nobody",
      { "price: Int": "price: Int!" },
      "{ product { price } }",
      ["API_FIELD_BECAME_NON_NULL info Product.price"],
    ],
    [
      "a field of another type hurts who reads it",
      { "price: Int": "price: String" },
      "{ product { price } }",
      ["API_FIELD_TYPE_CHANGED error Product.price certain"],
    ],
    [
      "a required argument hurts who selects the field",
      { "price: Int": "price(in: String!): Int" },
      "{ product { price } }",
      ["API_REQUIRED_ARGUMENT_ADDED error Product.price(in:) certain"],
    ],
    [
      "an optional argument hurts nobody",
      { "price: Int": "price(in: String): Int" },
      "{ product { price } }",
      ["API_ARGUMENT_ADDED info Product.price(in:)"],
    ],
    [
      "an argument with a default may surprise who selects the field",
      { "price: Int": 'price(in: String! = "EUR"): Int' },
      "{ product { price } }",
      ["API_ARGUMENT_WITH_DEFAULT_ADDED warning Product.price(in:) certain"],
    ],
    [
      "a removed argument hurts who gives it",
      { ", upper: Boolean": "" },
      "{ product { name(upper: true) } }",
      ["API_ARGUMENT_REMOVED error Product.name(upper:) certain"],
    ],
    [
      "and not who selects the field without it",
      { ", upper: Boolean": "" },
      "{ product { name } }",
      ["API_ARGUMENT_REMOVED error Product.name(upper:) unhurt"],
    ],
    [
      "an argument of another type hurts who gives it",
      { "first: Int": "first: String" },
      "{ search(first: 1) { __typename } }",
      ["API_ARGUMENT_TYPE_CHANGED error Query.search(first:) certain"],
    ],
    [
      "an argument that became required hurts who leaves it out",
      { "first: Int": "first: Int!" },
      "{ search { __typename } }",
      ["API_ARGUMENT_BECAME_REQUIRED error Query.search(first:) certain"],
    ],
    [
      "an argument that takes more than before hurts nobody",
      { "touch(by: Int!)": "touch(by: Int)" },
      "mutation { touch(by: 1) }",
      ["API_ARGUMENT_TYPE_WIDENED info Mutation.touch(by:)"],
    ],
    [
      "another default may surprise who leaves it to it",
      { '"en"': '"de"' },
      "{ product { name } }",
      ["API_ARGUMENT_DEFAULT_CHANGED warning Product.name(language:) certain"],
    ],
    [
      "and not who gives a value",
      { '"en"': '"de"' },
      '{ product { name(language: "fr") } }',
      ["API_ARGUMENT_DEFAULT_CHANGED warning Product.name(language:) unhurt"],
    ],
    [
      "a removed field of an input hurts who sends it in a literal",
      { "name: String role": "role" },
      '{ search(where: { name: "a" }) { __typename } }',
      ["API_INPUT_FIELD_REMOVED error Where.name certain"],
    ],
    [
      "and possibly who sends a variable",
      { "name: String role": "role" },
      "query ($w: Where) { search(where: $w) { __typename } }",
      ["API_INPUT_FIELD_REMOVED error Where.name possible"],
    ],
    [
      "and not who sends a literal without it",
      { "name: String role": "role" },
      "{ search(where: { role: USER }) { __typename } }",
      ["API_INPUT_FIELD_REMOVED error Where.name unhurt"],
    ],
    [
      "a required field of an input hurts who sends the input",
      { "name: String role": "id: ID! name: String role" },
      "{ search(where: {}) { __typename } }",
      ["API_REQUIRED_INPUT_FIELD_ADDED error Where.id certain"],
    ],
    [
      "an optional field of an input hurts nobody",
      { "name: String role": "id: ID name: String role" },
      "{ __typename }",
      ["API_INPUT_FIELD_ADDED info Where.id"],
    ],
    [
      "a field of an input with a default may surprise who sends the input",
      { "name: String role": "id: ID! = 1 name: String role" },
      "{ search(where: {}) { __typename } }",
      ["API_INPUT_FIELD_WITH_DEFAULT_ADDED warning Where.id certain"],
    ],
    [
      "a field of an input that became required hurts who leaves it out",
      { "name: String role": "name: String! role" },
      "{ search(where: {}) { __typename } }",
      ["API_INPUT_FIELD_BECAME_REQUIRED error Where.name certain"],
    ],
    [
      "a field of an input of another type hurts who sends it",
      { "name: String role": "name: Int role" },
      '{ search(where: { name: "a" }) { __typename } }',
      ["API_INPUT_FIELD_TYPE_CHANGED error Where.name certain"],
    ],
    [
      "another default of a field of an input may surprise who leaves it to it",
      { "= USER": "= ADMIN" },
      "{ search(where: {}) { __typename } }",
      ["API_INPUT_FIELD_DEFAULT_CHANGED warning Where.role certain"],
    ],
    [
      "a removed enum value hurts who is answered the enum",
      { "ADMIN USER": "USER" },
      "{ product { role } }",
      ["API_ENUM_VALUE_REMOVED error Role.ADMIN certain"],
    ],
    [
      "and who sends it, but not who sends another",
      { "ADMIN USER": "USER" },
      "{ search(where: { role: USER }) { __typename } }",
      ["API_ENUM_VALUE_REMOVED error Role.ADMIN unhurt"],
    ],
    [
      "a new enum value may surprise who is answered the enum",
      { "ADMIN USER": "ADMIN USER GUEST" },
      "{ product { role } }",
      ["API_ENUM_VALUE_ADDED warning Role.GUEST certain"],
    ],
    [
      "a new value of an enum that nobody is answered surprises nobody",
      { "ASC DESC": "ASC DESC NONE" },
      "{ search(sort: ASC) { __typename } }",
      ["API_ENUM_VALUE_ADDED info Sort.NONE"],
    ],
    [
      "a deprecated enum value is told with whom it concerns",
      { "ADMIN USER": "ADMIN @deprecated USER" },
      "{ product { role } }",
      ["API_ENUM_VALUE_DEPRECATED info Role.ADMIN certain"],
    ],
    [
      "a removed member hurts who asks for it",
      { "Product | Category": "Product" },
      "{ search { ... on Category { id } } }",
      ["API_UNION_MEMBER_REMOVED error Found certain"],
    ],
    [
      "and not who asks for others",
      { "Product | Category": "Product" },
      "{ search { ... on Product { id } } }",
      ["API_UNION_MEMBER_REMOVED error Found unhurt"],
    ],
    [
      "a removed interface hurts who asks for the type within it",
      { "Product implements Node": "Product" },
      "{ node { ... on Product { id } } }",
      ["API_INTERFACE_REMOVED error Product certain"],
    ],
    [
      "and not who does not",
      { "Product implements Node": "Product" },
      "{ product { id } }",
      ["API_INTERFACE_REMOVED error Product unhurt"],
    ],
    [
      "another interface may surprise who selects it",
      { "type Category {": "type Category implements Node {" },
      "{ node { id } }",
      ["API_INTERFACE_ADDED warning Category certain"],
    ],
    [
      "a new member and its type are told as two",
      {
        "Product | Category": "Product | Category | Shop",
        "scalar Time": "type Shop { id: ID! name(a: Int): String } scalar Time",
      },
      "{ search { __typename } }",
      ["API_TYPE_ADDED info Shop", "API_UNION_MEMBER_ADDED warning Found certain"],
    ],
    [
      "a removed type hurts who selects it",
      { "time: Time": "", 'scalar Time @specifiedBy(url: "https://a.example")': "" },
      "{ time }",
      ["API_TYPE_REMOVED error Time certain", "API_FIELD_REMOVED error Query.time certain"],
    ],
    [
      "another kind of type hurts who has to do with it",
      { "enum Sort { ASC DESC }": "scalar Sort" },
      "{ search(sort: ASC) { __typename } }",
      ["API_TYPE_KIND_CHANGED error Sort certain"],
    ],
    [
      "another specification of a scalar may surprise who is answered it",
      { "https://a.example": "https://b.example" },
      "{ time }",
      ["API_SCALAR_SPECIFICATION_CHANGED warning Time certain"],
    ],
    [
      "a removed root type hurts who sends such operations",
      { "type Mutation { touch(by: Int!): Int }": "" },
      "mutation { touch(by: 1) }",
      ["API_ROOT_TYPE_REMOVED error Mutation certain"],
    ],
    [
      "a new root type is told once",
      {
        "type Mutation { touch(by: Int!): Int }": "type Mutation { touch(by: Int!): Int } type Subscription { a: Int }",
      },
      "{ __typename }",
      ["API_ROOT_TYPE_ADDED info Subscription"],
    ],
    [
      "an input that takes one of its fields hurts who sends it",
      { "input Where { name: String role: Role = USER }": "input Where @oneOf { name: String role: Role }" },
      "{ search(where: { role: USER }) { __typename } }",
      ["API_INPUT_FIELD_DEFAULT_CHANGED warning Where.role unhurt", "API_INPUT_BECAME_ONE_OF error Where certain"],
    ],
    [
      "a removed directive hurts who writes it",
      { "directive @trace(level: Int = 1, tag: String) repeatable on FIELD | QUERY": "" },
      "{ product @trace { id } }",
      ["API_DIRECTIVE_REMOVED error @trace certain"],
    ],
    [
      "a removed argument of a directive hurts who gives it",
      { ", tag: String": "" },
      "{ product @trace { id } }",
      ["API_DIRECTIVE_ARGUMENT_REMOVED error @trace(tag:) unhurt"],
    ],
    [
      "a removed location of a directive hurts who writes it",
      { "FIELD | QUERY": "QUERY" },
      "{ product @trace { id } }",
      ["API_DIRECTIVE_LOCATION_REMOVED error @trace certain"],
    ],
    [
      "a directive that is repeatable no more hurts who writes it",
      { repeatable: "" },
      "{ product @trace { id } }",
      ["API_DIRECTIVE_NO_LONGER_REPEATABLE error @trace certain"],
    ],
    [
      "a directive's default may surprise who leaves it to it",
      { "= 1": "= 2" },
      "{ product @trace { id } }",
      ["API_DIRECTIVE_ARGUMENT_DEFAULT_CHANGED warning @trace(level:) certain"],
    ],
    [
      "deprecation, its reason and its end are told of arguments and fields of inputs too",
      {
        "upper: Boolean": 'upper: Boolean @deprecated(reason: "x")',
        "name: String role": "name: String @deprecated role",
      },
      "{ product { name(upper: true) } }",
      [
        "API_ARGUMENT_DEPRECATED info Product.name(upper:) certain",
        "API_INPUT_FIELD_DEPRECATED info Where.name unhurt",
      ],
    ],
    [
      "descriptions are told by what they are of",
      {
        "type Category": '"A." type Category',
        "price: Int": '"B." price: Int',
        "first: Int": '"C." first: Int',
        "name: String role": '"D." name: String role',
        "ASC DESC": '"E." ASC DESC',
        directive: '"F." directive',
      },
      "{ __typename }",
      [
        "API_DIRECTIVE_DESCRIPTION_CHANGED info @trace",
        "API_ENUM_VALUE_DESCRIPTION_CHANGED info Sort.ASC",
        "API_FIELD_DESCRIPTION_CHANGED info Product.price",
        "API_TYPE_DESCRIPTION_CHANGED info Category",
        "API_INPUT_FIELD_DESCRIPTION_CHANGED info Where.name",
        "API_ARGUMENT_DESCRIPTION_CHANGED info Query.search(first:)",
      ],
    ],
    [
      "what has no code is a warning with the inspector's words",
      { "type Category {": "directive @own on OBJECT type Category @own {" },
      "{ __typename }",
      ["API_DIRECTIVE_ADDED info @own", "API_CHANGED warning Category"],
    ],
  ])("%s", async (_, replacements, operation, expected) => {
    expect(await changesBy(replacements, operation)).toEqual(expected);
  });
});
