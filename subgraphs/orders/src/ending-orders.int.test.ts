import { money, paymentEvents, productEvents } from "@supergraph/contracts";
import { newId } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Checkouts, checkoutsOf } from "./testing/checkouts.ts";
import { CANCEL_ORDER, openTestShop, type TestShop } from "./testing/shop.ts";

let shop: TestShop;
let checkouts: Checkouts;
beforeAll(async () => {
  shop = await openTestShop();
  checkouts = checkoutsOf(shop);
});
afterAll(() => shop?.stop());
afterEach(() => checkouts.endAll());

describe("cancelOrder", () => {
  const cancel = (viewer: Parameters<TestShop["as"]>[0], input: Record<string, unknown>) =>
    shop.as(viewer)<{ cancelOrder: { order: Record<string, unknown> | null; userErrors: { code: string }[] } }>(
      CANCEL_ORDER,
      { input: { idempotencyKey: newId("key"), ...input } },
    );

  it.each([
    ["RESERVING", { reserve: "silent" }, ["stock.release"]],
    ["AUTHORIZING", { authorize: "silent" }, ["payment.void", "stock.release"]],
    ["AWAITING_ACTION", { authorize: "action_required" }, ["payment.void", "stock.release"]],
    ["DONE", {}, ["payment.refund", "stock.restock"]],
  ] as const)("undoes what was done by %s", async (state, script, undone) => {
    const { viewer, orderId } = await checkouts.placed(script);
    await shop.untilState(orderId, state);
    const { data } = await cancel(viewer, { id: orderId, note: "Changed my mind 🙈" });
    expect(data?.cancelOrder).toEqual({
      order: { id: orderId, status: "CANCELLING", cancelReason: "CUSTOMER" },
      userErrors: [],
    });
    await shop.untilStatus(orderId, "CANCELLED");
    // What was sent before may arrive after the cancellation: only what undoes is looked at.
    const undoing = shop.world.typesFor(orderId).filter((type) => /release|restock|void|refund/.test(type));
    expect(undoing.sort()).toEqual(undone);
    expect(
      await shop.sql`select status, note from order_events where order_id = ${orderId} order by version desc limit 2`,
    ).toEqual([
      { status: "CANCELLED", note: null },
      { status: "CANCELLING", note: "Changed my mind 🙈" },
    ]);
  });

  it("waits in COMMITTING for the answer that tells whether there is something to restock", async () => {
    const { viewer, orderId } = await checkouts.placed({ commit: "silent" });
    await shop.untilState(orderId, "COMMITTING");
    await cancel(viewer, { id: orderId });
    await checkouts.untilCommand(orderId, "payment.void");
    expect(shop.world.typesFor(orderId)).not.toContain("stock.restock");
    await shop.world.tell(productEvents.stockCommitted, {
      reservationId: await checkouts.reservationOf(orderId),
      orderId,
    });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId)).toContain("stock.restock");
  });

  it("waits in CAPTURING for the answer that tells whether there is something to refund", async () => {
    const { viewer, orderId } = await checkouts.placed({ capture: "silent" });
    await shop.untilState(orderId, "CAPTURING");
    await cancel(viewer, { id: orderId });
    await checkouts.untilCommand(orderId, "stock.restock");
    await shop.world.tell(paymentEvents.paymentCaptured, { paymentId: newId("pay"), orderId, amount: money(4_890n) });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId)).toContain("payment.refund");
  });

  it("answers the order again under the same key, also when raced, and refuses the key for something else", async () => {
    const { viewer, orderId } = await checkouts.placed({});
    await shop.untilStatus(orderId, "PAID");
    const key = newId("key");
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => cancel(viewer, { id: orderId, idempotencyKey: key })),
    );
    for (const { data } of answers) expect(data?.cancelOrder).toMatchObject({ order: { id: orderId }, userErrors: [] });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId).filter((type) => type === "payment.refund")).toHaveLength(1);
    const other = await cancel(viewer, { id: orderId, idempotencyKey: key, note: "another request" });
    expect(other.data?.cancelOrder).toMatchObject({ order: null, userErrors: [{ code: "IDEMPOTENCY_MISMATCH" }] });
    const again = await cancel(viewer, { id: orderId });
    expect(again.data?.cancelOrder).toMatchObject({ order: null, userErrors: [{ code: "NOT_CANCELLABLE" }] });
  });

  it("is the staff's too, for anybody's order", async () => {
    const { orderId } = await checkouts.placed({});
    await shop.untilStatus(orderId, "PAID");
    const { data } = await cancel(testViewer({ roles: ["SUPPORT"] }), { id: orderId });
    expect(data?.cancelOrder).toMatchObject({ order: { cancelReason: "ADMIN" }, userErrors: [] });
  });

  it.each([
    ["somebody else's order", async () => ({ id: (await checkouts.placed({})).orderId }), "NOT_FOUND"],
    ["an order that does not exist", async () => ({ id: newId("ord") }), "NOT_FOUND"],
    ["an id of another type", async () => ({ id: newId("var") }), "NOT_FOUND"],
    ["an id with a NUL", async () => ({ id: "ord_\u0000" }), "NOT_FOUND"],
    ["a note that is too long", async () => ({ id: newId("ord"), note: "x".repeat(501) }), "INVALID"],
    ["a key of a megabyte", async () => ({ id: newId("ord"), idempotencyKey: "k".repeat(1_048_576) }), "INVALID"],
    ["a key with a NUL", async () => ({ id: newId("ord"), idempotencyKey: "a\u0000b" }), "INVALID"],
  ] as const)("refuses %s", async (_what, input, code) => {
    const { data, errors } = await cancel(testViewer(), await input());
    expect(errors).toBeUndefined();
    expect(data?.cancelOrder).toMatchObject({ order: null, userErrors: [{ code }] });
  });
});

