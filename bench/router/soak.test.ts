import { describe, expect, it } from "vitest";
import { judgeFlatness } from "./soak.ts";

const samples = (rss: readonly number[]) => rss.map((rssMb, index) => ({ seconds: index * 2, rssMb }));

describe("memory under a long load", () => {
  it("is flat where it rose at first and then stays", () => {
    const found = judgeFlatness(samples([100, 200, 300, 300, 302, 298, 300, 299, 301]));
    expect(found).toMatchObject({ firstThirdMb: 200, middleThirdMb: 300, lastThirdMb: 300, flat: true });
  });

  it("is not flat where the last third has more than the middle one", () => {
    expect(judgeFlatness(samples([100, 100, 100, 200, 200, 200, 220, 220, 220])).flat).toBe(false);
  });

  it("is flat where it falls", () => {
    expect(judgeFlatness(samples([300, 300, 300, 300, 300, 300, 200, 200, 200])).flat).toBe(true);
  });

  it("has the slope of its last two thirds, in megabytes an hour", () => {
    // One megabyte in each two seconds.
    expect(judgeFlatness(samples([5, 5, 5, 10, 11, 12, 13, 14, 15])).slopeMbPerHour).toBeCloseTo(1_800);
  });
});
