import { orderEvents } from "@supergraph/contracts";
import { newId } from "@supergraph/service";
import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCatalogue, aProduct, aVariant } from "./testing/catalogue.ts";
import { codesOf, dataOf, type Shop, startShop } from "./testing/shop.ts";

const counted = aVariant({ onHand: 10 });
const raced = aVariant({ onHand: 0 });
const product = aProduct({ variants: [counted, raced] });

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ products: [product] }));
});
afterAll(() => shop.stop());

const ADJUST = `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) {
  variant { id availability availableQuantity } userErrors { code path message }
} }`;

interface Adjusted {
  readonly variant: { readonly availableQuantity: number } | null;
  readonly userErrors: readonly {
    readonly code: string;
    readonly path: readonly string[] | null;
    readonly message: string;
  }[];
}

const adjust = async (input: object, who = shop.admin): Promise<Adjusted> => {
  const whole = { variantId: counted.id, delta: 1, reason: "Stocktaking", idempotencyKey: newId("key"), ...input };
  return (await dataOf<{ adjustStock: Adjusted }>(who(ADJUST, { input: whole }))).adjustStock;
};

describe("adjusting stock", () => {
  it("changes what can be had, and keeps who did it and why", async () => {
    const viewer = testViewer({ roles: ["ADMIN"] });
    const idempotencyKey = newId("key");
    expect(await adjust({ delta: -7, reason: "Broken 💥", idempotencyKey }, shop.as(viewer))).toMatchObject({
      variant: { id: counted.id, availability: "LOW_STOCK", availableQuantity: 3 },
      userErrors: [],
    });
    expect(await adjust({ delta: 7 })).toMatchObject({ variant: { availability: "IN_STOCK", availableQuantity: 10 } });
    const rows = await shop.sql`select variant_id, delta, reason, on_hand_after, adjusted_by from stock_adjustments
      where idempotency_key = ${idempotencyKey}`;
    expect([...rows]).toEqual([
      { variant_id: counted.id, delta: -7, reason: "Broken 💥", on_hand_after: 3, adjusted_by: viewer.userId },
    ]);
  });

  it("twice in one request shows each result as it was then", async () => {
    const input = (delta: number) =>
      `input: { variantId: "${counted.id}", delta: ${delta}, reason: "x", idempotencyKey: "${newId("key")}" }`;
    const query = `mutation {
      up: adjustStock(${input(5)}) { variant { availableQuantity } }
      down: adjustStock(${input(-5)}) { variant { availableQuantity } }
    }`;
    expect(await dataOf(shop.admin(query))).toEqual({
      up: { variant: { availableQuantity: 15 } },
      down: { variant: { availableQuantity: 10 } },
    });
  });

  it("leaves what is reserved for orders", async () => {
    const reservation = { reservationId: newId("rsv"), orderId: newId("ord") };
    const expiresAt = new Date(shop.clock.now().getTime() + 60_000).toISOString();
    await shop.command(orderEvents.reserveStock, {
      ...reservation,
      lines: [{ variantId: counted.id, quantity: 4 }],
      expiresAt,
    });
    expect(await adjust({ delta: -7 })).toMatchObject({
      variant: null,
      userErrors: [{ code: "NEGATIVE_STOCK", path: ["input", "delta"] }],
    });
    expect(await adjust({ delta: -6 })).toMatchObject({ variant: { availableQuantity: 0 } });
    await shop.command(orderEvents.releaseStock, reservation);
    expect(await adjust({ delta: 6 })).toMatchObject({ variant: { availableQuantity: 10 } });
    expect(await shop.stockOf(counted.id)).toEqual({ onHand: 10, reserved: 0 });
  });

  it.each([
    ["nothing", { delta: 0 }, "INVALID", ["input", "delta"]],
    ["too many", { delta: 1_000_001 }, "INVALID", ["input", "delta"]],
    ["too few", { delta: -2_147_483_648 }, "INVALID", ["input", "delta"]],
    ["more than there are", { delta: -11 }, "NEGATIVE_STOCK", ["input", "delta"]],
    ["an unknown variant", { variantId: newId("var") }, "NOT_FOUND", ["input", "variantId"]],
    ["an id of another type", { variantId: product.id }, "NOT_FOUND", ["input", "variantId"]],
    ["no reason", { reason: " " }, "INVALID", ["input", "reason"]],
    ["a reason that is too long", { reason: "a".repeat(501) }, "INVALID", ["input", "reason"]],
    ["a NUL", { reason: "a\0" }, "INVALID", ["input", "reason"]],
    ["an empty key", { idempotencyKey: "" }, "INVALID", ["input", "idempotencyKey"]],
    ["a key that is too long", { idempotencyKey: "k".repeat(201) }, "INVALID", ["input", "idempotencyKey"]],
  ])("is refused for %s", async (_, input, code, path) => {
    expect(await adjust(input)).toMatchObject({ variant: null, userErrors: [{ code, path }] });
    expect(await shop.stockOf(counted.id)).toEqual({ onHand: 10, reserved: 0 });
  });

  it("happens once for a key, however often and however much at once it is asked for", async () => {
    const input = { variantId: raced.id, delta: 3, idempotencyKey: newId("key") };
    const results = await Promise.all(Array.from({ length: 10 }, () => adjust(input)));
    expect(results).toEqual(Array(10).fill(results[0]));
    expect(results[0]).toMatchObject({ variant: { availableQuantity: 3 }, userErrors: [] });
    expect(await adjust(input)).toEqual(results[0]);
    expect(await shop.stockOf(raced.id)).toEqual({ onHand: 3, reserved: 0 });
  });

  it("is refused for a key that was used for another change", async () => {
    const idempotencyKey = newId("key");
    await adjust({ variantId: raced.id, delta: 1, idempotencyKey });
    const { onHand } = await shop.stockOf(raced.id);
    for (const another of [{ delta: 2 }, { reason: "Other" }, { variantId: counted.id }]) {
      const { variant, userErrors } = await adjust({ variantId: raced.id, delta: 1, idempotencyKey, ...another });
      expect(variant).toBeNull();
      expect(userErrors).toMatchObject([{ code: "INVALID", path: ["input", "idempotencyKey"] }]);
      expect(userErrors[0]?.message).toContain("used before for another request");
    }
    expect((await shop.stockOf(raced.id)).onHand).toBe(onHand);
  });

  it("may use a key again whose change was refused, and the key that somebody else has used", async () => {
    const idempotencyKey = newId("key");
    const input = { variantId: raced.id, idempotencyKey };
    expect((await adjust({ ...input, delta: -1_000 })).userErrors).toMatchObject([{ code: "NEGATIVE_STOCK" }]);
    expect((await adjust({ ...input, delta: 1 })).userErrors).toEqual([]);
    const somebodyElse = shop.as(testViewer({ roles: ["ADMIN"] }));
    expect((await adjust({ ...input, delta: 5 }, somebodyElse)).userErrors).toEqual([]);
  });

  it("is for who may write the stock", async () => {
    const input = { variantId: counted.id, delta: 1, reason: "x", idempotencyKey: "k" };
    expect(await codesOf(shop.guest(ADJUST, { input }))).toEqual(["UNAUTHENTICATED"]);
    expect(await codesOf(shop.customer(ADJUST, { input }))).toEqual(["FORBIDDEN"]);
    expect(await codesOf(shop.support(ADJUST, { input }))).toEqual(["FORBIDDEN"]);
    expect(await shop.stockOf(counted.id)).toEqual({ onHand: 10, reserved: 0 });
  });
});
