import { newId } from "@supergraph/service";
import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestShop, type TestShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openTestShop();
});
afterAll(() => shop?.stop());

const CART = `query ($country: String = "SE") {
  cart {
    id
    lines { id quantity title purchasable unitPrice { amount } total { amount minorUnits currency } variant { id sku } }
    subtotal { amount }
    totals(country: $country) { subtotal { amount } tax { amount } shipping { amount } total { amount } }
  }
}`;

const SET = `mutation ($variantId: ID!, $quantity: Int!) {
  cartSetLine(variantId: $variantId, quantity: $quantity) {
    cart { id lines { quantity variant { id } } }
    userErrors { code path variantId }
  }
}`;

interface CartAnswer {
  cart: { id: string; lines: { id: string; quantity: number }[] } | null;
}

const set = async (viewer: Parameters<TestShop["as"]>[0], variantId: string, quantity: number) => {
  const { data, errors } = await shop.as(viewer)<{
    cartSetLine: { cart: CartAnswer["cart"]; userErrors: Record<string, unknown>[] };
  }>(SET, { variantId, quantity });
  expect(errors).toBeUndefined();
  return data?.cartSetLine;
};

describe("a cart", () => {
  it("is null for a guest, and empty for a person who never put anything into it", async () => {
    expect(await shop.as(null)(CART)).toEqual({ data: { cart: null } });
    const nothing = { amount: "0.00" };
    const { data } = await shop.as(testViewer())(CART);
    expect(data).toEqual({
      cart: {
        id: expect.stringMatching(/^crt_/),
        lines: [],
        subtotal: nothing,
        totals: { subtotal: nothing, tax: nothing, shipping: nothing, total: nothing },
      },
    });
  });

  it("shows lines at the price of now, and what placing it will charge", async () => {
    const viewer = testViewer();
    const mug = await shop.sell();
    await set(viewer, mug.id, 2);
    const line = {
      id: expect.stringMatching(/^lin_/),
      quantity: 2,
      title: "Mug, blue",
      purchasable: true,
      variant: { id: mug.id, sku: mug.sku },
    };
    expect((await shop.as(viewer)(CART)).data?.cart).toMatchObject({
      lines: [
        {
          ...line,
          unitPrice: { amount: "20.00" },
          total: { amount: "40.00", minorUnits: "4000", currency: "EUR" },
        },
      ],
      subtotal: { amount: "40.00" },
      totals: {
        subtotal: { amount: "40.00" },
        tax: { amount: "9.78" },
        shipping: { amount: "8.90" },
        total: { amount: "48.90" },
      },
    });
    await shop.sell({ id: mug.id, priceMinor: 2_500n, version: 2 });
    expect((await shop.as(viewer)(CART, { country: "DE" })).data?.cart).toMatchObject({
      lines: [{ ...line, unitPrice: { amount: "25.00" } }],
      totals: { shipping: { amount: "0.00" }, total: { amount: "50.00" } },
    });
  });

  it("adds, replaces and removes lines, keeping their order and ids", async () => {
    const viewer = testViewer();
    const [mug, cup] = [await shop.sell(), await shop.sell()];
    await set(viewer, mug.id, 1);
    const both = await set(viewer, cup.id, 99);
    const replaced = await set(viewer, mug.id, 7);
    expect(replaced?.cart?.lines).toEqual([
      { quantity: 7, variant: { id: mug.id } },
      { quantity: 99, variant: { id: cup.id } },
    ]);
    expect(replaced?.cart?.id).toBe(both?.cart?.id);
    expect((await set(viewer, mug.id, 0))?.cart?.lines).toEqual([{ quantity: 99, variant: { id: cup.id } }]);
  });

  it("keeps listing what is no longer sold, which can then only be removed", async () => {
    const viewer = testViewer();
    const mug = await shop.sell();
    await set(viewer, mug.id, 1);
    await shop.sell({ id: mug.id, purchasable: false, version: 2 });
    expect((await shop.as(viewer)(CART)).data?.cart).toMatchObject({ lines: [{ purchasable: false, quantity: 1 }] });
    expect(await set(viewer, mug.id, 2)).toMatchObject({ cart: null, userErrors: [{ code: "VARIANT_UNAVAILABLE" }] });
    expect((await set(viewer, mug.id, 0))?.cart?.lines).toEqual([]);
  });

  it("holds at most 100 lines", async () => {
    const viewer = testViewer();
    const ids = await Promise.all(Array.from({ length: 101 }, async () => (await shop.sell()).id));
    for (const id of ids.slice(0, 100)) await set(viewer, id, 1);
    expect(await set(viewer, ids[100] ?? "", 1)).toMatchObject({ cart: null, userErrors: [{ code: "INVALID" }] });
    expect(await set(viewer, ids[0] ?? "", 2)).toMatchObject({ userErrors: [] });
  });

  it.each([-1, 100, 1_000_000_000, -2_147_483_648])("refuses the quantity %i and writes nothing", async (quantity) => {
    const viewer = testViewer();
    const mug = await shop.sell();
    const invalid = { cart: null, userErrors: [{ code: "INVALID", path: ["quantity"], variantId: null }] };
    expect(await set(viewer, mug.id, quantity)).toEqual(invalid);
    expect(await shop.sql`select 1 from carts where user_id = ${viewer.userId}`).toEqual([]);
  });

  it("cannot remove what is not in it", async () => {
    const mug = await shop.sell();
    const refused = { cart: null, userErrors: [{ code: "INVALID", path: ["quantity"] }] };
    expect(await set(testViewer(), mug.id, 0)).toMatchObject(refused);
    expect(await set(testViewer(), newId("var"), 0)).toMatchObject(refused);
  });

  it.each([
    ["an unknown variant", newId("var")],
    ["an id of another type", newId("prd")],
    ["an empty id", ""],
    ["an emoji", "🦊"],
    ["a NUL", "var_\u0000"],
  ])("refuses %s", async (_what, variantId) => {
    expect(await set(testViewer(), variantId, 1)).toEqual({
      cart: null,
      userErrors: [{ code: "VARIANT_UNAVAILABLE", path: ["variantId"], variantId }],
    });
  });

  it("does not send a megabyte back that is no id", async () => {
    expect(await set(testViewer(), "v".repeat(1_048_576), 1)).toMatchObject({ userErrors: [{ variantId: null }] });
  });

  it("refuses a variant in another currency than the shop's", async () => {
    const mug = await shop.sell({ currency: "USD" });
    expect(await set(testViewer(), mug.id, 1)).toMatchObject({ userErrors: [{ code: "VARIANT_UNAVAILABLE" }] });
  });

  it.each(["", "se", "SWE", "XX", "S\u0000"])("asks for a real country instead of %j", async (country) => {
    const { data, errors } = await shop.as(testViewer())(CART, { country });
    expect(data).toEqual({ cart: null });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "country" } }]);
  });

  it("is nothing for guests to change", async () => {
    const { data, errors } = await shop.as(null)(SET, { variantId: newId("var"), quantity: 1 });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("is one cart, also when its first lines are set at once", async () => {
    const viewer = testViewer();
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await shop.sell()).id));
    await Promise.all(ids.map((id) => set(viewer, id, 1)));
    const { data } = await shop.as(viewer)<CartAnswer>(CART);
    expect(data?.cart?.lines).toHaveLength(8);
  });
});

describe("the price projection", () => {
  it("drops what is older than what it knows, or the same", async () => {
    const mug = await shop.sell({ version: 3, priceMinor: 3_000n });
    await shop.sell({ id: mug.id, version: 2, priceMinor: 2_000n });
    await shop.sell({ id: mug.id, version: 3, priceMinor: 9_900n });
    expect(await shop.sql`select version, price_minor from variant_prices where variant_id = ${mug.id}`).toEqual([
      { version: 3, price_minor: "3000" },
    ]);
  });
});

describe("ProductVariant.shippingEstimate", () => {
  const ESTIMATE = `query ($representations: [_Any!]!, $country: String!) {
    _entities(representations: $representations) {
      ... on ProductVariant { id shippingEstimate(country: $country) { amount } }
    }
  }`;

  it.each([
    ["SE", { amount: "10.10" }],
    ["XX", null],
    ["constructor", null],
  ])("tells a guest what one piece costs to send to %s", async (country, shippingEstimate) => {
    const id = newId("var");
    const { data } = await shop.as(null)(ESTIMATE, {
      representations: [{ __typename: "ProductVariant", id, weightGrams: 1_500 }],
      country,
    });
    expect(data).toEqual({ _entities: [{ id, shippingEstimate }] });
  });
});
