import { buildSchema, printSchema, validateSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { buildApiSchema } from "./api-schema.ts";

const sdl = `
"""What there is."""
directive @own(of: [Level!] = [LOW]) on FIELD
interface Node { id: ID! }
interface Named implements Node { id: ID! name(of: Level = LOW): String @deprecated(reason: "Too long.") }
type Person implements Named & Node { id: ID! name(of: Level = LOW): String friends(filter: Filter = { text: "a", below: { first: 2 } }): [Found!]! }
union Found = Person | Place
type Place { at: Time @deprecated }
scalar Time @specifiedBy(url: "https://scalars.graphql.org/time")
enum Level { LOW HIGH @deprecated(reason: "Nobody.") }
input Filter { text: String!, first: Int = 10, below: Filter }
`;

describe("the schema of an API", () => {
  it.each([
    ["roots of their usual names", "type Query { a: Person } type Mutation { b: Int } type Subscription { c: Place }"],
    [
      "roots of other names",
      "schema { query: Root mutation: Change } type Root { a: Person } type Change { b: Int } type Query { x: Int }",
    ],
  ])("is that of graphql-js, with %s", async (_, roots) => {
    const text = sdl + roots;
    const built = await buildApiSchema(text);
    const expected = buildSchema(text);
    expect(printSchema(built)).toBe(printSchema(expected));
    expect(validateSchema(built)).toEqual([]);
    expect(built.getDirectives().map(({ name }) => name)).toEqual(expected.getDirectives().map(({ name }) => name));
    expect(built.getSubscriptionType()?.name).toBe(expected.getSubscriptionType()?.name);
    expect(built.getPossibleTypes(built.getType("Node") as never).map(String)).toEqual(["Person"]);
  });

  it("is built with turns for others in between", async () => {
    const types = Array.from({ length: 3_000 }, (_, index) => {
      const fields = Array.from({ length: 10 }, (__, field) => `f${field}(a: Int = 1, b: [ID!]): T${index}`);
      return `type T${index} { ${fields.join(" ")} }`;
    });
    let turns = 0;
    let counting = setImmediate(function count() {
      turns += 1;
      counting = setImmediate(count);
    });
    await buildApiSchema(`type Query { a: T1 } ${types.join("\n")}`);
    clearImmediate(counting);
    expect(turns).toBeGreaterThan(2);
  });
});
