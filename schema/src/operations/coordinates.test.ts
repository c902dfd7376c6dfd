import { buildSchema, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { usedCoordinates } from "./coordinates.ts";

const schema = buildSchema(`
  directive @trace(level: Level = LOW, tag: String) on FIELD
  enum Level { LOW HIGH }
  enum Role { ADMIN USER }
  interface Node { id: ID! }
  type Product implements Node { id: ID! name(language: String = "en", first: Int): String price: Money }
  type Category implements Node { id: ID! title: String }
  type Order implements Node { id: ID! placedBy: User }
  type User { role: Role email: String emailAddress: String }
  type Money { amount: String }
  union Found = Product | Category
  input Where { name: String role: Role = USER nested: Nested }
  input Nested { depth: Int! level: Level again: Where }
  type Query { node: Node search(where: Where, role: Role): [Found!] me: User }
`);

const useOf = (text: string) => usedCoordinates(schema, parse(text));
const used = (text: string) => Object.fromEntries(useOf(text).used);
const namesOf = (text: string) => [...useOf(text).used.keys()];

describe("the coordinates that an operation uses", () => {
  it("are its fields by the type that they are of, and no field whose name merely begins alike", () => {
    expect(used("{ me { emailAddress } }")).toEqual({
      Query: "certain",
      "Query.me": "certain",
      User: "certain",
      "User.emailAddress": "certain",
      String: "certain",
    });
  });

  it("are all values of an enum that it is answered", () => {
    expect(used("{ me { role } }")).toMatchObject({ "Role.ADMIN": "certain", "Role.USER": "certain" });
  });

  it("are of an argument, an input object and an enum just what a literal gives; the rest is omitted", () => {
    const { used, omitted } = useOf(`{ search(where: { role: ADMIN, nested: { depth: 1 } }) { __typename } }`);
    expect([...used.keys()].filter((name) => /^(Query\.|Where|Nested|Role|Level)/.test(name)).sort()).toEqual([
      "Nested",
      "Nested.depth",
      "Query.search",
      "Query.search(where:)",
      "Role",
      "Role.ADMIN",
      "Where",
      "Where.nested",
      "Where.role",
    ]);
    expect([...omitted.keys()]).toEqual(["Query.search(role:)", "Where.name", "Nested.level", "Nested.again"]);
  });

  it("are possibly all that a variable may hold, however deep", () => {
    const { used, omitted } = useOf("query ($where: Where) { search(where: $where) { __typename } }");
    expect(Object.fromEntries([...used].filter(([name]) => /^(Where|Nested|Level|Role)/.test(name)))).toEqual({
      Where: "certain",
      "Where.name": "possible",
      "Where.role": "possible",
      "Where.nested": "possible",
      Nested: "possible",
      "Nested.depth": "possible",
      "Nested.level": "possible",
      "Nested.again": "possible",
      Level: "possible",
      "Level.LOW": "possible",
      "Level.HIGH": "possible",
      Role: "possible",
      "Role.ADMIN": "possible",
      "Role.USER": "possible",
    });
    expect(omitted.get("Where.role")).toBe("possible");
    expect(omitted.has("Nested.depth")).toBe(false);
  });

  it("are certain where a variable is of an enum, for its type, and possible for its values", () => {
    expect(used("query ($role: Role!) { search(role: $role) { __typename } }")).toMatchObject({
      Role: "certain",
      "Role.ADMIN": "possible",
    });
  });

  it("are certain for the default value of a variable", () => {
    expect(used("query ($where: Where = { role: ADMIN }) { search(where: $where) { __typename } }")).toMatchObject({
      "Where.role": "certain",
      "Role.ADMIN": "certain",
      "Role.USER": "possible",
    });
  });

  it("are the fields of all types that an interface stands for, selected through it", () => {
    const names = namesOf("{ node { id } }");
    expect(names).toEqual(expect.arrayContaining(["Node.id", "Product.id", "Category.id", "Order.id"]));
    expect(names).not.toContain("Product");
  });

  it("are no fields of types that cannot come where the interface is asked for", () => {
    const names = namesOf("{ search { ... on Node { id } } }");
    expect(names).toEqual(expect.arrayContaining(["Node.id", "Product.id", "Category.id"]));
    expect(names).not.toContain("Order.id");
  });

  it("are not the interface's where a field is selected of a type itself", () => {
    expect(namesOf("{ search { ... on Product { id } } }")).not.toContain("Node.id");
  });

  it("tell which types are asked for among which, by inline fragments and by fragments", () => {
    const { narrowed } = useOf(
      `query A { search { ... on Product { price { amount } } ...C } } fragment C on Category { title }`,
    );
    expect([...narrowed].sort()).toEqual(["Found>Category", "Found>Product"]);
  });

  it("count a fragment that is spread, also by another, and none that is not", () => {
    const names = namesOf(`
      query A { me { ...Outer } }
      fragment Outer on User { ...Inner }
      fragment Inner on User { email }
      fragment Unused on User { role }`);
    expect(names).toContain("User.email");
    expect(names).not.toContain("User.role");
  });

  it("end with fragments that spread each other", () => {
    expect(namesOf("query A { me { ...X } } fragment X on User { ...Y } fragment Y on User { email ...X }")).toContain(
      "User.email",
    );
  });

  it("are of defaults what is left to them", () => {
    const { omitted, used } = useOf(`{ search { ... on Product { name(first: 1) @trace(tag: "a") } } }`);
    expect([...omitted.keys()]).toEqual([
      "Query.search(where:)",
      "Query.search(role:)",
      "Product.name(language:)",
      "@trace(level:)",
    ]);
    expect([...used.keys()]).toEqual(expect.arrayContaining(["@trace", "@trace(tag:)", "Product.name(first:)"]));
  });

  it("leave out what the schema does not know", () => {
    expect(namesOf("query ($x: Nothing) { gone(by: $x) { id } me { gone email } ...Lost }")).toEqual([
      "Query",
      "Query.me",
      "User",
      "User.email",
      "String",
    ]);
  });
});
