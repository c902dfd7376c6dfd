import { buildSchema, getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeConfig } from "./config/complete.ts";
import { createDocuments } from "./documents.ts";
import { type Library, startLibrary } from "./testing/library.ts";

const schema = buildSchema(`
  directive @mark(note: String) repeatable on FIELD | QUERY
  type Query { a: Query b: Int c(list: [[Int]]): Int }
  type Mutation { note(name: String): String }
`);
const { prepare } = createDocuments({
  ...completeConfig({ supergraph: { sdl: "unused" } }),
  schema,
  introspection: true,
});

const errorsOf = (query: string): string[] => {
  const prepared = prepare(query);
  return prepared.kind === "ready"
    ? []
    : prepared.errors.map(({ message, extensions }) => `${String(extensions.code)}: ${message}`);
};

const refusedFor = (reason: string) => [expect.stringContaining(reason)];
const nested = (depth: number): string => (depth === 1 ? "b" : `a { ${nested(depth - 1)} }`);
const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(" ");

/** What is not bounded here takes minutes. The time is the processor's: what else a machine does costs none of it. */
const withLittleWork = (work: () => void): void => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(2_000);
};

describe("limits", () => {
  it("let the standard introspection query through", () => {
    expect(errorsOf(getIntrospectionQuery())).toEqual([]);
  });

  it("are at the figure and not below it", () => {
    expect(errorsOf(`{ ${nested(20)} }`)).toEqual([]);
    expect(errorsOf(`{ ${nested(21)} }`)).toEqual(refusedFor("deeper than 20 fields"));
    expect(errorsOf(`mutation { ${times(10, (i) => `n${i}: note`)} }`)).toEqual([]);
    expect(errorsOf(`mutation { ${times(11, (i) => `n${i}: note`)} }`)).toEqual(refusedFor("more than 10 root fields"));
    expect(errorsOf(`{ ${times(20, (i) => `n${i}: b`)} }`)).toEqual([]);
    expect(errorsOf(`{ ${times(21, (i) => `n${i}: b`)} }`)).toEqual(refusedFor("more than 20 root fields"));
    expect(errorsOf(`{ a { ${times(51, (i) => `n${i}: b`)} } }`)).toEqual(refusedFor("more than 50 aliases"));
    expect(errorsOf(`{ b ${times(51, () => "@mark")} }`)).toEqual(refusedFor("more than 50 directives"));
    expect(errorsOf(`{ a { ${times(2_000, () => "b")} } }`)).toEqual(refusedFor("more than 2000 fields"));
  });

  it("count depth and fields through fragments", () => {
    const chain = times(30, (i) => `fragment F${i} on Query { a { ...F${i + 1} } }`);
    expect(errorsOf(`{ ...F0 } ${chain} fragment F30 on Query { b }`)).toEqual(refusedFor("deeper than 20 fields"));
    expect(errorsOf(`mutation { ...M ...M } fragment M on Mutation { ${times(6, (i) => `n${i}: note`)} }`)).toEqual(
      refusedFor("more than 10 root fields"),
    );
  });

  it("count every operation of a document", () => {
    expect(errorsOf(`query A { b } query B { ${nested(30)} }`)).toEqual(refusedFor("deeper than 20 fields"));
  });

  it("refuse fragments that double thirty times, at once", () =>
    withLittleWork(() => {
      const doubling = times(30, (i) => `fragment F${i} on Query { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`);
      expect(errorsOf(`{ ...F0 } ${doubling} fragment F30 on Query { b }`)).not.toEqual([]);
      const flat = times(30, (i) => `fragment F${i} on Query { ...F${i + 1} ... { ...F${i + 1} } }`);
      expect(errorsOf(`{ ...F0 } ${flat} fragment F30 on Query { b }`)).not.toEqual([]);
    }));

  it("refuse fragments that spread each other in a circle", () => {
    expect(errorsOf("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }")).toEqual([
      expect.stringContaining("Cannot spread fragment"),
    ]);
  });

  it.each([
    ["selections", (n: number) => `${"{a".repeat(n)}${"}".repeat(n)}`],
    ["lists", (n: number) => `{ c(list: ${"[".repeat(n)}${"]".repeat(n)}) }`],
    ["objects", (n: number) => `{ c(list: ${"{a:".repeat(n)}1${"}".repeat(n)}) }`],
    ["inline fragments", (n: number) => `${"{...".repeat(n)}{b}${"}".repeat(n)}`],
    ["list types", (n: number) => `query ($a: ${"[".repeat(n)}Int${"]".repeat(n)}) { b }`],
    ["selections with brackets in strings", (n: number) => `${`{a(s:"}")`.repeat(n)}${"}".repeat(n)}`],
    ["selections with brackets in comments", (n: number) => `${"{a#}\n".repeat(n)}${"}".repeat(n)}`],
  ])("refuse %s that nest 100,000 deep, without a stack overflow", (_, text) =>
    withLittleWork(() => {
      expect(errorsOf(text(100_000))).toEqual(refusedFor("GRAPHQL_VALIDATION_FAILED: The operation nests deeper"));
    }));

  it("refuse more tokens than may be parsed", () =>
    withLittleWork(() => {
      expect(errorsOf(`{ ${"b ".repeat(400_000)} }`)).toEqual(refusedFor("GRAPHQL_PARSE_FAILED"));
    }));

  it("keep validation that is quadratic in the fields bounded", () =>
    withLittleWork(() => {
      errorsOf(`{ a { ${times(1_990, (i) => `c(list: [[${i}]])`)} } }`);
    }));

  it("refuse introspection that multiplies lists of lists", () =>
    withLittleWork(() => {
      const fields = (depth: number): string => (depth === 0 ? "name" : `type { fields { ${fields(depth - 1)} } }`);
      expect(errorsOf(`{ __schema { types { fields { ${fields(5)} } } } }`)).toEqual(refusedFor("introspection depth"));
    }));
});

describe("limits of a running router", () => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary();
  });
  afterAll(() => library.stop());

  it("refuse a thousand sign-ins in one request, and execute none", async () => {
    const answer = await library.ask(`mutation { ${times(1_000, (i) => `l${i}: login(name: "${i}")`)} }`);
    expect(answer.status).toBe(200);
    expect(answer.errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(library.state.notes).toEqual([]);
  });

  it("do not keep ten from running, in order", async () => {
    const { data } = await library.ask(`mutation { ${times(10, (i) => `n${i}: note(name: "${i}")`)} }`);
    expect(Object.keys(data ?? {})).toHaveLength(10);
    expect(library.state.notes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  it("refuse a deep operation with a typed error", async () => {
    const { status, errors } = await library.ask(
      `{ book(id: "1") ${"{ sequel ".repeat(1_500)} { id } ${"}".repeat(1_500)} }`,
    );
    expect(status).toBe(200);
    expect(errors?.[0]?.extensions).toEqual({ code: "GRAPHQL_VALIDATION_FAILED" });
  });

  it("apply to streams as well", async () => {
    const response = await library.request("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({
        query: `subscription { bookReturned(id: "1") ${"{ sequel ".repeat(30)} { id } ${"}".repeat(30)} }`,
      }),
    });
    expect(response.status).toBe(400);
  });

  it("hold for what the embedder set", async () => {
    const strict = await startLibrary({ limits: { maxDepth: 2 } });
    expect((await strict.ask("{ books { id } }")).status).toBe(200);
    expect((await strict.ask("{ books { sequel { id } } }")).errors?.[0]?.message).toContain("deeper than 2");
    await strict.stop();
  });
});
