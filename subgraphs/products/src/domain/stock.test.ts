import { describe, expect, it } from "vitest";
import { adjust, availabilityOf, MAX_ON_HAND } from "./stock.ts";

describe("availability", () => {
  it.each([
    [0, "OUT_OF_STOCK"],
    [1, "LOW_STOCK"],
    [5, "LOW_STOCK"],
    [6, "IN_STOCK"],
  ])("with %i left is %s", (left, availability) => {
    expect(availabilityOf({ onHand: left + 7, reserved: 7 }, true)).toBe(availability);
  });

  it("is none for what is not sold, whatever the stock", () => {
    expect(availabilityOf({ onHand: 100, reserved: 0 }, false)).toBe("OUT_OF_STOCK");
  });
});

describe("an adjustment", () => {
  it("adds and takes away", () => {
    expect(adjust({ onHand: 5, reserved: 2 }, 3)).toEqual({ kind: "adjusted", onHand: 8 });
    expect(adjust({ onHand: 5, reserved: 2 }, -3)).toEqual({ kind: "adjusted", onHand: 2 });
  });

  it("leaves what is reserved for orders", () => {
    expect(adjust({ onHand: 5, reserved: 2 }, -4)).toEqual({ kind: "negativeStock", available: 3 });
    expect(adjust({ onHand: 0, reserved: 0 }, -1)).toEqual({ kind: "negativeStock", available: 0 });
  });

  it("stops where the database's integers would", () => {
    expect(adjust({ onHand: MAX_ON_HAND, reserved: 0 }, 1)).toEqual({ kind: "tooMuch" });
  });
});
