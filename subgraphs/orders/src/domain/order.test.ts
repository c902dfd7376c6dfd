import { describe, expect, it } from "vitest";
import { isCancellable, isTerminal, needsNoAddress, ORDER_STATUSES, orderNumber, ship } from "./order.ts";

describe("ship", () => {
  it("sends a paid order off", () => {
    expect(ship({ status: "PAID", trackingNumber: null }, "SE-1")).toEqual({ kind: "shipped" });
  });

  it("takes the same parcel twice for the same", () => {
    expect(ship({ status: "SHIPPED", trackingNumber: "SE-1" }, "SE-1")).toEqual({ kind: "alreadyShipped" });
  });

  it("refuses another parcel for an order that has shipped", () => {
    expect(ship({ status: "SHIPPED", trackingNumber: "SE-1" }, "SE-2").kind).toBe("notShippable");
  });

  it.each(ORDER_STATUSES.filter((status) => status !== "PAID" && status !== "SHIPPED"))("refuses %s", (status) => {
    expect(ship({ status, trackingNumber: null }, "SE-1").kind).toBe("notShippable");
  });
});

describe("a status", () => {
  it("can be cancelled until the order ships", () => {
    expect(ORDER_STATUSES.filter(isCancellable)).toEqual(["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID"]);
  });

  it("is final when DELIVERED or CANCELLED, and needs no address from SHIPPED on", () => {
    expect(ORDER_STATUSES.filter(isTerminal)).toEqual(["DELIVERED", "CANCELLED"]);
    expect(ORDER_STATUSES.filter(needsNoAddress)).toEqual(["SHIPPED", "DELIVERED", "CANCELLED"]);
  });
});

describe("orderNumber", () => {
  it("is the UTC day and what chance gave", () => {
    const placedAt = new Date("2026-01-31T23:59:59.999Z");
    expect(orderNumber(placedAt, Uint8Array.of(0, 1, 30, 31, 254, 255, 9, 9))).toBe("SG-20260131-01Y067");
  });

  it("never has a Z, which marks the example orders", () => {
    for (let byte = 0; byte < 256; byte += 1)
      expect(orderNumber(new Date(0), new Uint8Array(6).fill(byte))).toMatch(/^SG-19700101-[0-9A-HJKMNP-TV-Y]{6}$/);
  });
});