describe("shipOrder", () => {
  const SHIP = `mutation ($id: ID!, $trackingNumber: String!) {
    shipOrder(id: $id, trackingNumber: $trackingNumber) {
      order { id status trackingNumber timeline { status } }
      userErrors { code path }
    }
  }`;
  const support = testViewer({ roles: ["SUPPORT"] });

  it("ships a paid order, answers the same parcel again, and cannot be cancelled after that", async () => {
    const { viewer, orderId } = await checkouts.placed({});
    await shop.untilStatus(orderId, "PAID");
    for (const round of [1, 2]) {
      const { data } = await shop.as(support)(SHIP, { id: orderId, trackingNumber: " SE-123 " });
      expect({ round, data }).toMatchObject({
        data: { shipOrder: { order: { status: "SHIPPED", trackingNumber: "SE-123" }, userErrors: [] } },
      });
    }
    const other = await shop.as(support)(SHIP, { id: orderId, trackingNumber: "SE-124" });
    expect(other.data).toEqual({ shipOrder: { order: null, userErrors: [{ code: "INVALID", path: ["id"] }] } });
    const cancelled = await shop.as(viewer)(CANCEL_ORDER, { input: { id: orderId, idempotencyKey: "late" } });
    expect(cancelled.data).toMatchObject({ cancelOrder: { order: null, userErrors: [{ code: "NOT_CANCELLABLE" }] } });
    await eventually(() => {
      expect(shop.world.events).toContainEqual(
        expect.objectContaining({ type: "order.shipped", orderId, id: `shipped:${orderId}` }),
      );
    });
  });

  it("and cancelOrder at once: exactly one of them happens", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { viewer, orderId } = await checkouts.placed({});
      await shop.untilStatus(orderId, "PAID");
      const answers = await Promise.all([
        shop.as(support)<Record<string, { userErrors: unknown[] }>>(SHIP, { id: orderId, trackingNumber: "SE-1" }),
        shop.as(viewer)<Record<string, { userErrors: unknown[] }>>(CANCEL_ORDER, {
          input: { id: orderId, idempotencyKey: newId("key") },
        }),
      ]);
      const refusals = answers.flatMap(({ data }) => Object.values(data ?? {}).flatMap(({ userErrors }) => userErrors));
      expect(refusals).toHaveLength(1);
    }
  });

  it("refuses an order that is not paid, and a tracking number that cannot be one", async () => {
    const { orderId } = await checkouts.placed({ reserve: "silent" });
    for (const [id, trackingNumber, userError] of [
      [orderId, "SE-1", { code: "INVALID", path: ["id"] }],
      [orderId, " ", { code: "INVALID", path: ["trackingNumber"] }],
      [orderId, "x".repeat(101), { code: "INVALID", path: ["trackingNumber"] }],
      [orderId, "a\u0000b", { code: "INVALID", path: ["trackingNumber"] }],
      [newId("ord"), "SE-1", { code: "NOT_FOUND", path: ["id"] }],
      ["nothing like an id", "SE-1", { code: "NOT_FOUND", path: ["id"] }],
    ] as const) {
      const { data } = await shop.as(support)(SHIP, { id, trackingNumber });
      expect(data).toEqual({ shipOrder: { order: null, userErrors: [userError] } });
    }
  });

  it("is not for customers, not even for their own orders", async () => {
    const { viewer, orderId } = await checkouts.placed({ reserve: "silent" });
    const { errors } = await shop.as(viewer)(SHIP, { id: orderId, trackingNumber: "SE-1" });
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});
