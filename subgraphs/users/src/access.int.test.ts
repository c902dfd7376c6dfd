import {
  createRequestSigner,
  generateSigningKey,
  newId,
  ROUTER_SIGNATURE_HEADER,
  type Viewer,
} from "@supergraph/service";
import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestUsers, type TestUsers } from "./testing/users.ts";

let users: TestUsers;
let ada: Viewer;
let support: Viewer;
beforeAll(async () => {
  users = await startTestUsers();
  ada = (await users.account({ email: "ada@example.com", name: "Ada" })).viewer;
  support = (await users.account({ roles: ["SUPPORT"] })).viewer;
});
afterAll(() => users.stop());

const USER = "query($id: ID!) { user(id: $id) { id email name roles addresses { id } createdAt } }";
const ENTITIES = `query($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on User { id email name roles addresses { id } createdAt } }
}`;

const reference = (id: unknown) => ({ __typename: "User", id });

const entities = async (viewer: Viewer | null, ids: readonly unknown[]) => {
  const { data, errors } = await users.as(viewer)<{ _entities: unknown[] }>(ENTITIES, {
    representations: ids.map(reference),
  });
  expect(errors).toBeUndefined();
  return data?._entities;
};

describe("me", () => {
  it("is the person who asks, and null for a guest", async () => {
    expect((await users.as(ada)("{ me { id email name roles } }")).data).toEqual({
      me: { id: ada.userId, email: "ada@example.com", name: "Ada", roles: ["CUSTOMER"] },
    });
    expect(await users.as(null)("{ me { id } }")).toEqual({ data: { me: null } });
  });

  it("is null for an account that does not exist", async () => {
    expect((await users.as(testViewer())("{ me { id } }")).data).toEqual({ me: null });
  });
});

describe("user(id)", () => {
  it("shows anybody to support", async () => {
    expect((await users.as(support)(USER, { id: ada.userId })).data).toMatchObject({
      user: { id: ada.userId, email: "ada@example.com" },
    });
  });

  it("is refused to customers, even for themselves, and to guests", async () => {
    for (const [who, code] of [
      [ada, "FORBIDDEN"],
      [null, "UNAUTHENTICATED"],
    ] as const) {
      const { data, errors } = await users.as(who)(USER, { id: ada.userId });
      expect(data).toEqual({ user: null });
      expect(errors).toMatchObject([{ extensions: { code } }]);
    }
  });

  it("is null for what is no user's id", async () => {
    for (const id of [newId("usr"), newId("adr"), "", "usr_", "usr_\u0000", "🦊", "x".repeat(1_000_000)])
      expect(await users.as(support)(USER, { id })).toEqual({ data: { user: null } });
  });
});

describe("_entities", () => {
  it("shows people themselves and nobody else", async () => {
    const eve = (await users.account()).viewer;
    expect(await entities(eve, [ada.userId, eve.userId, newId("usr")])).toEqual([
      null,
      expect.objectContaining({ id: eve.userId }),
      null,
    ]);
  });

  it("shows anybody to who may read users, and nobody to a guest", async () => {
    expect(await entities(support, [ada.userId])).toMatchObject([{ email: "ada@example.com" }]);
    expect(await entities(null, [ada.userId])).toEqual([null]);
  });

  it("answers null for keys that are no user's id", async () => {
    const ids = [newId("adr"), "", "usr_\u0000", 7, null, { id: ada.userId }, [ada.userId], "x".repeat(1_000_000)];
    expect(await entities(support, ids)).toEqual(ids.map(() => null));
    expect(await entities(support, [undefined])).toEqual([null]);
  });

  it("costs two statements for 50 users with their addresses, as for one", async () => {
    const people = await Promise.all(Array.from({ length: 50 }, () => users.account()));
    const cost = async (ids: string[]) => {
      users.statements.length = 0;
      expect(await entities(support, ids)).toHaveLength(ids.length);
      return users.statements.length;
    };
    expect(await cost([ada.userId])).toBe(2);
    expect(await cost(people.map(({ viewer }) => viewer.userId))).toBe(2);
  });

  it("costs nothing for users whom the viewer may not see", async () => {
    users.statements.length = 0;
    await entities(ada, [support.userId, newId("usr")]);
    expect(users.statements).toEqual([]);
  });
});

describe("the subgraph's door", () => {
  const body = JSON.stringify({ query: "{ me { id } }" });
  const send = (headers: Record<string, string>, text = body) =>
    fetch(users.url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text });

  const signed = async ({ privateJwk = users.routerKey, subgraph = "users" } = {}) => {
    const signer = await createRequestSigner({ privateJwk });
    const caller = { viewer: ada, correlationId: newId("req") };
    return { [ROUTER_SIGNATURE_HEADER]: await signer.sign({ subgraph, body, caller }) };
  };

  const expectClosed = async (response: Response) => {
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  };

  it("opens to what the router signed, once", async () => {
    const headers = await signed();
    const first = await send(headers);
    expect(await first.json()).toEqual({ data: { me: { id: ada.userId } } });
    await expectClosed(await send(headers));
  });

  it("is closed to a request without a signature, whatever it claims to be", async () => {
    await expectClosed(await send({}));
    await expectClosed(await send({ [ROUTER_SIGNATURE_HEADER]: "forged" }));
    await expectClosed(await send({ "x-user-id": ada.userId, "x-roles": "ADMIN" }));
  });

  it("is closed to another body than the one that was signed", async () => {
    await expectClosed(await send(await signed(), body.replace("id", "email")));
  });

  it("is closed to a signature for another subgraph, and to one by another key under the router's name", async () => {
    await expectClosed(await send(await signed({ subgraph: "orders" })));
    const { privateJwk } = await generateSigningKey();
    await expectClosed(await send(await signed({ privateJwk: { ...privateJwk, kid: users.routerKey.kid ?? "" } })));
  });
});
