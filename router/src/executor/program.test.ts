import { type OperationDefinitionNode, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { loadSupergraph } from "../planning/supergraph.ts";
import type { SubgraphAnswer } from "../subgraphs/call.ts";
import { compose } from "../testing/library.ts";
import { createProgramFor } from "../testing/programs.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@external", "@requires"])`;

const supergraph = loadSupergraph(
  compose({
    shop: `${LINK}
      type Query { cart: Cart items: [Item] shelves: [[Item]] item(id: ID = "1"): Item either: [Either] }
      type Mutation { add(id: ID): Item remove(id: ID): Item }
      type Cart { first: Item second: Item }
      type Item @key(fields: "id") { id: ID! size: Int next: Item }
      type Note @key(fields: "text") { text: String }
      union Either = Item | Note`,
    prices: `${LINK}
      type Item @key(fields: "id") { id: ID! size: Int @external price: Int postage: Int @requires(fields: "size") }
      type Note @key(fields: "text") { text: String length: Int }`,
  }),
);
const programFor = createProgramFor(supergraph);

type Answer = (
  variables: Record<string, unknown> & { representations?: Record<string, unknown>[] },
  query: string,
) => SubgraphAnswer;

const answered = (data: Record<string, unknown> | null, errors?: object[]): SubgraphAnswer => ({
  kind: "answered",
  response: { data, ...(errors ? { errors: errors as { message: string }[] } : {}) },
});

const run = async (
  query: string,
  answers: Readonly<Record<string, Answer>>,
  variables: Readonly<Record<string, unknown>> = {},
) => {
  const document = parse(query);
  expect(validate(supergraph.schema, document)).toEqual([]);
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === "OperationDefinition",
  );
  if (!operation) throw new Error("No operation.");
  const asked: { subgraph: string; isMutation: boolean; variables: Record<string, unknown> }[] = [];
  const { data, errors, broken } = await (await programFor({ document, operation, variables })).run({
    variables,
    async call({ subgraph, body, isMutation }) {
      const request = JSON.parse(body);
      asked.push({ subgraph, isMutation, variables: request.variables });
      const answer = answers[subgraph];
      if (!answer) throw new Error(`Nobody expects that ${subgraph} is asked.`);
      return answer(request.variables, request.query);
    },
  });
  return { data: JSON.parse(data.text), errors: errors.map((error) => error.toJSON()), broken, asked };
};

const item = (id: string, more = {}) => ({ __typename: "Item", id, ...more });
const priced: Answer = ({ representations = [] }) =>
  answered({ _entities: representations.map(({ id }) => ({ price: Number(id) * 10 })) });

describe("an operation over several subgraphs", () => {
  it("asks for an entity once, wherever it stands", async () => {
    const { data, asked } = await run("{ items { price } }", {
      shop: () => answered({ items: [item("1"), item("2"), null, item("1"), item("1")] }),
      prices: priced,
    });
    expect(data).toEqual({ items: [{ price: 10 }, { price: 20 }, null, { price: 10 }, { price: 10 }] });
    expect(asked[1]?.variables.representations).toEqual([item("1"), item("2")]);
  });

  it("asks for an entity once although it stands in two parts of the answer, and gives each part its own", async () => {
    const { data, asked } = await run("{ cart { first { next { price } } } items { next { price } } }", {
      shop: (_variables, query) =>
        answered(
          query.includes("cart")
            ? {
                cart: { first: item("1", { next: item("2") }) },
                items: [item("1", { next: item("2") }), item("2", { next: item("3") })],
              }
            : null,
        ),
      prices: priced,
    });
    expect(data).toEqual({
      cart: { first: { next: { price: 20 } } },
      items: [{ next: { price: 20 } }, { next: { price: 30 } }],
    });
    const ids = asked.flatMap(({ variables: { representations = [] } }) =>
      (representations as { id: string }[]).map(({ id }) => id),
    );
    expect(ids.sort()).toEqual(["2", "3"]);
  });

  it("tells what is wrong with an entity at each place, also where it was asked for by another part", async () => {
    const { data, errors } = await run("{ cart { first { price } } items { price } }", {
      shop: () => answered({ cart: { first: item("1") }, items: [item("2"), item("1")] }),
      prices: ({ representations = [] }) =>
        answered({ _entities: representations.map(({ id }) => (id === "1" ? { price: null } : { price: 20 })) }, [
          ...representations.flatMap(({ id }, index) =>
            id === "1" ? [{ message: "no price", path: ["_entities", index, "price"] }] : [],
          ),
        ]),
    });
    expect(data).toEqual({ cart: { first: { price: null } }, items: [{ price: 20 }, { price: null }] });
    expect(errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ["cart", "first", "price"],
        ["items", 1, "price"],
      ]),
    );
    expect(errors).toHaveLength(2);
  });

  it("fails every part that waited for a fetch that failed", async () => {
    let calls = 0;
    const { data, errors } = await run("{ cart { first { price } } items { price } }", {
      shop: () => answered({ cart: { first: item("1") }, items: [item("1")] }),
      prices: () => {
        calls += 1;
        return { kind: "failed", failure: "SUBGRAPH_TIMEOUT" };
      },
    });
    expect(calls).toBe(1);
    expect(data).toEqual({ cart: { first: { price: null } }, items: [{ price: null }] });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions?.code])).toEqual([
      ["cart.first.price", "SUBGRAPH_TIMEOUT"],
      ["items.0.price", "SUBGRAPH_TIMEOUT"],
    ]);
  });

  it("asks again within a mutation, whose second field may have changed what the first has brought", async () => {
    const { asked } = await run('mutation { a: add(id: "1") { price } b: add(id: "1") { price } }', {
      shop: (_variables, query) =>
        answered({ [query.includes("a:") ? "a" : "b"]: item("1"), a: item("1"), b: item("1") }),
      prices: priced,
    });
    expect(asked.filter(({ subgraph }) => subgraph === "prices")).toHaveLength(2);
  });

  it.each([
    ["another type", { __typename: "Note", price: 1 }],
    ["a type that is no name", { __typename: 7, price: 1 }],
    ["no object", 7],
    ["a list", [{ price: 1 }]],
  ])("costs its own fields only when an entity is answered as %s", async (_, answeredAs) => {
    const { data, errors } = await run("{ items { id size price } }", {
      shop: () => answered({ items: [item("1", { size: 3 }), item("2", { size: 4 })] }),
      prices: ({ representations = [] }) =>
        answered({ _entities: representations.map(({ id }) => (id === "1" ? answeredAs : { price: 20 })) }),
    });
    expect(data).toEqual({
      items: [
        { id: "1", size: 3, price: null },
        { id: "2", size: 4, price: 20 },
      ],
    });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions?.code])).toEqual([
      ["items.0.price", "SUBGRAPH_INVALID_RESPONSE"],
    ]);
  });

  it("takes two types for two, also where a subgraph is told the same of them", async () => {
    const media = loadSupergraph(
      compose({
        films: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
          type Query { media: [Media] }
          interface Media @key(fields: "id") { id: ID! }
          type Film implements Media @key(fields: "id") { id: ID! }
          type Song implements Media @key(fields: "id") { id: ID! }`,
        ratings: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@interfaceObject"])
          type Media @key(fields: "id") @interfaceObject { id: ID! rating: Int }`,
      }),
    );
    const document = parse("{ media { __typename rating } }");
    const [operation] = document.definitions as OperationDefinitionNode[];
    if (!operation) throw new Error("No operation.");
    const { data } = await (await createProgramFor(media)({ document, operation, variables: {} })).run({
      variables: {},
      call: async ({ body }) => {
        const { representations } = JSON.parse(body).variables;
        if (!representations)
          return answered({ media: ["Film", "Song", "Film"].map((type) => ({ __typename: type, id: "1" })) });
        expect(representations[0]).toEqual({ __typename: "Media", id: "1" });
        return answered({ _entities: representations.map(() => ({ rating: 5 })) });
      },
    });
    expect(JSON.parse(data.text).media).toEqual([
      { __typename: "Film", rating: 5 },
      { __typename: "Song", rating: 5 },
      { __typename: "Film", rating: 5 },
    ]);
  });

  it("asks nobody about what is not there", async () => {
    const { data, asked } = await run("{ items { price } cart { first { price } } }", {
      shop: () => answered({ items: [], cart: null }),
    });
    expect(data).toEqual({ items: [], cart: null });
    expect(asked).toHaveLength(1);
  });

  it("completes lists of lists", async () => {
    const { data } = await run("{ shelves { id price } }", {
      shop: () => answered({ shelves: [[item("1"), item("2")], null, [], [item("3")]] }),
      prices: priced,
    });
    expect(data.shelves).toEqual([
      [
        { id: "1", price: 10 },
        { id: "2", price: 20 },
      ],
      null,
      [],
      [{ id: "3", price: 30 }],
    ]);
  });

  it("sends the variables that a fetch uses, as they came, and leaves defaults to the operation", async () => {
    const query =
      'query($a: ID, $b: ID = "7", $c: ID) { a: item(id: $a) { id } b: item(id: $b) { id } c: item(id: $c) { id } }';
    const { asked } = await run(query, { shop: () => answered({}) }, { a: null, c: "__proto__" });
    expect(asked[0]?.variables).toEqual({ a: null, c: "__proto__" });
  });

  it("does mutations one after another, and the second whatever became of the first", async () => {
    const failed: SubgraphAnswer = { kind: "failed", failure: "OUTCOME_UNKNOWN" };
    const { data, errors, asked } = await run('mutation { add(id: "1") { id price } remove(id: "2") { id } }', {
      shop: (_, query) =>
        query.includes("add") && !query.includes("remove") ? failed : answered(null, [{ message: "no" }]),
      prices: priced,
    });
    expect(data).toEqual({ add: null, remove: null });
    expect(errors.length).toBeGreaterThan(0);
    expect(asked.every(({ subgraph, isMutation }) => isMutation === (subgraph === "shop"))).toBe(true);
  });
});

describe("an error about an entity", () => {
  const broke = (index: number, field = "price") => ({
    message: "broke",
    path: ["_entities", index, field],
    extensions: { code: "X" },
  });

  it("is told of each place where it stands", async () => {
    const { errors } = await run("{ cart { first { price } second { price } } }", {
      shop: () => answered({ cart: { first: item("5"), second: item("5") } }),
      prices: () => answered({ _entities: [{ price: null }] }, [broke(0)]),
    });
    const places = errors.map(({ path }) => path?.join("."));
    expect(new Set(places)).toEqual(new Set(["cart.first.price", "cart.second.price"]));
  });

  it("is told of the right one where others could not be asked about", async () => {
    const { data, errors } = await run("{ either { ... on Item { postage } ... on Note { text } } }", {
      shop: () =>
        answered({ either: [{ __typename: "Note", text: "n" }, null, item("1", { size: 4 }), item("2", { size: 5 })] }),
      prices: () => answered({ _entities: [{ postage: 1 }, { postage: null }] }, [broke(1, "postage")]),
    });
    expect(data.either).toEqual([{ text: "n" }, null, { postage: 1 }, { postage: null }]);
    expect(errors).toMatchObject([{ message: "broke", path: ["either", 3, "postage"], extensions: { code: "X" } }]);
  });

  it("without a place is told of what all entities have in common", async () => {
    const { errors } = await run("{ cart { first { price } } }", {
      shop: () => answered({ cart: { first: item("5") } }),
      prices: () => answered(null, [{ message: "all broke", path: ["_entities"] }]),
    });
    expect(errors).toMatchObject([
      { message: "all broke", path: ["cart", "first"], extensions: { code: "DOWNSTREAM_SERVICE_ERROR" } },
    ]);
  });

  it.each<[what: string, data: Record<string, unknown>]>([
    ["fewer entities than asked for", { _entities: [{ price: 1 }] }],
    ["more entities", { _entities: [{}, {}, {}] }],
    ["no list", { _entities: { 0: { price: 1 } } }],
    ["nothing of the kind", { other: 1 }],
  ])("is told of all where a subgraph answers %s", async (_, answer) => {
    const { data, errors } = await run("{ items { id price } }", {
      shop: () => answered({ items: [item("1"), item("2")] }),
      prices: () => answered(answer),
    });
    expect(data.items).toEqual([
      { id: "1", price: null },
      { id: "2", price: null },
    ]);
    expect(errors).toMatchObject([
      { path: ["items", 0, "price"], extensions: { code: "SUBGRAPH_INVALID_RESPONSE" } },
      { path: ["items", 1, "price"], extensions: { code: "SUBGRAPH_INVALID_RESPONSE" } },
    ]);
  });

  it("is told of no more than 100 places", async () => {
    const items = Array.from({ length: 150 }, (_, index) => item(String(index)));
    const failed = await run("{ items { id price } }", {
      shop: () => answered({ items }),
      prices: () => ({ kind: "failed", failure: "SUBGRAPH_TIMEOUT" }),
    });
    expect(failed.errors).toHaveLength(100);
    expect(failed.errors[99]).toMatchObject({ path: ["items", 99, "price"], extensions: { code: "SUBGRAPH_TIMEOUT" } });
    const told = await run("{ items { price } }", {
      shop: () => answered({ items: items.map(() => item("7")) }),
      prices: () => answered({ _entities: [null] }, [broke(0)]),
    });
    expect(told.errors).toHaveLength(100);
  });

  it("is one of no more than 1,000 of an answer", async () => {
    const many = Array.from({ length: 1_500 }, () => ({ message: "broke" }));
    const roots = await run("{ items { id } }", { shop: () => answered(null, many) });
    expect(roots.errors).toHaveLength(1_000);
    const entities = await run("{ items { price } }", {
      shop: () => answered({ items: [item("7")] }),
      prices: () =>
        answered(
          { _entities: [null] },
          many.map(() => broke(0)),
        ),
    });
    expect(entities.errors).toHaveLength(1_000);
  });

  it("costs what needs it, and no more", async () => {
    const { data, errors, asked } = await run("{ items { id size price postage } }", {
      shop: () => answered({ items: [{ __typename: "Item", id: "1" }, item("2", { size: 3 })] }),
      prices: ({ representations = [] }) =>
        answered({
          _entities: representations.map(({ size }) => (size === undefined ? { price: 1 } : { price: 2, postage: 3 })),
        }),
    });
    expect(errors).toEqual([]);
    expect(data.items[1]).toMatchObject({ size: 3, postage: 3 });
    expect(data.items[0]).toMatchObject({ size: null, postage: null });
    expect(asked.length).toBeGreaterThan(1);
  });
});

describe("a program", () => {
  it("is compiled once for the values of its conditions, and of many no more than some are kept", async () => {
    const names = Array.from({ length: 7 }, (_, index) => `v${index}`);
    const fields = names.map((name) => `${name}: item @include(if: $${name}) { id }`);
    const document = parse(`query(${names.map((name) => `$${name}: Boolean!`).join(", ")}) { ${fields.join(" ")} }`);
    const [operation] = document.definitions as OperationDefinitionNode[];
    if (!operation) throw new Error("No operation.");
    const withValues = (bits: number) =>
      programFor({
        document,
        operation,
        variables: Object.fromEntries(names.map((name, index) => [name, ((bits >> index) & 1) === 1])),
      });
    const programs = await Promise.all(Array.from({ length: 128 }, (_, bits) => withValues(bits)));
    expect(new Set(programs).size).toBe(128);
    const again = await Promise.all(Array.from({ length: 128 }, (_, bits) => withValues(bits)));
    expect(again.filter((program, bits) => program === programs[bits])).toHaveLength(32);
  });

  it("asks the schema about itself with variables and without", async () => {
    const { data } = await run(
      'query($name: String!) { __type(name: $name) { name kind } a: __type(name: "Cart") { ...T } __typename } fragment T on __Type { name }',
      {},
      { name: "Item" },
    );
    expect(data).toEqual({ __type: { name: "Item", kind: "OBJECT" }, a: { name: "Cart" }, __typename: "Query" });
  });
});
