import { describe, expect, it } from "vitest";
import { createTallies, percentile, since, toStats } from "./tallies.ts";

describe("the tallies of traffic", () => {
  it("tell percentiles by the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 1)).toBe(100);
    expect(percentile([7], 0.5)).toBe(7);
    expect(percentile([], 0.99)).toBe(0);
  });

  it("tell what came since an earlier look", () => {
    const tallies = createTallies();
    tallies.acknowledged = 3;
    tallies.failures.push("first");
    tallies.latenciesMs.push(1);
    const before = toStats(tallies);
    tallies.acknowledged = 5;
    tallies.shed = 1;
    tallies.failures.push("second");
    tallies.latenciesMs.push(2, 3);
    expect(since(toStats(tallies), before)).toEqual({
      acknowledged: 2,
      shed: 1,
      retried: 0,
      failures: ["second"],
      latenciesMs: [2, 3],
    });
  });
});
