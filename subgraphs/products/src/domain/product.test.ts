import { describe, expect, it } from "vitest";
import { isListedFor, isPurchasable, isShownTo, lineTitle } from "./product.ts";

const customer = { scopes: [] };
const staff = { scopes: ["catalog:read"] };

describe("a product", () => {
  it.each([
    ["ACTIVE", true, true],
    ["ARCHIVED", false, true],
    ["DRAFT", false, false],
  ] as const)("that is %s is listed for customers: %s, shown where something links to it: %s", (status, listed, shown) => {
    for (const viewer of [null, customer]) {
      expect(isListedFor(viewer, status)).toBe(listed);
      expect(isShownTo(viewer, status)).toBe(shown);
    }
    expect(isListedFor(staff, status)).toBe(true);
    expect(isShownTo(staff, status)).toBe(true);
  });

  it("is bought only while it is active and the variant is not removed", () => {
    expect(isPurchasable({ productStatus: "ACTIVE", removedAt: null })).toBe(true);
    expect(isPurchasable({ productStatus: "ACTIVE", removedAt: new Date(0) })).toBe(false);
    expect(isPurchasable({ productStatus: "DRAFT", removedAt: null })).toBe(false);
    expect(isPurchasable({ productStatus: "ARCHIVED", removedAt: null })).toBe(false);
  });

  it("is called by its title and the variant's on an order line", () => {
    expect(lineTitle("Desk lamp", "Black")).toBe("Desk lamp, Black");
  });
});
