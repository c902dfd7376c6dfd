import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { EventContract } from "./contract.ts";
import { orderEvents, paymentEvents, productEvents, userEvents } from "./index.ts";

const byProducer = { users: userEvents, products: productEvents, orders: orderEvents, payments: paymentEvents };

const contracts: readonly EventContract[] = Object.values(byProducer).flatMap((events) => Object.values(events));

const at = "2026-01-31T12:00:00.000Z";
const amount = { minorUnits: "1999", currency: "EUR" };
const reservation = { reservationId: "ord_1", orderId: "ord_1" };
const payment = { paymentId: "pay_1", orderId: "ord_1" };
const order = { orderId: "ord_1", number: "2026-000001", customerId: "usr_1", version: 1, at };
const line = { variantId: "var_1", quantity: 2 };

/** `data` as it travels. What is here is what other versions of the services may still send. */
const samples: Readonly<Record<string, readonly object[]>> = {
  "users.user.registered.v1": [{ userId: "usr_1", registeredAt: at }],
  "users.user.deleted.v1": [{ userId: "usr_1", deletedAt: at }],
  "products.variant.changed.v1": [
    {
      variantId: "var_1",
      productId: "prd_1",
      version: 3,
      sku: "MUG-1",
      title: "Mug, blue 🛒",
      price: amount,
      weightGrams: 0,
      purchasable: false,
    },
  ],
  "products.stock.reserved.v1": [{ ...reservation, expiresAt: at }],
  "products.stock.rejected.v1": [
    { ...reservation, reason: "OUT_OF_STOCK", shortages: [{ variantId: "var_1", requested: 2, available: 0 }] },
    { ...reservation, reason: "UNKNOWN_VARIANT", shortages: [] },
    { ...reservation, reason: "ALREADY_RELEASED", shortages: [] },
  ],
  "products.stock.committed.v1": [reservation],
  "products.stock.released.v1": [
    { ...reservation, restocked: false },
    { ...reservation, restocked: true },
  ],
  "products.stock.expired.v1": [reservation],
  "orders.stock.reserve.v1": [{ ...reservation, lines: [line], expiresAt: at }],
  "orders.stock.commit.v1": [reservation],
  "orders.stock.release.v1": [reservation],
  "orders.stock.restock.v1": [reservation],
  "orders.payment.authorize.v1": [{ orderId: "ord_1", customerId: "usr_1", amount, paymentMethodToken: "tok_approve" }],
  "orders.payment.capture.v1": [{ orderId: "ord_1" }],
  "orders.payment.void.v1": [{ orderId: "ord_1", reason: "cancelled" }],
  "orders.payment.refund.v1": [{ orderId: "ord_1", requestId: "r-1", reason: "returned" }],
  "orders.order.placed.v1": [{ ...order, total: amount, lines: [{ ...line, unitPrice: amount }] }],
  "orders.order.confirmed.v1": [order],
  "orders.order.paid.v1": [{ ...order, total: amount }],
  "orders.order.shipped.v1": [{ ...order, trackingNumber: "1Z" }],
  "orders.order.cancelled.v1": [{ ...order, reason: "TIMED_OUT" }],
  "orders.order.status_changed.v1": [{ ...order, status: "AWAITING_PAYMENT" }],
  "payments.payment.authorized.v1": [{ ...payment, amount }],
  "payments.payment.action_required.v1": [payment],
  "payments.payment.declined.v1": [{ ...payment, declineCode: "insufficient_funds" }],
  "payments.payment.captured.v1": [{ ...payment, amount }],
  "payments.payment.voided.v1": [payment, { ...payment, paymentId: null }],
  "payments.payment.refunded.v1": [{ ...payment, refundId: "ref_1", amount, refundedTotal: amount, full: true }],
  "payments.payment.failed.v1": [
    { ...payment, operation: "CAPTURE", reason: "refused" },
    { ...payment, paymentId: null, operation: "AUTHORIZE", reason: "unknown order" },
  ],
};

describe("the contracts", () => {
  it("have a subject each, of producer, noun, verb and version", () => {
    const subjects = contracts.map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const subject of subjects)
      expect(subject).toMatch(/^(users|products|orders|payments)\.[a-z_]+\.[a-z_]+\.v[1-9]\d*$/);
  });

  it("lie in the file of their producer", () => {
    for (const [producer, events] of Object.entries(byProducer))
      for (const contract of Object.values(events)) expect(contract).toMatchObject({ producer });
  });

  it("say what they mean", () => {
    for (const { description } of contracts) expect(description).toMatch(/^[A-Z].+\.$/s);
  });

  it("are all here: a contract that goes, or comes under another subject, breaks who listens", () => {
    expect(contracts.map(({ subject }) => subject).sort()).toEqual(Object.keys(samples).sort());
  });
});

describe.each(contracts.map((contract) => ({ contract, subject: contract.subject })))("$subject", ({
  contract: { schema },
  subject,
}) => {
  const [sample = {}] = samples[subject] ?? [];

  it("reads what travels, and writes the same again", () => {
    for (const data of samples[subject] ?? [])
      expect(JSON.parse(JSON.stringify(z.encode(schema, z.decode(schema, data))))).toEqual(data);
  });

  it("reads a later version with a field more", () => {
    expect(schema.safeParse({ ...sample, addedLater: true }).success).toBe(true);
  });

  it("refuses data in which a field is missing, null, or of another type", () => {
    for (const name of Object.keys(sample))
      for (const wrong of [undefined, {}, ...(name === "paymentId" ? [] : [null])])
        expect(schema.safeParse({ ...sample, [name]: wrong }).success, `${name}: ${JSON.stringify(wrong)}`).toBe(false);
    for (const wrong of [null, undefined, "text", []]) expect(schema.safeParse(wrong).success).toBe(false);
  });
});

describe("what a contract refuses", () => {
  it.each([
    ["no lines", orderEvents.reserveStock, { lines: [] }],
    ["a quantity of 0", orderEvents.reserveStock, { lines: [{ ...line, quantity: 0 }] }],
    ["half a thing", orderEvents.reserveStock, { lines: [{ ...line, quantity: 0.5 }] }],
    ["a time of no zone", orderEvents.reserveStock, { expiresAt: "2026-01-31T12:00:00" }],
    ["a status that nobody knows", orderEvents.orderStatusChanged, { status: "LOST" }],
    ["version 0", orderEvents.orderPaid, { version: 0 }],
    ["money as a number", orderEvents.orderPaid, { total: { minorUnits: 1999, currency: "EUR" } }],
    ["a negative weight", productEvents.variantChanged, { weightGrams: -1 }],
  ])("is %s", (_, contract, wrong) => {
    const [sample] = samples[contract.subject] ?? [];
    expect(contract.schema.safeParse(sample).success).toBe(true);
    expect(contract.schema.safeParse({ ...sample, ...wrong }).success).toBe(false);
  });
});
