import { userEvents } from "@supergraph/contracts";
import { newId } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADDRESS, CANCEL_ORDER, openTestShop, PLACE_ORDER, placeOrderInput, type TestShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openTestShop();
});
afterAll(() => shop?.stop());
beforeEach(() => {
  shop.world.script = { reserve: "silent" };
});

type Viewer = ReturnType<typeof testViewer>;

interface Payload {
  placeOrder: {
    order: { id: string; number: string } | null;
    userErrors: { code: string; message: string; path: string[] | null; variantId: string | null }[];
  };
}

const SET = `mutation ($id: ID!, $quantity: Int!) {
  cartSetLine(variantId: $id, quantity: $quantity) { userErrors { code } }
}`;

/** Two mugs of 20.00 in the cart: 48.90 to Sweden. */
const shopper = async () => {
  const viewer = testViewer();
  const mug = await shop.sell();
  await shop.as(viewer)(SET, { id: mug.id, quantity: 2 });
  return { viewer, mug };
};

const place = async (viewer: Viewer, input: Record<string, unknown> = {}) => {
  const { data, errors } = await shop.as(viewer)<Payload>(PLACE_ORDER, {
    input: placeOrderInput({ expectedTotal: "48.90", ...input }),
  });
  expect(errors).toBeUndefined();
  return data?.placeOrder;
};

const ordersOf = (viewer: Viewer) => shop.sql`select id from orders where customer_id = ${viewer.userId}`;

