import { buildSchema, type OperationDefinitionNode, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { compileProjection } from "./projection.ts";
import { readSelections } from "./selections.ts";

const schema = buildSchema(`
  interface Named { name: String }
  type Person implements Named { name: String age: Int! friends: [Person!] rows: [[Int]] best: Person spouse: Person! mood: Mood }
  type Robot implements Named { name: String volts: Float }
  union Either = Person | Robot
  enum Mood { GOOD BAD }
  scalar Anything
  type Query {
    person: Person people: [Person] named: Named either: [Either] any: Anything id: ID flag: Boolean strict: Person! texts: [String!]
  }
`);

const project = (query: string, data: Record<string, unknown>, conditions: Record<string, boolean> = {}) => {
  const document = parse(query);
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === "OperationDefinition",
  );
  if (!operation) throw new Error("No operation.");
  const run = compileProjection(schema, operation, readSelections(schema, document, conditions));
  const { text, broken } = run(data, () => '"introspected"');
  return { data: JSON.parse(text), text, broken };
};

const pathsOf = ({ broken }: ReturnType<typeof project>) => broken.map(({ path }) => path.join("."));

describe("an answer", () => {
  it("has what was asked for, in that order, and nothing else", () => {
    const { text } = project("{ b: person { age name } person { name } any }", {
      any: { free: [1, "\u2028", null] },
      person: { secret: 1, name: "Ada" },
      b: { name: "Bob", age: 7, id: "x" },
    });
    expect(text).toBe('{"b":{"age":7,"name":"Bob"},"person":{"name":"Ada"},"any":{"free":[1,"\u2028",null]}}');
  });

  it("has null for what did not come", () => {
    expect(project("{ person { name } people { name } id }", { people: [null, {}] }).data).toEqual({
      person: null,
      people: [null, { name: null }],
      id: null,
    });
  });

  it("never takes for an answer what all objects inherit", () => {
    const { data } = project("{ constructor: id toString: any hasOwnProperty: person { name } }", {});
    expect(Object.values(data)).toEqual([null, null, null]);
  });

  it("has what a client calls __proto__", () => {
    const { text } = project("{ __proto__: id }", JSON.parse('{"__proto__":"7"}'));
    expect(text).toBe('{"__proto__":"7"}');
  });

  it("has of each object what is asked of its type", () => {
    const query = `{ either { __typename ... on Named { name } ...P ... on Robot { volts name } } }
      fragment P on Person { age kind: __typename }`;
    expect(
      project(query, {
        either: [
          { __typename: "Robot", name: "R2", volts: 1.5, age: 3 },
          { __typename: "Person", name: "Ada", age: 36 },
        ],
      }).data,
    ).toEqual({
      either: [
        { __typename: "Robot", name: "R2", volts: 1.5 },
        { __typename: "Person", name: "Ada", age: 36, kind: "Person" },
      ],
    });
  });

  it("merges what is asked for twice", () => {
    expect(
      project("{ person { best { name } } ...F } fragment F on Query { person { best { age } name } }", {
        person: { name: "Ada", best: { name: "Bob", age: 5 } },
      }).data,
    ).toEqual({ person: { best: { name: "Bob", age: 5 }, name: "Ada" } });
  });

  it("leaves out what its conditions leave out", () => {
    const query = "query($a: Boolean!, $b: Boolean!) { id @skip(if: $a) flag @include(if: $b) any @include(if: true) }";
    const data = { id: "1", flag: true, any: 2 };
    expect(project(query, data, { a: true, b: false }).data).toEqual({ any: 2 });
    expect(project(query, data, { a: false, b: true }).data).toEqual(data);
  });

  it("asks the schema about itself", () => {
    expect(project('{ __schema { queryType { name } } s: __type(name: "Person") { name } }', {}).data).toEqual({
      __schema: "introspected",
      s: "introspected",
    });
  });
});

describe("a null where the schema promises a value", () => {
  it("takes the nearest object that may be null with it", () => {
    const answer = project("{ person { name friends { age name } } }", {
      person: { name: "Ada", friends: [{ name: "Bob", age: 1 }, { name: "Eve" }] },
    });
    expect(answer.data).toEqual({ person: { name: "Ada", friends: null } });
    expect(answer.broken).toEqual([
      {
        message: "Cannot return null for non-nullable field Person.age.",
        path: ["person", "friends", 1, "age"],
        isGone: false,
      },
    ]);
  });

  it("takes everything with it where nothing on the way may be null", () => {
    const answer = project("{ id strict { spouse { spouse { age } } } }", {
      id: "1",
      strict: { spouse: { spouse: {} } },
    });
    expect(answer.text).toBe("null");
    expect(pathsOf(answer)).toEqual(["strict.spouse.spouse.age"]);
  });

  it("is one of an entity that is gone where it takes no more than that entity", () => {
    const answer = project("{ people { name age } }", { people: [{ name: "Ada", age: 1 }, { name: "Bob" }] });
    expect(answer.data).toEqual({ people: [{ name: "Ada", age: 1 }, null] });
    expect(answer.broken).toMatchObject([{ path: ["people", 1, "age"], isGone: true }]);
  });

  it("in a list takes the list", () => {
    const answer = project("{ texts }", { texts: ["a", null] });
    expect(answer.data).toEqual({ texts: null });
    expect(pathsOf(answer)).toEqual(["texts.1"]);
  });
});

describe("a value that the schema does not promise", () => {
  it.each<[field: string, wrong: unknown]>([
    ["person { name }", 5],
    ["person { name }", [{}]],
    ["people { name }", { length: 1 }],
    ["id", {}],
    ["id", 1.5],
    ["flag", "true"],
    ["named { name }", { __typename: "Mood" }],
    ["named { name }", { __typename: 5 }],
    ["named { name }", { __typename: "Unheard" }],
    ["person { name }", { __typename: "Robot", name: "R2" }],
  ])("is null where %s is answered with %j, and told of", (field, wrong) => {
    const name = field.split(" ")[0] ?? "";
    const answer = project(`{ ${field} any }`, { [name]: wrong, any: 1 });
    expect(answer.data).toEqual({ [name]: null, any: 1 });
    expect(pathsOf(answer)).toEqual([name]);
  });

  it("is null in a list, of lists too, where it stands", () => {
    const answer = project("{ person { rows mood } }", { person: { rows: [[1, "two", 3.5], 4, null], mood: "GREAT" } });
    expect(answer.data).toEqual({ person: { rows: [[1, null, null], null, null], mood: null } });
    expect(pathsOf(answer)).toEqual(["person.rows.0.1", "person.rows.0.2", "person.rows.1", "person.mood"]);
  });

  it("is an object of which nobody knows which it is", () => {
    const answer = project("{ named { __typename name } }", { named: { name: "Ada" } });
    expect(answer.data).toEqual({ named: null });
    expect(pathsOf(answer)).toEqual(["named.__typename"]);
  });
});
