import { newId } from "@supergraph/service";
import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestShop, type TestShop } from "./testing/shop.ts";

let shop: TestShop;
let viewer: ReturnType<typeof testViewer>;
let orderId: string;
beforeAll(async () => {
  shop = await openTestShop();
  shop.world.script = { reserve: "silent" };
  ({ viewer, orderId } = await shop.placedOrder());
});
afterAll(() => shop?.stop());

const stranger = testViewer();
const support = testViewer({ roles: ["SUPPORT"] });

const ORDER = "query ($id: ID!) { order(id: $id) { id } }";

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Order { id shippingAddress { line1 } }
    ... on Cart { id lines { quantity } }
    ... on User { id orders(first: 10) { edges { node { id } } totalCount } }
  }
}`;

const entity = async (who: Parameters<TestShop["as"]>[0], representation: Record<string, unknown>) => {
  const { data, errors } = await shop.as(who)<{ _entities: unknown[] }>(ENTITIES, {
    representations: [representation],
  });
  return { entity: data?._entities[0], codes: errors?.map(({ extensions }) => extensions?.code) };
};

describe("an order", () => {
  it("is shown to its customer and to who reads all orders", async () => {
    for (const who of [viewer, support]) {
      expect(await shop.as(who)(ORDER, { id: orderId })).toEqual({ data: { order: { id: orderId } } });
      expect((await entity(who, { __typename: "Order", id: orderId })).entity).toMatchObject({ id: orderId });
    }
  });

  it("does not exist for anybody else", async () => {
    for (const who of [stranger, null]) {
      expect(await shop.as(who)(ORDER, { id: orderId })).toEqual({ data: { order: null } });
      expect(await entity(who, { __typename: "Order", id: orderId })).toEqual({ entity: null, codes: undefined });
    }
  });

  it.each([
    newId("ord"),
    newId("var"),
    "",
    "ord_",
    "🦊",
    "ord_\u0000",
    "o".repeat(1_048_576),
  ])("does not exist under the id %.40j", async (id) => {
    expect(await shop.as(support)(ORDER, { id })).toEqual({ data: { order: null } });
    expect(await entity(support, { __typename: "Order", id })).toEqual({ entity: null, codes: undefined });
  });
});

describe("a cart", () => {
  it("is its owner's alone, not even support's", async () => {
    const { data } = await shop.as(viewer)<{ cart: { id: string } }>("{ cart { id } }");
    const reference = { __typename: "Cart", id: data?.cart.id };
    expect((await entity(viewer, reference)).entity).toEqual({ __typename: "Cart", id: data?.cart.id, lines: [] });
    for (const who of [stranger, support, null]) expect((await entity(who, reference)).entity).toBeNull();
  });
});

describe("User.orders", () => {
  it("are shown to the person and to who reads all orders", async () => {
    for (const who of [viewer, support])
      expect(await entity(who, { __typename: "User", id: viewer.userId })).toEqual({
        entity: {
          __typename: "User",
          id: viewer.userId,
          orders: { edges: [{ node: { id: orderId } }], totalCount: 1 },
        },
        codes: undefined,
      });
  });

  it("are refused to anybody else, who learns not even whether there are any", async () => {
    for (const id of [viewer.userId, newId("usr")])
      expect(await entity(stranger, { __typename: "User", id })).toEqual({
        entity: { __typename: "User", id, orders: null },
        codes: ["FORBIDDEN"],
      });
    expect((await entity(null, { __typename: "User", id: viewer.userId })).codes).toEqual(["UNAUTHENTICATED"]);
  });

  it("of an id that cannot be one are none", async () => {
    expect((await entity(support, { __typename: "User", id: "usr_\u0000" })).entity).toMatchObject({
      orders: { edges: [], totalCount: 0 },
    });
  });
});

describe("orders", () => {
  const ORDERS = `query ($first: Int, $after: String, $filter: OrderFilter) {
    orders(first: $first, after: $after, filter: $filter) { edges { node { id } } totalCount }
  }`;

  it("are not for customers, nor for guests", async () => {
    expect((await shop.as(viewer)(ORDERS)).errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect((await shop.as(null)(ORDERS)).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it.each([
    ["one status", { status: ["PENDING"] }, 1],
    ["no status at all", { status: [] }, 0],
    ["another status", { status: ["PAID", "SHIPPED"] }, 0],
    ["a moment before it was placed", { placedAfter: "2026-01-31T11:59:59Z" }, 1],
    ["the moment when it was placed", { placedAfter: "2026-01-31T12:00:00Z" }, 0],
    ["somebody else", { customerId: newId("usr") }, 0],
    ["nothing", {}, 1],
  ])("are filtered by %s", async (_what, filter, count) => {
    const { data } = await shop.as(support)<{ orders: { edges: unknown[]; totalCount: number } }>(ORDERS, { filter });
    expect([data?.orders.edges.length, data?.orders.totalCount]).toEqual([count, count]);
  });

  it.each([
    ["a foreign cursor", { after: "bm90IGEgY3Vyc29y" }],
    [
      "a cursor that would break out",
      { after: Buffer.from('["2026-01-31T12:00:00.000Z","\\u0000"]').toString("base64url") },
    ],
    ["a cursor of no moment", { after: Buffer.from('["yesterday","ord_1"]').toString("base64url") }],
    ["a negative size", { first: -1 }],
    ["a huge size", { first: 101 }],
    ["a customer that cannot be", { filter: { customerId: "a\u0000b" } }],
    ["a status that does not exist", { filter: { status: ["LOST"] } }],
    ["a day that does not exist", { filter: { placedAfter: "2026-02-31T12:00:00Z" } }],
  ])("cannot be asked for with %s", async (_what, variables) => {
    const { errors } = await shop.as(support)(ORDERS, variables);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});
