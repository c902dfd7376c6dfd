import { describe, expect, it } from "vitest";
import { judge, verdict } from "./targets.ts";
import { aMeasurement } from "./testing.ts";

const measured = ({ ours = 900, oneFetch = 10_000 } = {}) => [
  aMeasurement("ours", "sixteen-fetches", ours),
  aMeasurement("apollo", "sixteen-fetches", 100),
  aMeasurement("hive-rust", "sixteen-fetches", 200),
  aMeasurement("ours", "one-fetch", oneFetch),
  aMeasurement("proxy", "one-fetch", 20_000),
];

describe("the verdict", () => {
  it("is that targets are met where each ratio is at least what is wanted", () => {
    expect(verdict(judge(measured({ ours: 800, oneFetch: 10_000 })))).toBe("targets met");
  });

  it("names each target that is missed, with what was measured", () => {
    expect(verdict(judge(measured({ ours: 500 })))).toBe(
      "targets missed: 16 fetches: 8 × Apollo (5.00 ×); 16 fetches: 3 × Hive with its Rust planner (2.50 ×)",
    );
    expect(verdict(judge(measured({ oneFetch: 5_000 })))).toBe(
      "targets missed: one fetch: 0.5 × the bare proxy (0.25 ×)",
    );
  });

  it("names what was not measured where nothing is missed", () => {
    const some = measured().filter(({ gateway }) => gateway !== "apollo");
    expect(verdict(judge(some))).toBe("targets not measured: 16 fetches: 8 × Apollo");
  });

  it("is never that targets are met where nothing was measured", () => {
    expect(verdict(judge([]))).toMatch(/^targets not measured: /);
  });

  it("looks at unique Authorization alone", () => {
    const identical = measured().map((one) => ({ ...one, traffic: "identical" as const }));
    expect(verdict(judge(identical))).toMatch(/^targets not measured: /);
  });
});
