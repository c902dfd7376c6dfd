import { describe, expect, it } from "vitest";
import { makeCatalogue } from "./catalogue.ts";
import { makeHistory } from "./history.ts";
import { makePeople } from "./people.ts";

const now = new Date("2026-06-01T12:00:00Z");
const people = makePeople();
const orders = makeHistory(people, makeCatalogue(), now);

describe("the example orders", () => {
  it("are a few dozen, in every status there is", () => {
    expect(orders.length).toBeGreaterThanOrEqual(36);
    expect(new Set(orders.map(({ status }) => status))).toEqual(
      new Set(["PENDING", "AWAITING_PAYMENT", "CONFIRMED", "PAID", "SHIPPED", "DELIVERED", "CANCELLING", "CANCELLED"]),
    );
  });

  it("give Ada more than a page of twenty", () => {
    expect(orders.filter(({ customer }) => customer.email === "ada@example.com").length).toBeGreaterThan(20);
  });

  it("were placed before now, after their customer joined, and moved on only forwards", () => {
    for (const { placedAt, customer, timeline } of orders) {
      expect(placedAt.getTime()).toBeLessThan(now.getTime());
      expect(placedAt.getTime()).toBeGreaterThan(customer.createdAt.getTime());
      const times = timeline.map(({ at }) => at.getTime());
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it("have numbers and ids of their own", () => {
    expect(new Set(orders.map(({ number }) => number)).size).toBe(orders.length);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(orders.length);
  });
});
