import { money, orderEvents, paymentEvents } from "@supergraph/contracts";
import { newId } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestShop, type TestShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await openTestShop();
});
afterAll(() => shop?.stop());

let client: AbortController;
beforeEach(() => {
  client = new AbortController();
  shop.world.script = {};
});
afterEach(() => client.abort());

const WATCH = `subscription ($id: ID!) {
  orderStatusChanged(orderId: $id) { id status timeline { status } lines { variant { sku } } }
}`;

interface Received {
  readonly event: string;
  readonly data: {
    data?: { orderStatusChanged: { status: string; timeline: { status: string }[] } } | null;
    errors?: { extensions: { code: string } }[];
  } | null;
}

/** Collects server-sent events as they come. `ended` once the server closed the stream. */
const watch = async (viewer: Parameters<TestShop["as"]>[0], id: string) => {
  const response = await shop.stream(viewer, WATCH, { id }, client.signal);
  const stream = { response, received: [] as Received[], ended: false };
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.+)$/m.exec(block)?.[1];
        if (event) stream.received.push({ event, data: data ? (JSON.parse(data) as Received["data"]) : null });
      }
    }
    stream.ended = true;
  };
  void read().catch(() => undefined);
  return stream;
};

const statusesOf = ({ received }: { received: readonly Received[] }) =>
  received.flatMap(({ data }) => (data?.data ? [data.data.orderStatusChanged.status] : []));

describe("orderStatusChanged", () => {
  it("tells the order as it is, then each change with all that belongs to it, and completes at the end", async () => {
    shop.world.script = { authorize: "declined", undo: "silent", reserve: "silent" };
    const { viewer, orderId } = await shop.placedOrder();
    const stream = await watch(viewer, orderId);
    expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
    await eventually(() => expect(statusesOf(stream)).toEqual(["PENDING"]));
    await shop.as(viewer)(
      'mutation ($id: ID!) { cancelOrder(input: { id: $id, idempotencyKey: "stop" }) { userErrors { code } } }',
      { id: orderId },
    );
    await eventually(() => expect(statusesOf(stream)).toEqual(["PENDING", "CANCELLING"]));
    shop.world.script = {};
    shop.clock.advance(60_000);
    await eventually(() => expect(stream.ended).toBe(true));
    expect(statusesOf(stream)).toEqual(["PENDING", "CANCELLING", "CANCELLED"]);
    expect(stream.received.at(-1)?.event).toBe("complete");
    // What hangs on the order is loaded anew each time, not from the first time.
    expect(stream.received.at(-2)?.data?.data?.orderStatusChanged.timeline.map(({ status }) => status)).toEqual([
      "PENDING",
      "CANCELLING",
      "CANCELLED",
    ]);
  });

  it("follows an order to PAID, though changes that follow each other fast may be told as one", async () => {
    const { viewer, orderId } = await shop.placedOrder();
    const stream = await watch(viewer, orderId);
    await eventually(() => expect(statusesOf(stream).at(-1)).toBe("PAID"));
    expect(new Set(statusesOf(stream)).size).toBe(statusesOf(stream).length);
    expect(stream.ended).toBe(false);
  });

  it("never goes back: what is told late, twice or out of order says no more than that something changed", async () => {
    shop.world.script = { authorize: "silent" };
    const { viewer, orderId } = await shop.placedOrder();
    const stream = await watch(viewer, orderId);
    await eventually(() => expect(statusesOf(stream).at(-1)).toBe("AWAITING_PAYMENT"));
    const about = { orderId, number: "SG-20260131-000000", customerId: viewer.userId, at: new Date().toISOString() };
    for (const [version, status] of [
      [1, "PENDING"],
      [9, "PAID"],
      [1, "PENDING"],
    ] as const)
      await shop.world.tell(orderEvents.orderStatusChanged, { ...about, version, status }, undefined, orderId);
    const before = statusesOf(stream);
    await shop.world.tell(paymentEvents.paymentAuthorized, { paymentId: "pay_1", orderId, amount: money(4_890n) });
    await eventually(() => expect(statusesOf(stream).at(-1)).toBe("PAID"));
    const statuses = statusesOf(stream);
    expect(statuses.slice(0, before.length)).toEqual(before);
    expect(new Set(statuses).size).toBe(statuses.length);
  });

  it("tells the end of an order that has ended, and completes at once", async () => {
    shop.world.script = { reserve: "rejected" };
    const { viewer, orderId } = await shop.placedOrder();
    await shop.untilStatus(orderId, "CANCELLED");
    const stream = await watch(viewer, orderId);
    await eventually(() => expect(stream.ended).toBe(true));
    expect(statusesOf(stream)).toEqual(["CANCELLED"]);
  });

  it("is for support too", async () => {
    const { orderId } = await shop.placedOrder();
    const stream = await watch(testViewer({ roles: ["SUPPORT"] }), orderId);
    await eventually(() => expect(statusesOf(stream).at(-1)).toBe("PAID"));
  });

  it.each([
    ["somebody else's order", async () => (await shop.placedOrder()).orderId],
    ["an order that does not exist", async () => newId("ord")],
    ["an id of another type", async () => newId("usr")],
    ["an id with a NUL", async () => "ord_\u0000"],
  ])("refuses %s", async (_what, id) => {
    const stream = await watch(testViewer(), await id());
    await eventually(() => expect(stream.ended).toBe(true));
    expect(statusesOf(stream)).toEqual([]);
    expect(JSON.stringify(stream.received)).toContain("BAD_USER_INPUT");
  });

  it("is nothing for guests", async () => {
    const { orderId } = await shop.placedOrder();
    const stream = await watch(null, orderId);
    await eventually(() => expect(stream.ended).toBe(true));
    expect(statusesOf(stream)).toEqual([]);
    expect(JSON.stringify(stream.received)).toContain("UNAUTHENTICATED");
  });

  it("looks no more at the order once the client has left", async () => {
    shop.world.script = { reserve: "silent" };
    const { viewer, orderId } = await shop.placedOrder();
    const stream = await watch(viewer, orderId);
    await eventually(() => expect(statusesOf(stream)).toEqual(["PENDING"]));
    client.abort();
    await eventually(async () => {
      shop.queries.length = 0;
      const at = new Date().toISOString();
      const change = { orderId, number: "SG-1", customerId: viewer.userId, version: 2, at, status: "PAID" } as const;
      await shop.world.tell(orderEvents.orderStatusChanged, change, newId("evt"), orderId);
      await shop.sql`select 1`;
      expect(shop.queries.filter((query) => query.includes('from "orders" where "orders"."id" in'))).toEqual([]);
    });
  });

  it("ends when the process stops, which does not wait for those who watch", async () => {
    shop.world.script = { reserve: "silent" };
    const { viewer, orderId } = await shop.placedOrder();
    const stream = await watch(viewer, orderId);
    await eventually(() => expect(statusesOf(stream)).toEqual(["PENDING"]));
    const before = Date.now();
    await shop.stopSubgraph();
    // What waited for them would cut them off after 10 s only.
    expect(Date.now() - before).toBeLessThan(8_000);
    await eventually(() => expect(stream.ended).toBe(true));
  });
});
