import { money, paymentEvents, productEvents } from "@supergraph/contracts";
import { newId, silentLogger } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Checkouts, checkoutsOf } from "./testing/checkouts.ts";
import { openTestShop, type TestShop } from "./testing/shop.ts";

const MINUTE_MS = 60_000;

let shop: TestShop;
let checkouts: Checkouts;
const log = silentLogger();
const errors = vi.spyOn(log, "error");
beforeAll(async () => {
  shop = await openTestShop({ log });
  checkouts = checkoutsOf(shop);
});
afterAll(() => shop?.stop());
beforeEach(() => {
  shop.world.script = {};
});

afterEach(() => checkouts.endAll());

describe("a checkout", () => {
  it("ends PAID when goods and money are there, with every step in the timeline", async () => {
    const { viewer, orderId } = await checkouts.placed({});
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
    const { viewer, orderId } = await checkouts.placed({});
    await shop.untilStatus(orderId, "PAID");
    const reservationId = await checkouts.reservationOf(orderId);
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
    const { orderId } = await checkouts.placed({ commit: "silent" });
    await shop.untilState(orderId, "COMMITTING");
    expect(await shop.sql`select payment_method_token from sagas where order_id = ${orderId}`).toEqual([
      { payment_method_token: null },
    ]);
  });

  it("is cancelled when something is out of stock, and nobody is asked for money", async () => {
    const { orderId } = await checkouts.placed({ reserve: "rejected" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await checkouts.cancelReasonOf(orderId)).toBe("OUT_OF_STOCK");
    expect(shop.world.typesFor(orderId)).toEqual(["stock.reserve"]);
  });

  it.each(["declined", "failed"] as const)("releases the goods when the payment is %s", async (authorize) => {
    const { orderId } = await checkouts.placed({ authorize });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await checkouts.cancelReasonOf(orderId)).toBe("PAYMENT_DECLINED");
    expect(shop.world.typesFor(orderId)).toEqual(["stock.reserve", "payment.authorize", "stock.release"]);
  });

  it("is counted once by how it ended, whatever becomes of its order", async () => {
    const counted = async (): Promise<Record<string, number>> => {
      const text = await (await fetch(new URL("/metrics", shop.url))).text();
      const told = [...text.matchAll(/^supergraph_checkouts_total\{outcome="(\w+)"\} (\d+)$/gm)];
      return Object.fromEntries(told.map(([, outcome = "", count]) => [outcome, Number(count)]));
    };
    const before = await counted();
    const paid = await checkouts.placed({});
    await shop.untilStatus(paid.orderId, "PAID");
    const declined = await checkouts.placed({ authorize: "declined" });
    await shop.untilStatus(declined.orderId, "CANCELLED");
    // What is told is up to a second old.
    await eventually(async () =>
      expect(await counted()).toEqual({
        ...before,
        PAID: (before.PAID ?? 0) + 1,
        PAYMENT_DECLINED: (before.PAYMENT_DECLINED ?? 0) + 1,
      }),
    );
  });

  it("waits for the customer's confirmation where one is required", async () => {
    const { orderId } = await checkouts.placed({ authorize: "action_required" });
    await shop.untilState(orderId, "AWAITING_ACTION");
    await shop.world.tell(paymentEvents.paymentAuthorized, { paymentId: newId("pay"), orderId, amount: money(4_890n) });
    await shop.untilStatus(orderId, "PAID");
  });

  it("reserves again, once, when the hold ran out before it was committed", async () => {
    const { orderId } = await checkouts.placed({ commit: "expired" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await checkouts.cancelReasonOf(orderId)).toBe("TIMED_OUT");
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
    const { orderId } = await checkouts.placed({ capture: "failed" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await checkouts.cancelReasonOf(orderId)).toBe("PAYMENT_DECLINED");
    expect(shop.world.typesFor(orderId).slice(-2).sort()).toEqual(["payment.void", "stock.restock"]);
  });

  it("alerts people to a committed order whose payment could not be captured", async () => {
    errors.mockClear();
    const { orderId } = await checkouts.placed({ capture: "failed" });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(errors).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ orderId, alert: true }),
      expect.stringContaining("could not be captured"),
    );
  });

  it("ignores answers that come twice, under the same message id or another", async () => {
    const { orderId } = await checkouts.placed({ reserve: "silent" });
    const answer = {
      reservationId: await checkouts.reservationOf(orderId),
      orderId,
      expiresAt: new Date().toISOString(),
    };
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
    const { orderId } = await checkouts.placed({ reserve: "silent", undo: "silent" });
    shop.clock.advance(15 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLING");
    await checkouts.untilCommand(orderId, "stock.release");
    const reservationId = await checkouts.reservationOf(orderId);
    await shop.world.tell(productEvents.stockReleased, { reservationId, orderId, restocked: false });
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await checkouts.cancelReasonOf(orderId)).toBe("TIMED_OUT");
  });

  it("releases a reservation that is made after the order was cancelled", async () => {
    const { orderId } = await checkouts.placed({ reserve: "silent" });
    shop.clock.advance(15 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
    const reservationId = await checkouts.reservationOf(orderId);
    const expiresAt = new Date().toISOString();
    await shop.world.tell(productEvents.stockReserved, { reservationId, orderId, expiresAt });
    await checkouts.untilCommand(orderId, "stock.release", 2);
    await shop.untilStatus(orderId, "CANCELLED");
  });

  it("gives a payment up that the provider does not decide on, and voids it when it is authorised too late", async () => {
    const { orderId } = await checkouts.placed({ authorize: "silent" });
    await shop.untilState(orderId, "AUTHORIZING");
    shop.clock.advance(15 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
    expect(shop.world.typesFor(orderId).slice(-2).sort()).toEqual(["payment.void", "stock.release"]);
    await shop.world.tell(paymentEvents.paymentAuthorized, { paymentId: newId("pay"), orderId, amount: money(4_890n) });
    await checkouts.untilCommand(orderId, "payment.void", 2);
  });

  it("gives a payment up that the customer does not confirm for 10 minutes", async () => {
    const { orderId } = await checkouts.placed({ authorize: "action_required" });
    await shop.untilState(orderId, "AWAITING_ACTION");
    shop.clock.advance(10 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
    expect(await checkouts.cancelReasonOf(orderId)).toBe("TIMED_OUT");
  });

  it.each([
    ["stock.reserve", { reserve: "silent" }, "RESERVING"],
    ["payment.authorize", { authorize: "silent" }, "AUTHORIZING"],
    ["stock.commit", { commit: "silent" }, "COMMITTING"],
    ["payment.capture", { capture: "silent" }, "CAPTURING"],
  ] as const)("sends %s again, under another message id, and the order goes on", async (type, script, state) => {
    const { orderId } = await checkouts.placed(script);
    await shop.untilState(orderId, state);
    await checkouts.untilCommand(orderId, type);
    shop.world.script = {};
    shop.clock.advance(MINUTE_MS);
    await shop.untilStatus(orderId, "PAID");
    const sent = shop.world.commands.filter((command) => command.orderId === orderId && command.type === type);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
    expect(sent[1]?.data).toEqual(sent[0]?.data);
  });

  it("repeats what is to be undone until it is acknowledged", async () => {
    const { orderId } = await checkouts.placed({ authorize: "declined", undo: "silent" });
    await shop.untilStatus(orderId, "CANCELLING");
    for (const [minutes, count] of [
      [1, 2],
      [10, 3],
      [60, 4],
    ] as const) {
      shop.clock.advance(minutes * MINUTE_MS);
      await checkouts.untilCommand(orderId, "stock.release", count);
    }
    shop.world.script = {};
    shop.clock.advance(120 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
  });

  it("alerts people to a cancelled order whose goods are not back after 5 minutes, and asks for them still", async () => {
    const { orderId } = await checkouts.placed({ authorize: "declined", undo: "silent" });
    await shop.untilStatus(orderId, "CANCELLING");
    errors.mockClear();
    shop.clock.advance(4 * MINUTE_MS);
    await checkouts.untilCommand(orderId, "stock.release", 2);
    expect(errors).not.toHaveBeenCalled();
    shop.clock.advance(MINUTE_MS);
    await checkouts.untilCommand(orderId, "stock.release", 3);
    expect(errors).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ orderId, state: "COMPENSATING", undo: { RELEASE: "PENDING" }, alert: true }),
      expect.stringContaining("still waits for RELEASE"),
    );
    shop.clock.advance(60 * MINUTE_MS);
    await checkouts.untilCommand(orderId, "stock.release", 4);
    shop.world.script = {};
    shop.clock.advance(120 * MINUTE_MS);
    await shop.untilStatus(orderId, "CANCELLED");
  });
});
