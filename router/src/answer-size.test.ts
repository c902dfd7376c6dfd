import { buildSchema, Kind, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerSize } from "./answer-size.ts";
import { type Library, startLibrary } from "./testing/library.ts";

const schema = buildSchema(`
  type Query { person: Person people(first: Int = 20, last: Int): People tree: [Person!]! }
  type People { edges: [Edge!]! total: Int }
  type Edge { node: Person! }
  type Person { name: String friends(first: Int, after: String): People children: [Person!]! }
`);

const sizeOf = (query: string, variables: Record<string, unknown> = {}): number => {
  const document = parse(query);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("Expected the operation first.");
  return answerSize(schema, { document, operation, variables });
};

describe("the size of an answer", () => {
  it("is the number of fields where nothing is a list", () => {
    expect(sizeOf("{ person { name } }")).toBe(2);
  });

  it("multiplies by the size of a page, given, in a variable, or by default", () => {
    const of = (page: string) => sizeOf(`query ($n: Int) { people${page} { edges { node { name } } } }`, { n: 7 });
    expect(of("(first: 3)")).toBe(1 + 3 * 3);
    expect(of("(first: $n)")).toBe(1 + 7 * 3);
    expect(of("")).toBe(1 + 20 * 3);
    expect(of("(first: 3, last: 50)")).toBe(1 + 50 * 3);
    expect(of("(first: 0)")).toBe(1);
    expect(of("(first: -1)")).toBe(1);
    expect(of("(first: 2147483647)")).toBe(1 + 1_000 * 3);
  });

  it("takes a list without a size to hold five, and a page without one twenty", () => {
    expect(sizeOf("{ tree { name children { name } } }")).toBe(1 + 5 * (1 + 1 + 5));
    expect(sizeOf("{ person { friends { total } } }")).toBe(1 + 1 + 20);
  });

  it("grows with every turn of a circle, through fragments too", () => {
    expect(
      sizeOf(`{ person { ...A } }
        fragment A on Person { friends(first: 100) { edges { node { ...B } } } }
        fragment B on Person { ... on Person { friends(first: 100) { edges { node { name } } } } }`),
    ).toBe(2 + 100 * (2 + 1 + 100 * 3));
  });

  it("leaves out what is skipped", () => {
    const query = "query ($no: Boolean!) { person { name friends(first: 100) @include(if: $no) { total } } }";
    expect(sizeOf(query, { no: false })).toBe(2);
    expect(sizeOf(query, { no: true })).toBe(3 + 100);
  });
});

describe("a router", () => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary({ limits: { maxValues: 1_000 } });
  });
  afterAll(() => library.stop());

  const circle = (turns: number): string => (turns === 0 ? "id" : `reviews { book { ${circle(turns - 1)} } }`);

  it("refuses an operation whose answer could be too large, before anything is asked", async () => {
    expect((await library.ask(`{ books { ${circle(2)} } }`)).status).toBe(200);
    const { status, errors } = await library.ask(`{ books { ${circle(4)} } }`);
    expect(status).toBe(200);
    expect(errors).toEqual([
      {
        message: "The operation could answer more than 1000 values. Ask for less at once.",
        extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      },
    ]);
  });
});
