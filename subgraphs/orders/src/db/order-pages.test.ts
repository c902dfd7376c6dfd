import { describe, expect, it } from "vitest";
import { OrderKey } from "./order-pages.ts";

const id = "ord_01k0000000000000000000000";

describe("the key of a page of orders", () => {
  it("is what orders are placed at, and their id", () => {
    expect(OrderKey.safeParse(["2026-01-31T12:00:00.000Z", id]).success).toBe(true);
  });

  it.each([
    ["0000-01-01T00:00:00.000Z", id],
    ["yesterday", id],
    ["2026-01-31T12:00:00.000Z", "\u0000"],
    ["2026-01-31T12:00:00.000Z", "x".repeat(101)],
    ["2026-01-31T12:00:00.000Z"],
  ])("is refused where somebody made it up: %j", (...key) => {
    expect(OrderKey.safeParse(key).success).toBe(false);
  });
});
