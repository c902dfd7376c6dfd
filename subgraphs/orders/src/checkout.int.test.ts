import { money, paymentEvents, productEvents } from "@supergraph/contracts";
import { newId, silentLogger } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { CANCEL_ORDER, openTestShop, type TestShop } from "./testing/shop.ts";
import type { Script } from "./testing/world.ts";

const MINUTE_MS = 60_000;

let shop: TestShop;
const log = silentLogger();
const errors = vi.spyOn(log, "error");
beforeAll(async () => {
  shop = await openTestShop({ log });
});
afterAll(() => shop?.stop());
beforeEach(() => {
  shop.world.script = {};
});

/** No order is left under way: the next test's clock must not wake it. */
afterEach(async () => {
  shop.world.script = {};
  await shop.sql`update sagas set state = 'CANCELLED', deadline_at = null, payment_method_token = null
    where deadline_at is not null`;
});

const placed = async (script: Script) => {
  shop.world.script = script;
  return shop.placedOrder();
};

const reservationOf = async (orderId: string): Promise<string> => {
  const [row] = await shop.sql<{ id: string }[]>`select reservation_id as id from sagas where order_id = ${orderId}`;
  return row?.id ?? "";
};

const cancelReasonOf = async (orderId: string): Promise<unknown> => {
  const [row] = await shop.sql<{ reason: string }[]>`select cancel_reason as reason from orders where id = ${orderId}`;
  return row?.reason;
};

const untilCommand = (orderId: string, type: string, count = 1) =>
  eventually(() => {
    expect(shop.world.typesFor(orderId).filter((sent) => sent === type)).toHaveLength(count);
  });

