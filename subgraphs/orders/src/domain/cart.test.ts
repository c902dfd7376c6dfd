import { describe, expect, it } from "vitest";
import { cartIdOf, setLine } from "./cart.ts";

const cart = (changes: Partial<Parameters<typeof setLine>[1]> = {}) => ({
  inCart: false,
  purchasable: true,
  lineCount: 3,
  ...changes,
});

describe("setLine", () => {
  it.each([1, 99])("adds or replaces %i", (quantity) => {
    expect(setLine(quantity, cart()).kind).toBe("set");
    expect(setLine(quantity, cart({ inCart: true })).kind).toBe("set");
  });

  it("removes a line, also of a variant that is no longer sold", () => {
    expect(setLine(0, cart({ inCart: true, purchasable: false })).kind).toBe("remove");
  });

  it("cannot remove what is not there", () => {
    expect(setLine(0, cart()).kind).toBe("invalidQuantity");
  });

  it.each([-1, 100, 2 ** 31 - 1, -(2 ** 31)])("refuses %i, even of a variant that is not sold", (quantity) => {
    expect(setLine(quantity, cart({ inCart: true })).kind).toBe("invalidQuantity");
    expect(setLine(quantity, cart({ purchasable: false })).kind).toBe("invalidQuantity");
  });

  it("refuses a variant that is not sold", () => {
    expect(setLine(1, cart({ purchasable: false })).kind).toBe("variantUnavailable");
    expect(setLine(1, cart({ inCart: true, purchasable: false })).kind).toBe("variantUnavailable");
  });

  it("holds 100 lines, and changes those it has when full", () => {
    expect(setLine(1, cart({ lineCount: 99 })).kind).toBe("set");
    expect(setLine(1, cart({ lineCount: 100 })).kind).toBe("cartFull");
    expect(setLine(1, cart({ lineCount: 100, inCart: true })).kind).toBe("set");
  });
});

it("a cart's id follows from its owner's", () => {
  expect(cartIdOf("usr_01k0000000e00800000000000a")).toBe("crt_01k0000000e00800000000000a");
});
