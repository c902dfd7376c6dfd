import { findNatsServer } from "@supergraph/messaging/nats-server";
import {
  CancelOrderDocument,
  OrderPageDocument,
  ProductListDocument,
  RefundPaymentDocument,
  RegisterDocument,
  ShipOrderDocument,
  StockLevelsDocument,
} from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findVariant, orderPage, placeOrder, untilStatus } from "./checkout.ts";
import { type Shop, startShop } from "./shop.ts";

const natsServer = findNatsServer();
const buses = natsServer === null ? (["in-process"] as const) : (["in-process", "nats"] as const);
if (natsServer === null) {
  process.stderr.write(
    "\nNOT TESTED: buying over NATS JetStream, since there is no nats-server on the PATH (Debian: apt install nats-server).\n\n",
  );
}

describe.each(buses)("buying through the endpoint, events over the %s bus", (bus) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ bus });
  });
  afterAll(() => shop?.stop());

  const stockOf = async (productSlug: string, variantId: string): Promise<number> => {
    const support = await shop.signIn("support");
    const { data } = await support.query({ query: StockLevelsDocument, variables: { slug: productSlug } });
    const variant = data?.product?.variants.find(({ id }) => id === variantId);
    if (variant?.availableQuantity == null) throw new Error(`No stock level for ${variantId}.`);
    return variant.availableQuantity;
  };

  it("lets a guest browse and search", async () => {
    const { data, error } = await shop
      .client()
      .query({ query: ProductListDocument, variables: { search: "tents", first: 5 } });
    expect(error).toBeUndefined();
    expect(data?.products.edges).toHaveLength(5);
    expect(data?.products.edges[0]?.node.title).toMatch(/tent/i);
  });

  it("brings an approved order to PAID, captures its total and takes the goods out of the stock", async () => {
    const ada = await shop.signIn("customer");
    const { id: variantId, productSlug } = await findVariant(ada);
    const before = await stockOf(productSlug, variantId);
    const id = await placeOrder(ada, { variantId, token: "tok_approve", quantity: 2 });
    const order = await untilStatus(ada, id, "PAID");
    expect(order.payment).toMatchObject({ status: "CAPTURED", capturedAmount: { amount: order.total.amount } });
    expect(order.timeline.map(({ status }) => status)).toEqual(["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID"]);
    expect(await stockOf(productSlug, variantId)).toBe(before - 2);
  });

  it("cancels a declined order, says why, and puts its stock back", async () => {
    const ada = await shop.signIn("customer");
    const { id: variantId, productSlug } = await findVariant(ada, "candle");
    const before = await stockOf(productSlug, variantId);
    const id = await placeOrder(ada, { variantId, token: "tok_decline_insufficient_funds" });
    const order = await untilStatus(ada, id, "CANCELLED");
    expect(order.cancelReason).toBe("PAYMENT_DECLINED");
    expect(order.payment).toMatchObject({ status: "FAILED", declineCode: "insufficient_funds" });
    expect(await stockOf(productSlug, variantId)).toBe(before);
  });

  it("waits for the customer's confirmation where the bank wants one", async () => {
    const ada = await shop.signIn("customer");
    const { id: variantId } = await findVariant(ada, "notebook");
    const id = await placeOrder(ada, { variantId, token: "tok_action_required" });
    const actionUrl = await eventually(async () => {
      const { payment } = await orderPage(ada, id);
      expect(payment?.status).toBe("ACTION_REQUIRED");
      return payment?.nextActionUrl ?? "";
    });
    const page = await fetch(actionUrl);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Confirm");
    const confirmed = await fetch(`${actionUrl}/confirm`, { method: "POST", headers: { accept: "application/json" } });
    expect(confirmed.ok).toBe(true);
    const order = await untilStatus(ada, id, "PAID");
    expect(order.payment?.nextActionUrl).toBeNull();
  });

  it("cancels when the customer refuses at the bank", async () => {
    const ada = await shop.signIn("customer");
    const { id: variantId } = await findVariant(ada, "soap");
    const id = await placeOrder(ada, { variantId, token: "tok_action_required" });
    const actionUrl = await eventually(async () => {
      const { payment } = await orderPage(ada, id);
      expect(payment?.nextActionUrl).toMatch(/^http/);
      return payment?.nextActionUrl ?? "";
    });
    await fetch(`${actionUrl}/refuse`, { method: "POST", headers: { accept: "application/json" } });
    const order = await untilStatus(ada, id, "CANCELLED");
    expect(order.cancelReason).toBe("PAYMENT_DECLINED");
  });

  it("refunds a paid order that its customer cancels, and puts the goods back", async () => {
    const ada = await shop.signIn("customer");
    const { id: variantId, productSlug } = await findVariant(ada, "yoga");
    const before = await stockOf(productSlug, variantId);
    const id = await placeOrder(ada, { variantId, token: "tok_approve" });
    await untilStatus(ada, id, "PAID");
    const { data } = await ada.mutate({
      mutation: CancelOrderDocument,
      variables: { input: { id, idempotencyKey: `cancel-${id}` } },
    });
    expect(data?.cancelOrder.userErrors).toEqual([]);
    const order = await untilStatus(ada, id, "CANCELLED");
    expect(order.cancelReason).toBe("CUSTOMER");
    expect(order.payment).toMatchObject({ status: "REFUNDED", refundedAmount: { amount: order.total.amount } });
    expect(order.refunds).toEqual([
      expect.objectContaining({ status: "SUCCEEDED", amount: { __typename: "Money", amount: order.total.amount } }),
    ]);
    expect(await stockOf(productSlug, variantId)).toBe(before);
  });

  it("is shipped by support, and cannot be cancelled after that", async () => {
    const ada = await shop.signIn("customer");
    const support = await shop.signIn("support");
    const { id: variantId } = await findVariant(ada, "blanket");
    const id = await placeOrder(ada, { variantId, token: "tok_approve" });
    await untilStatus(ada, id, "PAID");
    const shipped = await support.mutate({ mutation: ShipOrderDocument, variables: { id, trackingNumber: "SE-123" } });
    expect(shipped.data?.shipOrder).toMatchObject({ order: { status: "SHIPPED" }, userErrors: [] });
    const cancelled = await ada.mutate({
      mutation: CancelOrderDocument,
      variables: { input: { id, idempotencyKey: "too-late" } },
    });
    expect(cancelled.data?.cancelOrder.userErrors).toMatchObject([{ code: "NOT_CANCELLABLE" }]);
  });

  it("lets support refund a part, and never more than was captured", async () => {
    const ada = await shop.signIn("customer");
    const support = await shop.signIn("support");
    const { id: variantId } = await findVariant(ada, "lamp");
    const id = await placeOrder(ada, { variantId, token: "tok_approve" });
    const { payment } = await untilStatus(ada, id, "PAID");
    const refund = (amount: string, idempotencyKey: string) =>
      support.mutate({
        mutation: RefundPaymentDocument,
        variables: { input: { paymentId: payment?.id ?? "", amount, idempotencyKey, reason: "scratched" } },
      });
    const first = await refund("5.00", `refund-${id}`);
    expect(first.data?.refundPayment).toMatchObject({ payment: { status: "PARTIALLY_REFUNDED" }, userErrors: [] });
    const repeated = await refund("5.00", `refund-${id}`);
    expect(repeated.data?.refundPayment.refund?.id).toBe(first.data?.refundPayment.refund?.id);
    const tooMuch = await refund("100000.00", `refund-more-${id}`);
    expect(tooMuch.data?.refundPayment.userErrors).toMatchObject([{ code: "EXCEEDS_CAPTURED" }]);
  });

  it.each([
    "tok_slow",
    "tok_timeout_after_charge",
    "tok_error_once",
    "tok_webhook_twice",
    "tok_webhook_early",
  ])("ends PAID, captured once, when the provider behaves like %s", async (token) => {
    const ada = await shop.signIn("customer");
    const { id: variantId } = await findVariant(ada, "charger");
    const id = await placeOrder(ada, { variantId, token });
    const order = await untilStatus(ada, id, "PAID");
    expect(order.payment).toMatchObject({ status: "CAPTURED", capturedAmount: { amount: order.total.amount } });
  });

  it("shows an order to its customer and to support, and to nobody else", async () => {
    const support = await shop.signIn("support");
    const ada = await shop.signIn("customer");
    const { id: variantId } = await findVariant(ada);
    const id = await placeOrder(ada, { variantId, token: "tok_approve" });
    const { data: registered } = await shop.client().mutate({
      mutation: RegisterDocument,
      variables: { input: { email: `other-${bus}@example.com`, password: "another-customer" } },
    });
    const other = shop.client(registered?.register.accessToken ?? "");
    for (const stranger of [shop.client(), other]) {
      const { data } = await stranger.query({ query: OrderPageDocument, variables: { id } });
      expect(data?.order).toBeNull();
    }
    expect((await orderPage(support, id)).id).toBe(id);
  });
});
