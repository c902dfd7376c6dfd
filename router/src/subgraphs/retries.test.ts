import { describe, expect, it } from "vitest";
import { backoffMs, createRetryBudget } from "./retries.ts";

const drain = (budget: { withdraw(): boolean }): number => {
  let retries = 0;
  while (retries < 10_000 && budget.withdraw()) retries += 1;
  return retries;
};

describe("the budget of retries", () => {
  it("is a share of the calls", () => {
    const budget = createRetryBudget(0.1, () => 0);
    drain(budget);
    for (let call = 0; call < 500; call += 1) budget.countCall();
    expect(drain(budget)).toBe(50);
  });

  it("lets few calls retry, too: some a second", () => {
    let now = 0;
    const budget = createRetryBudget(0.1, () => now);
    expect(drain(budget)).toBe(10);
    now += 1_000;
    expect(drain(budget)).toBe(5);
    now += 3_600_000;
    expect(drain(budget)).toBe(10);
  });

  it("saves no more than a burst", () => {
    const budget = createRetryBudget(1, () => 0);
    for (let call = 0; call < 5_000; call += 1) budget.countCall();
    expect(drain(budget)).toBe(100);
  });
});

describe("the pause before a retry", () => {
  it("is by chance, from nothing to a bound that grows to 100 ms", () => {
    expect([0, 1, 5].map((retried) => backoffMs(retried, null, () => 0.999_999)?.toFixed(1))).toEqual([
      "25.0",
      "100.0",
      "100.0",
    ]);
    expect(backoffMs(0, null, () => 0)).toBe(0);
  });

  it("is at least what the subgraph asks for, and never more than a second of that", () => {
    expect(backoffMs(0, 1_000, () => 0)).toBe(1_000);
    expect(backoffMs(0, 1_001, () => 0)).toBeNull();
  });
});
