import { describe, expect, it } from "vitest";
import type { Payment } from "./payment.ts";
import { checkRefundInput, decideRefund, type RefundInput, requestedMinor } from "./refund-request.ts";

const input = (changes: Partial<RefundInput> = {}): RefundInput => ({
  paymentId: "pay_1",
  amount: "5.00",
  reason: null,
  idempotencyKey: "key",
  ...changes,
});

const captured = (changes: Partial<Payment> = {}): Payment => ({
  status: "CAPTURED",
  amountMinor: 100n,
  authorizedMinor: 100n,
  capturedMinor: 100n,
  refundedMinor: 0n,
  declineCode: null,
  nextActionUrl: null,
  providerPaymentId: "pmt_1",
  voidRequested: false,
  refunds: [],
  ...changes,
});

describe("a request for a refund", () => {
  it.each(["0.01", "5", "5.5", "5.50", null])("may ask for %s", (amount) => {
    expect(checkRefundInput(input({ amount }), "EUR")).toBeNull();
  });

  it.each(["0", "0.00", "-1", "1.001", "1e3", "", "abc", "9".repeat(30)])("may not ask for %j", (amount) => {
    expect(checkRefundInput(input({ amount }), "EUR")).toMatchObject({ kind: "invalid", path: ["input", "amount"] });
  });

  it.each([
    ["idempotencyKey", ""],
    ["idempotencyKey", "x".repeat(129)],
    ["idempotencyKey", "a\u0000"],
    ["idempotencyKey", "half a character \ud83d"],
    ["reason", "x".repeat(501)],
    ["reason", " ".repeat(501)],
    ["reason", "a\u0000"],
  ] as const)("may not have as its %s %j", (field, text) => {
    expect(checkRefundInput(input({ [field]: text }), "EUR")).toMatchObject({ path: ["input", field] });
  });

  it.each([null, "", " ", "Damaged.\nSent back on Monday. 🦊"])("may have as its reason %j", (reason) => {
    expect(checkRefundInput(input({ reason }), "EUR")).toBeNull();
  });

  it("reads amounts in the decimals of the currency", () => {
    expect(requestedMinor("5.5", "EUR")).toBe(550n);
    expect(requestedMinor("5", "JPY")).toBe(5n);
    expect(requestedMinor(null, "EUR")).toBeNull();
  });

  it("takes what is left when no amount is given", () => {
    const payment = captured({ refundedMinor: 30n, refunds: [{ id: "ref_1", amountMinor: 20n, status: "PENDING" }] });
    expect(decideRefund(payment, null)).toEqual({ kind: "refundable", amountMinor: 50n });
    expect(decideRefund(payment, 50n)).toEqual({ kind: "refundable", amountMinor: 50n });
    expect(decideRefund(payment, 51n)).toEqual({ kind: "exceedsCaptured", leftMinor: 50n });
  });

  it("is refused when nothing is left, or nothing was captured", () => {
    expect(decideRefund(captured({ refundedMinor: 100n }), null)).toEqual({ kind: "exceedsCaptured", leftMinor: 0n });
    expect(decideRefund(captured({ capturedMinor: 0n }), null)).toEqual({ kind: "notCaptured" });
  });
});
