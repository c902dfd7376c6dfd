import { type ExecutionResult, graphql } from "graphql";
import { describe, expect, it } from "vitest";
import { combineRequirements, satisfies } from "./authorization.ts";
import { buildSchema } from "./graphql-server.ts";
import type { Viewer } from "./identity.ts";

const LINK = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.5"
  import: ["@key", "@authenticated", "@requiresScopes"]
)`;

const aViewer = (...scopes: string[]): Viewer => ({ userId: "usr_1", sessionId: null, roles: [], scopes });

const ask = (
  typeDefs: string,
  resolvers: object,
  viewer: Viewer | null,
  source: string,
  variableValues?: Record<string, unknown>,
): Promise<ExecutionResult> =>
  graphql({ schema: buildSchema(`${LINK}\n${typeDefs}`, resolvers), source, contextValue: { viewer }, variableValues });

const codes = ({ errors = [] }: ExecutionResult) => errors.map(({ extensions }) => extensions.code);

describe("what a viewer must be", () => {
  it.each([
    { needs: "nothing", requirement: { authenticated: false, scopes: [] }, guest: "allowed", ada: "allowed" },
    { needs: "anyone", requirement: { authenticated: true, scopes: [] }, guest: "unauthenticated", ada: "allowed" },
    { needs: "a", requirement: { authenticated: false, scopes: [["a"]] }, guest: "unauthenticated", ada: "allowed" },
    { needs: "c", requirement: { authenticated: true, scopes: [["c"]] }, guest: "unauthenticated", ada: "forbidden" },
    {
      needs: "a and c",
      requirement: { authenticated: false, scopes: [["a", "c"]] },
      guest: "unauthenticated",
      ada: "forbidden",
    },
    {
      needs: "a and c, or b",
      requirement: { authenticated: false, scopes: [["a", "c"], ["b"]] },
      guest: "unauthenticated",
      ada: "allowed",
    },
  ])("is decided for $needs, of a guest and of a viewer with a and b", ({ requirement, guest, ada }) => {
    expect(satisfies(null, requirement)).toBe(guest);
    expect(satisfies(aViewer("a", "b"), requirement)).toBe(ada);
  });

  it("is both requirements where two meet: every pair of their alternatives", () => {
    const left = { authenticated: true, scopes: [] };
    const right = { authenticated: false, scopes: [["a"], ["b"]] };
    expect(combineRequirements(left, right)).toEqual({ authenticated: true, scopes: [["a"], ["b"]] });
    expect(combineRequirements(right, { authenticated: false, scopes: [["a", "c"], ["d"]] })?.scopes).toEqual([
      ["a", "c"],
      ["a", "d"],
      ["b", "a", "c"],
      ["b", "d"],
    ]);
    expect(combineRequirements(undefined, left)).toBe(left);
  });
});

describe("a guarded field", () => {
  const typeDefs = `
    type Query { open: String secret: String @authenticated stock: Int @requiresScopes(scopes: [["stock:read"]]) }`;
  let ran = 0;
  const resolvers = { Query: { open: () => "open", secret: () => "secret", stock: () => ++ran } };

  it("is refused to a guest, beside fields that are not", async () => {
    const result = await ask(typeDefs, resolvers, null, "{ open secret stock }");
    expect(result.data).toEqual({ open: "open", secret: null, stock: null });
    expect(codes(result)).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
  });

  it("is refused to a viewer without its scope, and its resolver does not run", async () => {
    ran = 0;
    const result = await ask(typeDefs, resolvers, aViewer("orders:read"), "{ secret stock }");
    expect(result.data).toEqual({ secret: "secret", stock: null });
    expect(codes(result)).toEqual(["FORBIDDEN"]);
    expect(ran).toBe(0);
  });

  it("is answered to a viewer with its scope", async () => {
    const result = await ask(typeDefs, resolvers, aViewer("stock:read"), "{ secret stock }");
    expect(result).toEqual({ data: { secret: "secret", stock: 1 } });
  });

  it("is guarded without a resolver of its own, and in an extension", async () => {
    const result = await ask(
      `type Query { thing: Thing }
       type Thing { plain: String }
       extend type Thing { later: String @authenticated }`,
      { Query: { thing: () => ({ plain: "p", later: "l" }) } },
      null,
      "{ thing { plain later } }",
    );
    expect(result.data).toEqual({ thing: { plain: "p", later: null } });
  });
});

describe("a guarded field of a schema that imports nothing", () => {
  it("is guarded by the directive under its namespace", async () => {
    const schema = buildSchema(
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5")
       type Query { secret: String @federation__authenticated }`,
      { Query: { secret: () => "secret" } },
    );
    const result = await graphql({ schema, source: "{ secret }", contextValue: { viewer: null } });
    expect(result.data).toEqual({ secret: null });
  });
});

