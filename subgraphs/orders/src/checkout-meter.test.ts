import { describe, expect, it } from "vitest";
import { outcomeOf } from "./checkout-meter.ts";

describe("a checkout ends", () => {
  it("paid, when its order is", () => {
    expect(outcomeOf({ from: "CONFIRMED", to: "PAID", cancelReason: null })).toBe("PAID");
    expect(outcomeOf({ from: "AWAITING_PAYMENT", to: "PAID", cancelReason: null })).toBe("PAID");
  });

  it.each(["PENDING", "AWAITING_PAYMENT", "CONFIRMED"] as const)("called off, when its order is from %s on", (from) => {
    for (const to of ["CANCELLING", "CANCELLED"] as const)
      expect(outcomeOf({ from, to, cancelReason: "TIMED_OUT" })).toBe("TIMED_OUT");
  });

  it("once: neither by what follows from a cancellation, nor by what becomes of a paid order", () => {
    expect(outcomeOf({ from: "CANCELLING", to: "CANCELLED", cancelReason: "OUT_OF_STOCK" })).toBeNull();
    expect(outcomeOf({ from: "PAID", to: "CANCELLING", cancelReason: "CUSTOMER" })).toBeNull();
    expect(outcomeOf({ from: "PAID", to: "SHIPPED", cancelReason: null })).toBeNull();
  });

  it("not by a step on its way", () => {
    expect(outcomeOf({ from: "PENDING", to: "AWAITING_PAYMENT", cancelReason: null })).toBeNull();
    expect(outcomeOf({ from: "AWAITING_PAYMENT", to: "CONFIRMED", cancelReason: null })).toBeNull();
  });
});
