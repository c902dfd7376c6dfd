import { randomUUID } from "node:crypto";
import { findNatsServer } from "@supergraph/messaging/nats-server";
import { PlaceOrderDocument } from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { print } from "graphql";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openDatabases, type Subgraph } from "../invariants/databases.ts";
import { fillCart, findVariant, STOCKHOLM } from "./checkout.ts";
import { startShop } from "./shop.ts";

const buses = findNatsServer() === null ? (["in-process"] as const) : (["in-process", "nats"] as const);
if (buses.length === 1) {
  process.stderr.write(
    "\nNOT TESTED: traces over NATS JetStream, since there is no nats-server on the PATH (Debian: apt install nats-server).\n\n",
  );
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PRODUCERS = ["orders", "products", "payments"] as const satisfies readonly Subgraph[];

const Told = z.array(z.object({ subject: z.string(), traceparent: z.string().nullable() }));
const Placed = z.object({ data: z.object({ placeOrder: z.object({ order: z.object({ id: z.string() }) }) }) });

describe("the trace of a client's request", () => {
  it.for(buses)("is that of everything that follows from it (events over the %s bus)", async (bus, {
    onTestFinished,
  }) => {
    const shop = await startShop({ bus });
    onTestFinished(() => shop.stop());
    const databases = openDatabases(shop.supergraph.databaseUrls);
    onTestFinished(() => databases.close());
    const told = async (orderId: string) => {
      const rows = await Promise.all(
        PRODUCERS.map(async (producer) =>
          Told.parse(
            await databases.queries[producer](
              "select subject, headers->>'traceparent' as traceparent from outbox where key = $1",
              [orderId],
            ),
          ),
        ),
      );
      return rows.flat();
    };

    const token = await shop.accessToken("customer");
    const customer = shop.client(token);
    const { id: variantId } = await findVariant(customer);
    // Beside an order of another trace, with which it may share batches.
    const place = async (traceId: string | null): Promise<string> => {
      const expectedTotal = await fillCart(customer, variantId);
      const response = await fetch(shop.endpoint, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${token}`,
          ...(traceId === null ? {} : { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }),
        },
        body: JSON.stringify({
          query: print(PlaceOrderDocument),
          variables: {
            input: {
              idempotencyKey: randomUUID(),
              paymentMethodToken: "tok_webhook_early",
              expectedTotal,
              shippingAddress: STOCKHOLM,
            },
          },
        }),
      });
      if (traceId !== null) expect(response.headers.get("traceresponse")).toContain(`00-${traceId}-`);
      return Placed.parse(await response.json()).data.placeOrder.order.id;
    };
    const [other, orderId] = [await place(null), await place(TRACE)];

    await eventually(
      async () => {
        for (const id of [orderId, other])
          expect((await told(id)).map(({ subject }) => subject)).toContain("orders.order.paid.v1");
      },
      { timeoutMs: 20_000 },
    );
    const messages = await told(orderId);
    expect(messages.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([
        "orders.order.placed.v1",
        "orders.stock.reserve.v1",
        "products.stock.reserved.v1",
        "orders.payment.authorize.v1",
        "payments.payment.authorized.v1",
        "orders.stock.commit.v1",
        "products.stock.committed.v1",
        "orders.payment.capture.v1",
        "payments.payment.captured.v1",
      ]),
    );
    for (const { subject, traceparent } of messages)
      expect(`${subject} ${traceparent}`).toMatch(new RegExp(`^${subject} 00-${TRACE}-[0-9a-f]{16}-01$`));
    const traces = new Set((await told(other)).map(({ traceparent }) => traceparent?.split("-")[1]));
    expect(traces.size).toBe(1);
    expect(traces).not.toContain(TRACE);
  });
});