describe("a checkout", () => {
  it("ends PAID when goods and money are there, with every step in the timeline", async () => {
    const { viewer, orderId } = await placed({});
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

  it("sends commands whose ids follow from the business fact, and tells others of every status", async () => {
    const { viewer, orderId } = await placed({});
    await shop.untilStatus(orderId, "PAID");
    const reservationId = await reservationOf(orderId);
    await eventually(() => {
      expect(
        shop.world.events
          .filter((event) => event.orderId === orderId)
          .map(({ type, data }) => [type, data.version, data.status]),
      ).toEqual(
        expect.arrayContaining([
          ["order.placed", 1, undefined],
          ["order.status_changed", 1, "PENDING"],
          ["order.status_changed", 2, "AWAITING_PAYMENT"],
          ["order.confirmed", 4, undefined],
          ["order.status_changed", 4, "CONFIRMED"],
          ["order.paid", 5, undefined],
          ["order.status_changed", 5, "PAID"],
        ]),
      );
    });
    const commands = shop.world.commands.filter((command) => command.orderId === orderId);
    expect(commands.map(({ id }) => id)).toEqual([
      `reserve:${reservationId}`,
      `authorize:${orderId}`,
      `commit:${reservationId}`,
      `capture:${orderId}`,
    ]);
    expect(commands[1]?.data).toMatchObject({
      customerId: viewer.userId,
      amount: money(4_890n),
      paymentMethodToken: "tok_approve",
    });
  });

  it("forgets the payment method once the payment is decided on", async () => {
    const { orderId } = await placed({ commit: "silent" });
    await shop.untilState(orderId, "COMMITTING");
    expect(await shop.sql`select payment_method_token from sagas where order_id = ${orderId}`).toEqual([
      { payment_method_token: null },
    ]);
  });

  it("is cancelled when something is out of stock, and nobody is asked for money", async () => {
    const { orderId } = await placed({ reserve: "rejected" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await cancelReasonOf(orderId)).toBe("OUT_OF_STOCK");
    expect(shop.world.typesFor(orderId)).toEqual(["stock.reserve"]);
  });

  it.each(["declined", "failed"] as const)("releases the goods when the payment is %s", async (authorize) => {
    const { orderId } = await placed({ authorize });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await cancelReasonOf(orderId)).toBe("PAYMENT_DECLINED");
    expect(shop.world.typesFor(orderId)).toEqual(["stock.reserve", "payment.authorize", "stock.release"]);
  });

  it("waits for the customer's confirmation where one is required", async () => {
    const { orderId } = await placed({ authorize: "action_required" });
    await shop.untilState(orderId, "AWAITING_ACTION");
    await shop.world.tell(paymentEvents.paymentAuthorized, { paymentId: newId("pay"), orderId, amount: money(4_890n) });
    await shop.untilStatus(orderId, "PAID");
  });

  it("reserves again, once, when the hold ran out before it was committed", async () => {
    const { orderId } = await placed({ commit: "expired" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await cancelReasonOf(orderId)).toBe("TIMED_OUT");
    expect(shop.world.typesFor(orderId)).toEqual([
      "stock.reserve",
      "payment.authorize",
      "stock.commit",
      "stock.reserve",
      "stock.commit",
      "payment.void",
    ]);
  });

  it("puts the goods back when the payment cannot be captured after all", async () => {
    const { orderId } = await placed({ capture: "failed" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await cancelReasonOf(orderId)).toBe("PAYMENT_DECLINED");
    expect(shop.world.typesFor(orderId).slice(-2).sort()).toEqual(["payment.void", "stock.restock"]);
  });

  it("alerts people to a committed order whose payment could not be captured", async () => {
    errors.mockClear();
    const { orderId } = await placed({ capture: "failed" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(errors).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ orderId, alert: true }),
      expect.stringContaining("could not be captured"),
    );
  });

  it("ignores answers that come twice, under the same message id or another", async () => {
    const { orderId } = await placed({ reserve: "silent" });
    const answer = { reservationId: await reservationOf(orderId), orderId, expiresAt: new Date().toISOString() };
    await shop.world.tell(productEvents.stockReserved, answer, `reserved:${orderId}`);
    await shop.world.tell(productEvents.stockReserved, answer, `reserved:${orderId}`);
    await shop.world.tell(productEvents.stockReserved, answer);
    await shop.untilStatus(orderId, "PAID");
    expect(shop.world.typesFor(orderId).filter((type) => type === "payment.authorize")).toHaveLength(1);
  });

  it("takes no notice of orders that it does not know", async () => {
    await expect(
      shop.world.tell(paymentEvents.paymentVoided, { paymentId: null, orderId: newId("ord") }),
    ).resolves.toBeUndefined();
    expect(await shop.world.bus.deadLetters()).toEqual([]);
  });
});

describe("a deadline", () => {
  it("cancels an order whose stock does not answer for 15 minutes, once its release is acknowledged", async () => {
    const { orderId } = await placed({ reserve: "silent", undo: "silent" });
    shop.clock.advance(15 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLING");
    await untilCommand(orderId, "stock.release");
    const reservationId = await reservationOf(orderId);
    await shop.world.tell(productEvents.stockReleased, { reservationId, orderId, restocked: false });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await cancelReasonOf(orderId)).toBe("TIMED_OUT");
  });

  it("releases a reservation that is made after the order was cancelled", async () => {
    const { orderId } = await placed({ reserve: "silent" });
    shop.clock.advance(15 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
    const reservationId = await reservationOf(orderId);
    const expiresAt = new Date().toISOString();
    await shop.world.tell(productEvents.stockReserved, { reservationId, orderId, expiresAt });
    await untilCommand(orderId, "stock.release", 2);
    await shop.untilStatus(orderId, "CANCELLED");
  });

  it("gives a payment up that the provider does not decide on, and voids it when it is authorised too late", async () => {
    const { orderId } = await placed({ authorize: "silent" });
    await shop.untilState(orderId, "AUTHORIZING");
    shop.clock.advance(15 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId).slice(-2).sort()).toEqual(["payment.void", "stock.release"]);
    await shop.world.tell(paymentEvents.paymentAuthorized, { paymentId: newId("pay"), orderId, amount: money(4_890n) });
    await untilCommand(orderId, "payment.void", 2);
  });

  it("gives a payment up that the customer does not confirm for 10 minutes", async () => {
    const { orderId } = await placed({ authorize: "action_required" });
    await shop.untilState(orderId, "AWAITING_ACTION");
    shop.clock.advance(10 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await cancelReasonOf(orderId)).toBe("TIMED_OUT");
  });

  it.each([
    ["stock.reserve", { reserve: "silent" }, "RESERVING"],
    ["payment.authorize", { authorize: "silent" }, "AUTHORIZING"],
    ["stock.commit", { commit: "silent" }, "COMMITTING"],
    ["payment.capture", { capture: "silent" }, "CAPTURING"],
  ] as const)("sends %s again, under another message id, and the order goes on", async (type, script, state) => {
    const { orderId } = await placed(script);
    await shop.untilState(orderId, state);
    await untilCommand(orderId, type);
    shop.world.script = {};
    shop.clock.advance(MINUTE_MS);
    await shop.untilStatus(orderId, "PAID");
    const sent = shop.world.commands.filter((command) => command.orderId === orderId && command.type === type);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
    expect(sent[1]?.data).toEqual(sent[0]?.data);
  });

  it("repeats what is to be undone until it is acknowledged", async () => {
    const { orderId } = await placed({ authorize: "declined", undo: "silent" });
    await shop.untilStatus(orderId, "CANCELLING");
    for (const [minutes, count] of [
      [1, 2],
      [10, 3],
      [60, 4],
    ] as const) {
      shop.clock.advance(minutes * MINUTE_MS);
      await untilCommand(orderId, "stock.release", count);
    }
    shop.world.script = {};
    shop.clock.advance(120 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
  });
});

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
    const { viewer, orderId } = await placed(script);
    await shop.untilState(orderId, state);
    const before = shop.world.typesFor(orderId).length;
    const { data } = await cancel(viewer, { id: orderId, note: "Changed my mind 🙈" });
    expect(data?.cancelOrder).toEqual({
      order: { id: orderId, status: "CANCELLING", cancelReason: "CUSTOMER" },
      userErrors: [],
    });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId).slice(before).sort()).toEqual(undone);
    expect(
      await shop.sql`select status, note from order_events where order_id = ${orderId} order by version desc limit 2`,
    ).toEqual([
      { status: "CANCELLED", note: null },
      { status: "CANCELLING", note: "Changed my mind 🙈" },
    ]);
  });

  it("waits in COMMITTING for the answer that tells whether there is something to restock", async () => {
    const { viewer, orderId } = await placed({ commit: "silent" });
    await shop.untilState(orderId, "COMMITTING");
    await cancel(viewer, { id: orderId });
    await untilCommand(orderId, "payment.void");
    expect(shop.world.typesFor(orderId)).not.toContain("stock.restock");
    await shop.world.tell(productEvents.stockCommitted, { reservationId: await reservationOf(orderId), orderId });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId)).toContain("stock.restock");
  });

  it("waits in CAPTURING for the answer that tells whether there is something to refund", async () => {
    const { viewer, orderId } = await placed({ capture: "silent" });
    await shop.untilState(orderId, "CAPTURING");
    await cancel(viewer, { id: orderId });
    await untilCommand(orderId, "stock.restock");
    await shop.world.tell(paymentEvents.paymentCaptured, { paymentId: newId("pay"), orderId, amount: money(4_890n) });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId)).toContain("payment.refund");
  });

  it("answers the order again under the same key, also when raced, and refuses the key for something else", async () => {
    const { viewer, orderId } = await placed({});
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
    const { orderId } = await placed({});
    await shop.untilStatus(orderId, "PAID");
    const { data } = await cancel(testViewer({ roles: ["SUPPORT"] }), { id: orderId });
    expect(data?.cancelOrder).toMatchObject({ order: { cancelReason: "ADMIN" }, userErrors: [] });
  });

  it.each([
    ["somebody else's order", async () => ({ id: (await placed({})).orderId }), "NOT_FOUND"],
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
    const { viewer, orderId } = await placed({});
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
      const { viewer, orderId } = await placed({});
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
    const { orderId } = await placed({ reserve: "silent" });
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
    const { viewer, orderId } = await placed({ reserve: "silent" });
    const { errors } = await shop.as(viewer)(SHIP, { id: orderId, trackingNumber: "SE-1" });
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});
