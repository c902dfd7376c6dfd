import { newId } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_LOAD_LIMITS } from "./domain/intake.ts";
import { openTestShop, PLACE_ORDER, placeOrderInput, type TestShop } from "./testing/shop.ts";

/** Three messages an order. */
const MAX_DEPTH = 12;
const MAX_PLACING = 20;

let shop: TestShop;
beforeAll(async () => {
  const loadLimits = { ...DEFAULT_LOAD_LIMITS, outbox_depth: MAX_DEPTH, placing: MAX_PLACING, event_loop: 1e9 };
  shop = await openTestShop({ config: { loadLimits, loadSampleMs: 20 } });
});
afterAll(() => shop?.stop());
afterEach(() => {
  shop.setPublishing(true);
  shop.world.script = {};
});

interface Answer {
  placeOrder: { order: { id: string } | null; userErrors: { code: string; retryAfterMs: number | null }[] };
}

const SET = "mutation ($id: ID!) { cartSetLine(variantId: $id, quantity: 2) { userErrors { code } } }";

const SET_LINE = `mutation ($id: ID!) {
  cartSetLine(variantId: $id, quantity: 1) { cart { id } userErrors { code path retryAfterMs } }
}`;

const BUY = `mutation ($id: ID!, $input: PlaceOrderInput!) {
  cartSetLine(variantId: $id, quantity: 1) { cart { id } userErrors { code path retryAfterMs } }
  placeOrder(input: $input) { order { id } userErrors { code } }
}`;

interface BuyAnswer {
  cartSetLine: { userErrors: unknown[] };
  placeOrder: unknown;
}

/** Lets nobody write to the carts until what it answers is called. */
const holdCarts = () =>
  new Promise<() => Promise<void>>((held, failed) => {
    const transaction = shop.sql.begin(async (tx) => {
      await tx`lock table carts in exclusive mode`;
      await new Promise<void>((letGo) => {
        held(async () => {
          letGo();
          await transaction;
        });
      });
    });
    transaction.catch(failed);
  });

const withMugs = async () => {
  const viewer = testViewer();
  const { id } = await shop.sell();
  await shop.as(viewer)(SET, { id });
  return viewer;
};

const place = async (viewer: ReturnType<typeof testViewer>, idempotencyKey = newId("key"), expectedTotal = "48.90") => {
  const { data } = await shop.as(viewer)<Answer>(PLACE_ORDER, {
    input: placeOrderInput({ idempotencyKey, expectedTotal }),
  });
  return data?.placeOrder;
};

const depth = async () => (await shop.sql`select 1 from outbox where published_at is null`).length;

/** Takes the broker away, and places orders until one is refused; answers the refusal, and the order that was taken first. */
const fill = async () => {
  const first = { viewer: await withMugs(), key: newId("key") };
  let placed: Answer["placeOrder"] | undefined;
  // The test before may have left it closed.
  await eventually(async () => {
    placed = await place(first.viewer, first.key);
    expect(placed?.userErrors).toEqual([]);
  });
  shop.setPublishing(false);
  let refused: Answer["placeOrder"] | undefined;
  await eventually(async () => {
    refused = await place(await withMugs());
    expect(refused?.order).toBeNull();
  });
  return { ...first, orderId: placed?.order?.id, refused };
};

describe("placeOrder while nothing can be published", () => {
  it("takes orders up to the limit, then refuses with a time to come back, and takes them again by itself", async () => {
    const { refused } = await fill();
    expect(await depth()).toBeGreaterThanOrEqual(MAX_DEPTH);
    expect(refused).toEqual({
      order: null,
      userErrors: [expect.objectContaining({ code: "OVERLOADED", path: null, retryAfterMs: expect.any(Number) })],
    });
    shop.setPublishing(true);
    const viewer = await withMugs();
    await eventually(async () => expect(await place(viewer)).toMatchObject({ userErrors: [] }));
  });

  it("answers the repeat of a request that took effect with its order, and refuses its key for another", async () => {
    const { viewer, key, orderId } = await fill();
    expect(await place(viewer, key)).toMatchObject({ order: { id: orderId }, userErrors: [] });
    expect(await place(viewer, key, "1.00")).toMatchObject({
      order: null,
      userErrors: [{ code: "IDEMPOTENCY_MISMATCH", retryAfterMs: null }],
    });
  });

  it("keeps the cart of who was refused, and leaves the key unused", async () => {
    await fill();
    const viewer = await withMugs();
    const key = newId("key");
    expect(await place(viewer, key)).toMatchObject({ userErrors: [{ code: "OVERLOADED" }] });
    shop.setPublishing(true);
    await eventually(async () => expect(await place(viewer, key)).toMatchObject({ userErrors: [] }));
  });

  it("tells first of a request that could never be taken", async () => {
    await fill();
    expect(await place(await withMugs(), "")).toMatchObject({ userErrors: [{ code: "INVALID", retryAfterMs: null }] });
  });
});

describe("cartSetLine while this process has too much to do", () => {
  it("is refused with a time to come back, as is the order in the same request, and leaves the cart as it was", async () => {
    const { id } = await shop.sell();
    // The tests before may have left it closed to orders, which is nothing to carts.
    const release = await holdCarts();
    const REFUSED = 5;
    const refused: ReturnType<typeof testViewer>[] = [];
    const filling = Array.from({ length: MAX_PLACING / 2 + REFUSED }, async () => {
      const viewer = testViewer();
      const { data } = await shop.as(viewer)<BuyAnswer>(BUY, {
        id,
        input: placeOrderInput({ expectedTotal: "24.00" }),
      });
      if (data?.cartSetLine.userErrors.length === 0) return;
      expect(data?.placeOrder).toMatchObject({ order: null, userErrors: [{ code: "OVERLOADED" }] });
      refused.push(viewer);
      expect(data?.cartSetLine).toEqual({
        cart: null,
        userErrors: [{ code: "OVERLOADED", path: null, retryAfterMs: expect.any(Number) }],
      });
    });
    const isFilled = Promise.all(filling);
    isFilled.catch(() => undefined);
    try {
      // While all connections are taken by those who were let in.
      await eventually(() => expect(refused).toHaveLength(REFUSED));
    } finally {
      await release();
    }
    await isFilled;
    expect(refused).toHaveLength(REFUSED);
    for (const viewer of refused) {
      expect((await shop.as(viewer)("{ cart { lines { quantity } } }")).data).toEqual({ cart: { lines: [] } });
      expect((await shop.as(viewer)(SET_LINE, { id })).data).toMatchObject({ cartSetLine: { userErrors: [] } });
    }
  });
});

describe("placeOrder while products and payments are away", () => {
  it("refuses nobody, however many wait for an answer", async () => {
    shop.world.script = { reserve: "silent" };
    const orders: (string | undefined)[] = [];
    for (let n = 0; n < 2 * MAX_DEPTH; n += 1)
      await eventually(async () => {
        const placed = await place(await withMugs());
        expect(placed?.userErrors).toEqual([]);
        orders.push(placed?.order?.id);
      });
    await eventually(async () => expect(await depth()).toBe(0));
    const waiting = await shop.sql<{ id: string }[]>`select order_id as id from sagas where state = 'RESERVING'`;
    expect(waiting.map(({ id }) => id)).toEqual(expect.arrayContaining(orders));
  });
});