describe("a guarded type", () => {
  const ledger = `type Ledger @key(fields: "id") @requiresScopes(scopes: [["payments:read"]]) { id: ID! total: Int }`;
  const reference = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Ledger { total } } }";

  it("guards the fields that answer it, in lists too", async () => {
    const resolvers = { Query: { ledger: () => ({ id: "1" }), ledgers: () => [{ id: "1" }] } };
    const result = await ask(
      `type Query { ledger: Ledger ledgers: [Ledger!] } ${ledger}`,
      resolvers,
      aViewer(),
      "{ ledger { __typename } ledgers { __typename } }",
    );
    expect(result.data).toEqual({ ledger: null, ledgers: null });
    expect(codes(result)).toEqual(["FORBIDDEN", "FORBIDDEN"]);
  });

  it("guards its references, before their resolver runs and without failing the other entities", async () => {
    const loaded: unknown[] = [];
    const load = (it: unknown) => {
      loaded.push(it);
      return { id: "1", total: 7 };
    };
    const open = `type Note @key(fields: "id") { id: ID! text: String }`;
    const typeDefs = `type Query { a: Int } ${ledger} ${open}`;
    const resolvers = { Ledger: { __resolveReference: load }, Note: { __resolveReference: () => ({ text: "hi" }) } };
    const r = [
      { __typename: "Ledger", id: "1" },
      { __typename: "Note", id: "2" },
    ];
    const refused = await ask(typeDefs, resolvers, aViewer(), reference, { r });
    expect(refused.data).toEqual({ _entities: [null, { __typename: "Note" }] });
    expect(codes(refused)).toEqual(["FORBIDDEN"]);
    expect(loaded).toEqual([]);

    const allowed = await ask(typeDefs, resolvers, aViewer("payments:read"), reference, { r });
    expect(allowed.errors).toBeUndefined();
    expect(allowed.data).toEqual({ _entities: [{ __typename: "Ledger", total: 7 }, { __typename: "Note" }] });
  });

  it("guards its references where it has no reference resolver", async () => {
    const typeDefs = `type Query { a: Int } ${ledger}`;
    const variables = { r: [{ __typename: "Ledger", id: "1", total: 7 }] };
    const guest = await ask(typeDefs, {}, null, reference, variables);
    expect(guest.data).toEqual({ _entities: [null] });
    expect(codes(guest)).toEqual(["UNAUTHENTICATED"]);
    const reader = await ask(typeDefs, {}, aViewer("payments:read"), reference, variables);
    expect(reader).toEqual({ data: { _entities: [{ __typename: "Ledger", total: 7 }] } });
  });

  it("guards what is reached through an interface or a union that is not guarded", async () => {
    const result = await ask(
      `type Query { node: Node any: Any }
       interface Node { id: ID! }
       type Ledger implements Node @authenticated { id: ID! total: Int }
       union Any = Ledger`,
      {
        Query: { node: () => ({ id: "1", total: 7 }), any: () => ({ id: "1", total: 7 }) },
        Node: { __resolveType: () => "Ledger" },
        Any: { __resolveType: () => "Ledger" },
      },
      null,
      "{ node { ... on Ledger { total } } any { ... on Ledger { id } } }",
    );
    expect(result.data).toEqual({ node: { total: null }, any: null });
    expect(codes(result)).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
  });

  it("may be an enum or a scalar", async () => {
    const result = await ask(
      `type Query { risk: Risk raw: Raw }
       enum Risk @authenticated { LOW } scalar Raw @authenticated`,
      { Query: { risk: () => "LOW", raw: () => "raw" } },
      null,
      "{ risk raw }",
    );
    expect(result.data).toEqual({ risk: null, raw: null });
  });
});

describe("directives that would guard nothing", () => {
  it.each([
    "interface Audited @authenticated { id: ID! }",
    'interface Audited { id: ID! @requiresScopes(scopes: [["audit:read"]]) }',
  ])("are refused on an interface: %s", (audited) => {
    expect(() => buildSchema(`${LINK} type Query { a: Audited } ${audited}`, {})).toThrow("interface");
  });

  it("are refused when they were renamed", () => {
    const renamed = `extend schema @link(
      url: "https://specs.apollo.dev/federation/v2.5"
      import: [{ name: "@authenticated", as: "@signedIn" }]
    )
    type Query { a: Int @signedIn }`;
    expect(() => buildSchema(renamed, {})).toThrow("@authenticated is imported as @signedIn");
  });

  it("are refused when they list no scopes", () => {
    expect(() => buildSchema(`${LINK} type Query { a: Int @requiresScopes(scopes: []) }`, {})).toThrow(
      "lists no scopes",
    );
  });
});
