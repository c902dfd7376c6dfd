import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestShop, type TestShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openTestShop();
});
afterAll(() => shop?.stop());
beforeEach(() => {
  shop.world.script = {};
});

describe("a checkout", () => {
  it("ends PAID when goods and money are there, with every step in the timeline and told to others", async () => {
    const { viewer, orderId } = await shop.placedOrder();
    await shop.untilStatus(orderId, "PAID");
    const { data } = await shop.as(viewer)(
      "query ($id: ID!) { order(id: $id) { status cancelReason timeline { status note } } }",
      { id: orderId },
    );
    expect(data).toEqual({
      order: {
        status: "PAID",
        cancelReason: null,
        timeline: ["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID"].map((status) => ({ status, note: null })),
      },
    });
    expect(shop.world.typesFor(orderId)).toEqual([
      "stock.reserve",
      "payment.authorize",
      "stock.commit",
      "payment.capture",
    ]);
  });
});