describe("placeOrder", () => {
  it("makes an order of the cart as it is, and empties it", async () => {
    const { viewer, mug } = await shopper();
    const placed = await place(viewer);
    expect(placed?.order).toMatchObject({
      number: expect.stringMatching(/^SG-20260131-[0-9A-HJKMNP-TV-Y]{6}$/),
      status: "PENDING",
      total: { amount: "48.90" },
    });
    // What is bought later costs what it cost then.
    await shop.sell({ id: mug.id, priceMinor: 9_900n, title: "Mug, gold", version: 2 });
    const { data } = await shop.as(viewer)(
      `query ($id: ID!) {
        cart { lines { id } }
        order(id: $id) {
          customer { id }
          lines { id title quantity unitPrice { amount } total { amount } variant { id sku } }
          shippingAddress { line1 line2 city region postalCode country }
          subtotal { amount } tax { amount } shipping { amount } total { amount currency }
          placedAt timeline { status at note } trackingNumber
        }
      }`,
      { id: placed?.order?.id },
    );
    expect(data).toEqual({
      cart: { lines: [] },
      order: {
        customer: { id: viewer.userId },
        lines: [
          {
            id: expect.stringMatching(/^lin_/),
            title: "Mug, blue",
            quantity: 2,
            unitPrice: { amount: "20.00" },
            total: { amount: "40.00" },
            variant: { id: mug.id, sku: mug.sku },
          },
        ],
        shippingAddress: { ...ADDRESS, line2: null, region: null },
        subtotal: { amount: "40.00" },
        tax: { amount: "9.78" },
        shipping: { amount: "8.90" },
        total: { amount: "48.90", currency: "EUR" },
        placedAt: "2026-01-31T12:00:00.000Z",
        timeline: [{ status: "PENDING", at: "2026-01-31T12:00:00.000Z", note: null }],
        trackingNumber: null,
      },
    });
  });

  it("makes exactly one order of the same request sent five times at once, and answers it to all", async () => {
    const { viewer } = await shopper();
    const idempotencyKey = newId("key");
    const answers = await Promise.all(Array.from({ length: 5 }, () => place(viewer, { idempotencyKey })));
    const ids = answers.map((answer) => answer?.order?.id);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^ord_/);
    expect(await ordersOf(viewer)).toHaveLength(1);
    // Written otherwise, the same request: later, it still answers the same order.
    const later = await place(viewer, {
      idempotencyKey,
      expectedTotal: "48.9",
      shippingAddress: { ...ADDRESS, line2: "" },
    });
    expect(later?.order?.id).toBe(ids[0]);
  });

  it("makes one order of one cart, whatever the keys of two requests at once", async () => {
    const { viewer } = await shopper();
    const answers = await Promise.all([place(viewer), place(viewer)]);
    expect(answers.map((answer) => answer?.userErrors.map(({ code }) => code)).sort()).toEqual([[], ["CART_EMPTY"]]);
    expect(await ordersOf(viewer)).toHaveLength(1);
  });

  it.each([
    ["another total", { expectedTotal: "1.00" }],
    ["another token", { paymentMethodToken: "tok_slow" }],
    ["another address", { shippingAddress: { ...ADDRESS, line1: "Elsewhere 1" } }],
  ])("refuses the key of an order for %s", async (_what, changes) => {
    const { viewer } = await shopper();
    const idempotencyKey = newId("key");
    await place(viewer, { idempotencyKey });
    expect(await place(viewer, { idempotencyKey, ...changes })).toMatchObject({
      order: null,
      userErrors: [{ code: "IDEMPOTENCY_MISMATCH", path: ["input", "idempotencyKey"] }],
    });
  });

  it("leaves nothing behind when another request takes the key while it runs", async () => {
    const { viewer } = await shopper();
    const other = await shop.placedOrder({ viewer: testViewer() });
    const idempotencyKey = newId("key");
    const answer = await shop.sql.begin(async (sql) => {
      await sql`insert into idempotency_keys (user_id, key, request_hash, order_id, created_at)
        values (${viewer.userId}, ${idempotencyKey}, 'another', ${other.orderId}, now())`;
      const placing = place(viewer, { idempotencyKey });
      // It has written its order and waits for this transaction to say whether the key is taken.
      await eventually(async () => {
        const waiting = await shop.sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'
          and datname = current_database() and query like '%insert into orders%'`;
        expect(waiting).toHaveLength(1);
      });
      return { placing };
    });
    expect(await answer.placing).toMatchObject({ order: null, userErrors: [{ code: "IDEMPOTENCY_MISMATCH" }] });
    expect(await ordersOf(viewer)).toEqual([]);
    expect(await place(viewer)).toMatchObject({ userErrors: [] });
  });

  it("refuses a key that another mutation used", async () => {
    const { viewer } = await shopper();
    const placed = await place(viewer, { idempotencyKey: "same" });
    const { data } = await shop.as(viewer)(CANCEL_ORDER, {
      input: { id: placed?.order?.id, idempotencyKey: "same" },
    });
    expect(data).toMatchObject({ cancelOrder: { order: null, userErrors: [{ code: "IDEMPOTENCY_MISMATCH" }] } });
  });

  it("leaves a key to each person", async () => {
    const [ada, bob] = [await shopper(), await shopper()];
    const first = await place(ada.viewer, { idempotencyKey: "mine" });
    const second = await place(bob.viewer, { idempotencyKey: "mine" });
    expect(second?.order?.id).not.toBe(first?.order?.id);
    expect(second?.userErrors).toEqual([]);
  });

  it("refuses an empty cart", async () => {
    expect(await place(testViewer())).toMatchObject({ order: null, userErrors: [{ code: "CART_EMPTY" }] });
  });

  it("refuses another price than the one that was seen, tells the one of now, and leaves the key unused", async () => {
    const { viewer, mug } = await shopper();
    const idempotencyKey = newId("key");
    await shop.sell({ id: mug.id, priceMinor: 2_100n, version: 2 });
    expect(await place(viewer, { idempotencyKey })).toMatchObject({
      order: null,
      userErrors: [
        { code: "PRICE_CHANGED", message: expect.stringContaining("50.90"), path: ["input", "expectedTotal"] },
      ],
    });
    expect(await place(viewer, { idempotencyKey, expectedTotal: "50.90" })).toMatchObject({ userErrors: [] });
  });

  it("names every line that is no longer sold", async () => {
    const { viewer, mug } = await shopper();
    const cup = await shop.sell();
    await shop.as(viewer)(SET, { id: cup.id, quantity: 1 });
    for (const { id } of [mug, cup]) await shop.sell({ id, purchasable: false, version: 2 });
    expect(await place(viewer)).toMatchObject({
      order: null,
      userErrors: [
        { code: "VARIANT_UNAVAILABLE", variantId: mug.id },
        { code: "VARIANT_UNAVAILABLE", variantId: cup.id },
      ],
    });
  });

  it.each([
    ["no street", { shippingAddress: { ...ADDRESS, line1: "" } }, ["shippingAddress", "line1"]],
    ["a NUL in the city", { shippingAddress: { ...ADDRESS, city: "a\u0000b" } }, ["shippingAddress", "city"]],
    [
      "a megabyte of street",
      { shippingAddress: { ...ADDRESS, line2: "x".repeat(1_048_576) } },
      ["shippingAddress", "line2"],
    ],
    ["no country of this world", { shippingAddress: { ...ADDRESS, country: "XX" } }, ["shippingAddress", "country"]],
    ["no key", { idempotencyKey: "" }, ["idempotencyKey"]],
    ["a key with a NUL", { idempotencyKey: "a\u0000" }, ["idempotencyKey"]],
    ["a token that is too long", { paymentMethodToken: "t".repeat(201) }, ["paymentMethodToken"]],
    ["three decimals", { expectedTotal: "48.901" }, ["expectedTotal"]],
    ["a negative total", { expectedTotal: "-48.90" }, ["expectedTotal"]],
  ])("refuses %s, says where, and keeps the cart", async (_what, changes, path) => {
    const { viewer } = await shopper();
    expect(await place(viewer, changes)).toMatchObject({
      order: null,
      userErrors: [{ code: "INVALID", path: ["input", ...path] }],
    });
    expect(await ordersOf(viewer)).toEqual([]);
    expect(await place(viewer)).toMatchObject({ userErrors: [] });
  });

  it("takes emoji and every script in an address", async () => {
    const { viewer } = await shopper();
    const shippingAddress = { ...ADDRESS, line1: "東京都 1-2-3 🏯", city: "القاهرة" };
    const placed = await place(viewer, { shippingAddress });
    const { data } = await shop.as(viewer)("query ($id: ID!) { order(id: $id) { shippingAddress { line1 city } } }", {
      id: placed?.order?.id,
    });
    expect(data).toEqual({ order: { shippingAddress: { line1: "東京都 1-2-3 🏯", city: "القاهرة" } } });
  });

  it("refuses a total that is no number as a wrong argument", async () => {
    const { viewer } = await shopper();
    const { errors } = await shop.as(viewer)(PLACE_ORDER, { input: placeOrderInput({ expectedTotal: "a lot" }) });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });

  it("is nothing for guests", async () => {
    const { errors } = await shop.as(null)(PLACE_ORDER, { input: placeOrderInput({ expectedTotal: "1.00" }) });
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });
});

describe("users.user.deleted", () => {
  const addressOf = (orderId: string) =>
    shop.sql`select line1, city, postal_code, country from orders where id = ${orderId}`;
  const erased = [{ line1: "[erased]", city: "[erased]", postal_code: "[erased]", country: "SE" }];

  it("removes the cart and the addresses that nothing is sent to, and those of open orders once they end", async () => {
    const { viewer } = await shopper();
    const ended = await place(viewer);
    await shop.sql`update orders set status = 'DELIVERED' where id = ${ended?.order?.id ?? ""}`;
    const mug = await shop.sell();
    await shop.as(viewer)(SET, { id: mug.id, quantity: 2 });
    const open = await place(viewer);
    await shop.as(viewer)(SET, { id: mug.id, quantity: 1 });

    const deleted = { userId: viewer.userId, deletedAt: new Date().toISOString() };
    await shop.world.tell(userEvents.userDeleted, deleted);
    await shop.world.tell(userEvents.userDeleted, deleted);
    expect(await shop.sql`select 1 from carts where user_id = ${viewer.userId}`).toEqual([]);
    expect(await addressOf(ended?.order?.id ?? "")).toEqual(erased);
    expect(await addressOf(open?.order?.id ?? "")).toMatchObject([{ line1: ADDRESS.line1 }]);

    shop.world.script = {};
    shop.clock.advance(15 * 60_000);
    await shop.untilStatus(open?.order?.id ?? "", "CANCELLED");
    expect(await addressOf(open?.order?.id ?? "")).toEqual(erased);
  });

  it("keeps an access token that outlives the account from filling a cart and placing orders", async () => {
    const { viewer } = await shopper();
    const mug = await shop.sell();
    await shop.world.tell(userEvents.userDeleted, { userId: viewer.userId, deletedAt: new Date().toISOString() });
    const input = placeOrderInput({ expectedTotal: "1.00" });
    for (const [mutation, variables] of [
      [SET, { id: mug.id, quantity: 1 }],
      [PLACE_ORDER, { input }],
    ] as const)
      expect((await shop.as(viewer)(mutation, variables)).errors).toMatchObject([
        { extensions: { code: "UNAUTHENTICATED" } },
      ]);
    expect(await shop.sql`select 1 from carts where user_id = ${viewer.userId}`).toEqual([]);
    expect(await shop.sql`select 1 from orders where customer_id = ${viewer.userId}`).toEqual([]);
  });
});
