import type { Viewer } from "@supergraph/service";
import { getOperationAST, parse, validate } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalsOf } from "./authorization.ts";
import { readRequirements } from "./planning/requirements.ts";
import { loadSupergraph } from "./planning/supergraph.ts";
import { compose, type Library, librarySupergraph, startLibrary } from "./testing/library.ts";

const { schema, facts } = loadSupergraph(librarySupergraph());
const supergraph = { schema, requirements: facts.requirements };

const viewerWith = (...scopes: string[]): Viewer => ({ userId: "usr_1", sessionId: null, roles: [], scopes });

const refused = (
  viewer: Viewer | null,
  query: string,
  variables: Record<string, unknown> = {},
  graph: typeof supergraph = supergraph,
) => {
  const document = parse(query);
  expect(validate(supergraph.schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("the query has one operation");
  return refusalsOf(graph, { document, operation, variables }, viewer).map(
    ({ verdict, coordinate, path }) => `${verdict} ${coordinate} at ${path.join(".")}`,
  );
};

describe("what a viewer may not see", () => {
  it("is nothing of what carries no requirement", () => {
    expect(refused(null, `{ books { title reviews { text } } __schema { types { name } } }`)).toEqual([]);
  });

  it("is a field that wants a signed-in viewer", () => {
    expect(refused(null, "{ catalogue }")).toEqual(["unauthenticated Query.catalogue at catalogue"]);
    expect(refused(viewerWith(), "{ catalogue }")).toEqual([]);
  });

  it("is a field whose scope is not held", () => {
    expect(refused(null, "{ books { price } }")).toEqual(["unauthenticated Book.price at books.price"]);
    expect(refused(viewerWith("other"), "{ books { price } }")).toEqual(["forbidden Book.price at books.price"]);
    expect(refused(viewerWith("books:finance"), "{ books { price } }")).toEqual([]);
  });

  it("is told by the alias that the client reads", () => {
    expect(refused(null, "{ b: books { cost: price } }")).toEqual(["unauthenticated Book.price at b.cost"]);
  });

  it("is a type, through the field that answers it", () => {
    expect(refused(null, "{ archive { id } }")).toEqual(["unauthenticated Archive at archive"]);
  });

  it("is a type in a union, once something of it is asked for", () => {
    expect(refused(null, "{ search { __typename ... on Book { title } } }")).toEqual([]);
    expect(refused(null, "{ search { ... on Archive { label } } }")).toEqual(["unauthenticated Archive at search"]);
  });

  it("is an interface that composition guards because a type behind it is guarded", () => {
    expect(refused(null, `{ node(id: "1") { ... on Book { id } } }`)).toEqual(["unauthenticated Node at node"]);
  });

  it("is a type behind an interface, even when only the interface is asked and composition left that open", () => {
    const open = { ...supergraph, requirements: new Map(supergraph.requirements) };
    open.requirements.delete("Node");
    expect(refused(null, `{ node(id: "1") { id } }`, {}, open)).toEqual(["unauthenticated Archive at node"]);
    expect(refused(null, `{ node(id: "1") { ... on Node { id } } }`, {}, open)).toEqual([
      "unauthenticated Archive at node",
    ]);
    expect(refused(null, `{ node(id: "1") { ... on Book { id } } }`, {}, open)).toEqual([]);
  });

  it("is found in fragments, inline and named, and in fragments of fragments", () => {
    expect(refused(null, "{ ... { ... on Query { catalogue } } }")).toEqual([
      "unauthenticated Query.catalogue at catalogue",
    ]);
    expect(
      refused(null, "{ books { ...A } } fragment A on Book { ...B } fragment B on Book { sequel { price } }"),
    ).toEqual(["unauthenticated Book.price at books.sequel.price"]);
  });

  it("is told once a coordinate, and all of it", () => {
    expect(refused(null, `{ a: books { price } b: books { price } catalogue archive { id } }`)).toEqual([
      "unauthenticated Book.price at a.price",
      "unauthenticated Query.catalogue at catalogue",
      "unauthenticated Archive at archive",
    ]);
  });

  it("is not what @skip or @include leave out", () => {
    const query = "query ($staff: Boolean!) { books { title price @include(if: $staff) } }";
    expect(refused(null, query, { staff: false })).toEqual([]);
    expect(refused(null, query, { staff: true })).toHaveLength(1);
    expect(refused(null, "{ catalogue @skip(if: true) ... @include(if: false) { catalogue } }")).toEqual([]);
    expect(refused(null, "{ catalogue @skip(if: false) }")).toHaveLength(1);
    expect(refused(null, "{ ...A @skip(if: true) ...A } fragment A on Query { catalogue }")).toHaveLength(1);
  });

  it("is also asked of mutations and subscriptions", () => {
    expect(refused(null, `mutation { borrow(id: "1") { id } }`)).toEqual(["unauthenticated Mutation.borrow at borrow"]);
    expect(refused(null, "subscription { secret }")).toEqual(["unauthenticated Subscription.secret at secret"]);
  });

  it("takes linear time, however often fragments are spread", () => {
    const fragments = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Book { sequel { ...F${i + 1} } again: sequel { ...F${i + 1} } }`,
    );
    const query = `{ books { ...F0 } } ${fragments.join(" ")} fragment F60 on Book { price }`;
    expect(refused(null, query)).toHaveLength(1);
  });
});

describe("reading requirements", () => {
  const scopes = `@requiresScopes(scopes: [["a", "b"], ["c"]])`;
  const linked = (imports: string, body: string) =>
    parse(
      compose({
        one: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [${imports}]) ${body}`,
      }),
    );

  it("reads alternatives of scopes", () => {
    const supergraph = linked(`"@requiresScopes"`, `type Query { a: Int ${scopes} }`);
    expect(readRequirements(supergraph).get("Query.a")).toEqual({ authenticated: false, scopes: [["a", "b"], ["c"]] });
  });

  it("knows the directives under other names", () => {
    const supergraph = linked(`{ name: "@authenticated", as: "@signedIn" }`, "type Query { a: Int @signedIn }");
    expect(readRequirements(supergraph).get("Query.a")).toEqual({ authenticated: true, scopes: [] });
  });

  it("reads them on scalars, enums and interfaces", () => {
    const supergraph = linked(
      `"@authenticated"`,
      "type Query { a: S b: E } scalar S @authenticated enum E @authenticated { X }",
    );
    expect([...readRequirements(supergraph).keys()].sort()).toEqual(["E", "S"]);
  });

  it("refuses a supergraph that relies on what the router does not enforce", () => {
    const sdl = compose({
      one: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@policy"]) type Query { a: Int @policy(policies: [["p"]]) }`,
    });
    expect(() => loadSupergraph(sdl)).toThrow(/policy.* is for: SECURITY but is unsupported/);
  });
});

describe("refusing an operation", () => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary();
  });
  afterAll(() => library.stop());

  it("answers 401 with a challenge to who is not signed in, and executes nothing", async () => {
    const answer = await library.ask(`mutation { login(name: "x") borrow(id: "1") { id } }`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="graphql"');
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toEqual([
      {
        message: "Sign in first: Mutation.borrow needs a valid access token.",
        path: ["borrow"],
        extensions: { code: "UNAUTHENTICATED" },
      },
    ]);
    expect(library.state.notes).toEqual([]);
  });

  it("answers 403 or 200 to who may not, as the media type has it", async () => {
    const token = await library.token();
    const ask = (accept: string) => library.ask("{ books { price } catalogue }", { token, headers: { accept } });
    const [graphql, json] = [await ask("application/graphql-response+json"), await ask("application/json")];
    expect([graphql.status, json.status]).toEqual([403, 200]);
    expect(graphql.errors).toEqual([
      {
        message: "You are not allowed to see Book.price.",
        path: ["books", "price"],
        extensions: { code: "FORBIDDEN" },
      },
    ]);
    expect(json.errors).toEqual(graphql.errors);
    expect(json.data).toBeUndefined();
  });

  it("lets through who holds the scope", async () => {
    const token = await library.token({ scope: "books:finance" });
    expect((await library.ask(`{ book(id: "1") { price } }`, { token })).data).toEqual({ book: { price: 9 } });
  });
});
