import { newId } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PaymentsHarness, startPayments } from "./testing/payments-harness.ts";

describe("commands of the order, each token to its end", () => {
  let payments: PaymentsHarness;
  beforeAll(async () => {
    payments = await startPayments();
  });
  afterAll(() => payments?.stop());

  const tells = (orderId: string, expected: readonly string[]) =>
    eventually(() => expect(payments.told(orderId)).toEqual(expected));

  it("authorises, captures and refunds, and answers repeated commands from state", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["authorized"]);
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["authorized", "authorized"]);
    await payments.capture(orderId);
    await tells(orderId, ["authorized", "authorized", "captured"]);
    await payments.capture(orderId);
    await payments.refund(orderId);
    await tells(orderId, ["authorized", "authorized", "captured", "captured", "refunded"]);
    await payments.refund(orderId);
    await tells(orderId, ["authorized", "authorized", "captured", "captured", "refunded", "refunded"]);

    const told = payments.toldData(orderId);
    expect(told.at(-1)).toMatchObject({ full: true, refundedTotal: { minorUnits: "1999", currency: "EUR" } });
    expect(told.at(-2)).toEqual(told.at(-1));
    expect(await payments.atProvider(orderId)).toMatchObject([
      { status: "captured", capturedMinor: 1999, refundedMinor: 1999 },
    ]);
  });

  it("tells of each answer which command it follows from", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["authorized"]);
    const [authorized] = payments.toldEnvelopes(orderId);
    expect(authorized).toMatchObject({ correlationId: "cor_test", causationId: expect.stringMatching(/^evt_/) });
  });

  it.each([
    ["tok_decline_insufficient_funds", "insufficient_funds"],
    ["tok_decline_card_expired", "card_expired"],
    ["tok_decline_suspected_fraud", "suspected_fraud"],
    ["tok_nobody_knows", "unknown_payment_method"],
  ])("declines %s with %s", async (token, declineCode) => {
    const orderId = newId("ord");
    await payments.authorize(orderId, token);
    await tells(orderId, ["declined"]);
    expect(payments.toldData(orderId)).toMatchObject([{ declineCode }]);
    await payments.authorize(orderId, token);
    await tells(orderId, ["declined", "declined"]);
    await payments.capture(orderId);
    await tells(orderId, ["declined", "declined", "failed"]);
    await payments.void(orderId);
    await tells(orderId, ["declined", "declined", "failed", "voided"]);
  });

  it.each([
    ["confirm", "authorized"],
    ["refuse", "declined"],
  ])("waits for the customer, who may %s", async (answer, expected) => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_action_required");
    await tells(orderId, ["action_required"]);
    const [row] = await payments.sql`select next_action_url, status from payments where order_id = ${orderId}`;
    expect(row).toMatchObject({ status: "ACTION_REQUIRED" });
    await fetch(`${row?.next_action_url}/${answer}`, { method: "POST", headers: { accept: "application/json" } });
    await tells(orderId, ["action_required", expected]);
    const [after] = await payments.sql`select next_action_url from payments where order_id = ${orderId}`;
    expect(after).toEqual({ next_action_url: null });
  });

  it.each([
    "tok_slow",
    "tok_timeout_after_charge",
    "tok_error_once",
    "tok_webhook_twice",
    "tok_webhook_early",
  ])("charges once and tells once with %s", async (token) => {
    const orderId = newId("ord");
    await payments.authorize(orderId, token);
    await tells(orderId, ["authorized"]);
    // Whatever webhook is still to come must change nothing.
    await eventually(async () => {
      const open = await payments.sql`
        select from operations join payments on payments.id = payment_id where order_id = ${orderId} and done_at is null`;
      expect(open).toHaveLength(0);
    });
    await payments.capture(orderId);
    await tells(orderId, ["authorized", "captured"]);
    expect(await payments.atProvider(orderId)).toMatchObject([{ status: "captured", capturedMinor: 1999 }]);
    const [row] = await payments.sql`select payment_method_token, status from payments where order_id = ${orderId}`;
    expect(row).toEqual({ payment_method_token: null, status: "CAPTURED" });
  });

  it("voids what is held", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["authorized"]);
    await payments.void(orderId);
    await tells(orderId, ["authorized", "voided"]);
    await payments.void(orderId);
    await payments.capture(orderId);
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["authorized", "voided", "voided", "failed", "failed"]);
    expect(await payments.atProvider(orderId)).toMatchObject([{ status: "voided", authorizedMinor: 0 }]);
  });

  it("voids what waits for the customer", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_action_required");
    await tells(orderId, ["action_required"]);
    await payments.void(orderId);
    await tells(orderId, ["action_required", "voided"]);
    expect(await payments.atProvider(orderId)).toMatchObject([{ status: "voided" }]);
  });

  it("refuses the authorise of an order that was voided before, without asking the provider", async () => {
    const orderId = newId("ord");
    await payments.void(orderId);
    await tells(orderId, ["voided"]);
    expect(payments.toldData(orderId)).toEqual([{ orderId, paymentId: null }]);
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["voided", "failed"]);
    expect(payments.toldData(orderId).at(-1)).toMatchObject({ operation: "AUTHORIZE", paymentId: null });
    expect(await payments.atProvider(orderId)).toEqual([]);
  });

  it("gives back what a void finds captured, and then answers that nothing is held", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_approve");
    await tells(orderId, ["authorized"]);
    await payments.capture(orderId);
    await tells(orderId, ["authorized", "captured"]);
    await payments.void(orderId);
    await tells(orderId, ["authorized", "captured", "refunded", "voided"]);
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 1999 }]);
  });

  it("resolves a charge whose answer never came before it voids", async () => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_timeout_after_charge");
    await eventually(async () => expect(await payments.atProvider(orderId)).toHaveLength(1));
    await payments.void(orderId);
    await eventually(() => expect(payments.told(orderId).at(-1)).toBe("voided"));
    expect(await payments.atProvider(orderId)).toMatchObject([{ status: "voided" }]);
  });

  it("answers commands for an order without a payment", async () => {
    const orderId = newId("ord");
    await payments.capture(orderId);
    await payments.refund(orderId);
    await tells(orderId, ["failed", "failed"]);
    expect(payments.toldData(orderId)).toMatchObject([{ operation: "CAPTURE" }, { operation: "REFUND" }]);
  });

  it.each([
    ["an amount of nothing", { amountMinor: 0n, token: "tok_approve" }],
    ["a token with NUL", { amountMinor: 1n, token: "tok_\u0000" }],
    ["a token of 1 MB", { amountMinor: 1n, token: "t".repeat(1_000_000) }],
  ])("fails %s for good", async (_, { amountMinor, token }) => {
    const orderId = newId("ord");
    await payments.authorize(orderId, token, { amountMinor });
    await tells(orderId, ["failed"]);
    expect(payments.toldData(orderId)).toMatchObject([{ operation: "AUTHORIZE", paymentId: null }]);
  });
});
