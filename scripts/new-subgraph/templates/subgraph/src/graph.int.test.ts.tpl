import { newId, type Viewer } from "@supergraph/service";
import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NOON, startTest{{Name}}, type Test{{Name}} } from "./testing/{{name}}.ts";

const CREATE = `mutation ($input: Create{{Entity}}Input!) {
  create{{Entity}}(input: $input) { {{entity}} { id text createdAt {{owner}} { id } } userErrors { code path } }
}`;
const PAGE = `query ($representations: [_Any!]!, $first: Int, $after: String) {
  _entities(representations: $representations) {
    ... on {{Owner}} { id {{entities}}(first: $first, after: $after) { edges { node { text } } pageInfo { hasNextPage endCursor } } }
  }
}`;

interface Answer {
  {{entity}}: { id: string; text: string; createdAt: string; {{owner}}: { id: string } } | null;
  userErrors: { code: string; path: string[] }[];
}

interface {{Owner}}Answer {
  id: string;
  {{entities}}: {
    edges: { node: { text: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

const ada = testViewer();

let {{name camel}}: Test{{Name}};
beforeAll(async () => {
  {{name camel}} = await startTest{{Name}}();
});
afterAll(() => {{name camel}}?.stop());

const create = async (input: { {{owner}}Id: string; text: string }, as: Viewer | null = ada): Promise<Answer> => {
  const { data, errors } = await {{name camel}}.as(as)<{ create{{Entity}}: Answer }>(CREATE, { input });
  if (!data) throw new Error(`create{{Entity}} was answered with ${JSON.stringify(errors)}.`);
  return data.create{{Entity}};
};

const pagesOf = async (ids: readonly string[], page: { first?: number; after?: string | null } = {}) => {
  const representations = ids.map((id) => ({ __typename: "{{Owner}}", id }));
  const { data, errors } = await {{name camel}}.as(null)<{ _entities: {{Owner}}Answer[] }>(PAGE, { representations, ...page });
  expect(errors).toBeUndefined();
  return data?._entities ?? [];
};

const textsOf = ({ {{entities}} }: {{Owner}}Answer) => {{entities}}.edges.map(({ node }) => node.text);

describe("create{{Entity}}", () => {
  it("adds what is asked, and shows it to anybody", async () => {
    const {{owner}}Id = newId("own");
    const { {{entity}}, userErrors } = await create({ {{owner}}Id, text: " Good. " });
    expect(userErrors).toEqual([]);
    expect({{entity}}).toEqual({
      id: expect.stringMatching(/^{{prefix}}_/),
      text: "Good.",
      createdAt: NOON,
      {{owner}}: { id: {{owner}}Id },
    });
    const guest = await {{name camel}}.as(null)("query ($id: ID!) { {{entity}}(id: $id) { text } }", { id: {{entity}}?.id });
    expect(guest).toEqual({ data: { {{entity}}: { text: "Good." } } });
  });

  it("names every field that it refuses, and adds nothing", async () => {
    const {{owner}}Id = newId("own");
    expect(await create({ {{owner}}Id, text: " " })).toEqual({
      {{entity}}: null,
      userErrors: [{ code: "INVALID", path: ["input", "text"] }],
    });
    expect((await create({ {{owner}}Id: "\u0000", text: "x".repeat(1_000_000) })).userErrors).toHaveLength(2);
    expect((await pagesOf([{{owner}}Id])).map(textsOf)).toEqual([[]]);
  });

  it("tells a guest to sign in", async () => {
    const input = { {{owner}}Id: newId("own"), text: "Good." };
    const { errors } = await {{name camel}}.as(null)(CREATE, { input });
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });
});

describe("{{Owner}}.{{entities}}", () => {
  it("is a page at a time, the newest first", async () => {
    const {{owner}}Id = newId("own");
    for (const text of ["1", "2", "3"]) await create({ {{owner}}Id, text });
    const [first] = await pagesOf([{{owner}}Id], { first: 2 });
    expect(first && textsOf(first)).toEqual(["3", "2"]);
    expect(first?.{{entities}}.pageInfo.hasNextPage).toBe(true);
    const [second] = await pagesOf([{{owner}}Id], { first: 2, after: first?.{{entities}}.pageInfo.endCursor ?? null });
    expect(second && textsOf(second)).toEqual(["1"]);
    expect(second?.{{entities}}.pageInfo.hasNextPage).toBe(false);
  });

  it("is empty for what nobody has added to, whatever its id is", async () => {
    for (const id of [newId("own"), "", "\u0000", "x".repeat(100_000)])
      expect((await pagesOf([id])).map(textsOf)).toEqual([[]]);
  });

  it.each(["nonsense", "bnVsbA", "IlxcdTAwMDAi"])("refuses %s as a cursor", async (after) => {
    const representations = [{ __typename: "{{Owner}}", id: newId("own") }];
    const { errors } = await {{name camel}}.as(null)(PAGE, { representations, after });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("costs one statement for 50 of them, as for one", async () => {
    const ids = Array.from({ length: 50 }, () => newId("own"));
    for (const id of ids) await create({ {{owner}}Id: id, text: "Good." });
    const cost = async (some: readonly string[]) => {
      {{name camel}}.statements.length = 0;
      expect((await pagesOf(some)).map(textsOf)).toEqual(some.map(() => ["Good."]));
      return {{name camel}}.statements.length;
    };
    expect(await cost(ids.slice(0, 1))).toBe(1);
    expect(await cost(ids)).toBe(1);
  });
});

describe("_entities", () => {
  it("answers what there is, and null for keys that are none of its ids", async () => {
    const { {{entity}} } = await create({ {{owner}}Id: newId("own"), text: "Good." });
    const ids = [{{entity}}?.id, newId("{{prefix}}"), newId("own"), "", "{{prefix}}_\u0000", 7, null, {}, "x".repeat(100_000)];
    const { data } = await {{name camel}}.as(null)<{ _entities: unknown[] }>(
      "query ($r: [_Any!]!) { _entities(representations: $r) { ... on {{Entity}} { text } } }",
      { r: ids.map((id) => ({ __typename: "{{Entity}}", id })) },
    );
    expect(data?._entities).toEqual([{ text: "Good." }, ...ids.slice(1).map(() => null)]);
  });
});

describe("the process", () => {
  it("answers the router only", async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ query: "{ __typename }" });
    const response = await fetch({{name camel}}.url, { method: "POST", headers, body });
    expect(response.status).toBe(401);
  });

  it("tells how it is, and its numbers", async () => {
    const get = (path: string) => fetch({{name camel}}.url.replace("/graphql", path));
    expect((await get("/health/live")).status).toBe(200);
    expect(await (await get("/health/ready")).json()).toMatchObject({ checks: { database: "ok" } });
    expect(await (await get("/metrics")).text()).toContain("supergraph_http_request_duration_seconds");
  });
});
