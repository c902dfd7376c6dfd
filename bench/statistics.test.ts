import { describe, expect, it } from "vitest";
import { mean, median, quantile, slope } from "./statistics.ts";

describe("the median", () => {
  it("is the value in the middle, whatever the order", () => {
    expect(median([30, 10, 20])).toBe(20);
  });

  it("of an even number is one that was measured, the upper of the two in the middle", () => {
    expect(median([1, 2, 3, 4])).toBe(3);
  });

  it("sorts numbers as numbers", () => {
    expect(median([100, 9, 80])).toBe(80);
  });

  it("of nothing is no number", () => {
    expect(median([])).toBeNaN();
  });

  it("leaves what it was given in its order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("a quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it("has its share of the values below it", () => {
    expect(quantile(hundred, 0.5)).toBe(51);
    expect(quantile(hundred, 0.99)).toBe(100);
  });

  it("of everything is the greatest value", () => {
    expect(quantile([1, 2, 3], 1)).toBe(3);
  });

  it("of nothing is no number", () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

it("the mean is the sum by the number of values", () => {
  expect(mean([1, 2, 6])).toBe(3);
});

describe("a slope", () => {
  it("is that of the line on which the points lie", () => {
    expect(
      slope([
        { x: 1, y: 5 },
        { x: 2, y: 7 },
        { x: 3, y: 9 },
      ]),
    ).toBe(2);
  });

  it("is 0 of what goes up as often as down", () => {
    expect(
      slope([
        { x: 0, y: 1 },
        { x: 1, y: 2 },
        { x: 2, y: 1 },
      ]),
    ).toBe(0);
  });

  it("of one point is no number", () => {
    expect(slope([{ x: 1, y: 1 }])).toBeNaN();
  });
});
