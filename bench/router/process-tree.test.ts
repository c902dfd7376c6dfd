import { describe, expect, it } from "vitest";
import { parseStat, parseStatus } from "./process-tree.ts";

/** As Linux writes it: pid, name, state, parent, then 9 others, then user, system, and both of ended children. */
const stat = (name: string): string =>
  `4242 (${name}) S 17 4242 4242 0 -1 4194304 900 0 0 0 150 50 20 5 20 0 11 0 123456 1000000 5000 18446744073709551615`;

describe("a process's times", () => {
  it("are those of user and system, and of children that have ended, in seconds", () => {
    expect(parseStat(stat("node")).cpuSeconds).toBeCloseTo(2.25);
  });

  it("are found behind a name with blanks and brackets", () => {
    expect(parseStat(stat("a) S 99 (b"))).toEqual({ parent: 17, cpuSeconds: 2.25 });
  });
});

describe("a process's memory", () => {
  it("is told in megabytes, as it is and as it was at most", () => {
    expect(parseStatus("Name:\tnode\nVmPeak:\t9999 kB\nVmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n")).toEqual({
      rssMb: 2,
      peakRssMb: 4,
    });
  });

  it("is none for one that has ended and is not yet waited for", () => {
    expect(parseStatus("Name:\tnode\nState:\tZ (zombie)\n")).toEqual({ rssMb: 0, peakRssMb: 0 });
  });
});
