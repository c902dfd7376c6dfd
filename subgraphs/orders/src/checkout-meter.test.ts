import { describe, expect, it } from "vitest";
import { outcomeOf, type StatusStep } from "./checkout-meter.ts";

const step = (changes: Partial<StatusStep>): StatusStep => ({
  from: "PENDING",
  waitedFor: "RESERVING",
  to: "CANCELLED",
  cancelReason: null,
  ...changes,
});

describe("a checkout ends", () => {
  it("paid, when its order is", () => {
    expect(outcomeOf(step({ from: "CONFIRMED", to: "PAID", cancelReason: null }))).toBe("PAID");
    expect(outcomeOf(step({ from: "AWAITING_PAYMENT", to: "PAID", cancelReason: null }))).toBe("PAID");
  });

  it.each(["PENDING", "AWAITING_PAYMENT", "CONFIRMED"] as const)("called off, when its order is from %s on", (from) => {
    for (const to of ["CANCELLING", "CANCELLED"] as const)
      expect(outcomeOf(step({ from, to, cancelReason: "TIMED_OUT" }))).toBe("TIMED_OUT");
  });

  it("unconfirmed, when it was its customer who did not answer in time", () => {
    const timedOut = { from: "AWAITING_PAYMENT", to: "CANCELLING", cancelReason: "TIMED_OUT" } as const;
    expect(outcomeOf(step({ ...timedOut, waitedFor: "AWAITING_ACTION" }))).toBe("UNCONFIRMED");
    expect(outcomeOf(step({ ...timedOut, waitedFor: "AUTHORIZING" }))).toBe("TIMED_OUT");
    expect(outcomeOf(step({ ...timedOut, waitedFor: "AWAITING_ACTION", cancelReason: "CUSTOMER" }))).toBe("CUSTOMER");
  });

  it("once: neither by what follows from a cancellation, nor by what becomes of a paid order", () => {
    expect(outcomeOf(step({ from: "CANCELLING", to: "CANCELLED", cancelReason: "OUT_OF_STOCK" }))).toBeNull();
    expect(outcomeOf(step({ from: "PAID", to: "CANCELLING", cancelReason: "CUSTOMER" }))).toBeNull();
    expect(outcomeOf(step({ from: "PAID", to: "SHIPPED", cancelReason: null }))).toBeNull();
  });

  it("not by a step on its way", () => {
    expect(outcomeOf(step({ from: "PENDING", to: "AWAITING_PAYMENT", cancelReason: null }))).toBeNull();
    expect(outcomeOf(step({ from: "AWAITING_PAYMENT", to: "CONFIRMED", cancelReason: null }))).toBeNull();
  });
});
