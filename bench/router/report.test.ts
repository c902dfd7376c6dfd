import { describe, expect, it } from "vitest";
import { disturbance, type Report, writeMarkdown, writeTerminal } from "./report.ts";
import { judge } from "./targets.ts";
import { aMeasurement } from "./testing.ts";

const aReport = (
  measurements = [aMeasurement("apollo", "sixteen-fetches", 100), aMeasurement("ours", "sixteen-fetches", 900)],
): Report => ({
  machine: {
    date: "2026-01-02T03:04:05.000Z",
    node: "v20.0.0",
    kernel: "linux 6",
    cpu: "A processor",
    cores: 2,
    memoryGb: 8,
    pinned: "gateway on core 1",
    packages: { "@apollo/gateway": "2.14.4" },
  },
  schedule: { rounds: 3, firstWarmUpMs: 3_000, warmUpMs: 500, sampleMs: 2_000 },
  nodeFlags: "--max-semi-space-size=128",
  gateways: [
    {
      name: "ours",
      title: "this router",
      settings: "its defaults",
      peakRssMb: 300,
      fetches: { "sixteen-fetches": 16 },
    },
    { name: "apollo", title: "Apollo", settings: "its defaults", peakRssMb: 500, fetches: {} },
  ],
  agreement: { kind: "same", sameBytes: true, otherOrder: [] },
  measurements,
  targets: judge(measurements),
});

describe("what is shown on a terminal", () => {
  it("ends with the verdict", () => {
    expect(writeTerminal(aReport()).split("\n").at(-1)).toMatch(/^targets not measured: /);
  });

  it("has the fastest first, and no table where nothing was measured", () => {
    const text = writeTerminal(aReport());
    expect(text.indexOf("this router")).toBeLessThan(text.indexOf("Apollo"));
    expect(text).not.toContain("one Authorization for all");
  });
});

describe("what is kept", () => {
  it("says what ran: versions, rounds, settings and memory", () => {
    const text = writeMarkdown(aReport());
    for (const part of ["@apollo/gateway 2.14.4", "v20.0.0", "3 rounds of 2 s", "| Apollo | its defaults | 500 MB |"])
      expect(text).toContain(part);
  });

  it("says where the order of fields differs, by the gateway's title", () => {
    const agreement = { kind: "same", sameBytes: false, otherOrder: ["apollo"] } as const;
    expect(writeMarkdown({ ...aReport(), agreement })).toContain("in another order at Apollo.");
  });

  it("has as many cells in each row of a table as in its head", () => {
    const rows = writeMarkdown(aReport())
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const tables = rows.filter((line) => !line.includes("---")).map((line) => line.split(" | ").length);
    expect(new Set(tables)).toEqual(new Set([8, 3]));
  });
});

describe("a machine that has other work", () => {
  const busy = (busyCores: number) => [{ ...aMeasurement("ours", "sixteen-fetches", 900), busyCores }];

  it("is told of, where a gateway had much less than its core", () => {
    expect(disturbance(busy(0.5))).toContain("a gateway had only 0.50 of its core");
    expect(writeMarkdown(aReport(busy(0.5)))).toContain("The machine had other work");
  });

  it("is not told of where it has none, or where that cannot be known", () => {
    expect(disturbance(busy(0.99))).toBeNull();
    expect(disturbance([])).toBeNull();
  });
});
