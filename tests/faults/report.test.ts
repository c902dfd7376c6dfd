import { describe, expect, it } from "vitest";
import { countOutcomes, rowLines, rowTable, toJson, totalsTable } from "./report.ts";
import type { RowResult } from "./row-run.ts";
import type { Account } from "./stage.ts";

const row = (changes: Partial<RowResult>): RowResult => ({
  name: "broker killed",
  outcome: "passed",
  problems: [],
  violations: [],
  isBroken: false,
  said: [],
  acknowledged: 10,
  shed: 1,
  retried: 2,
  p50Ms: 3.4,
  p99Ms: 9.6,
  drainMs: 1_500,
  tookMs: 12_345,
  ...changes,
});

const violations = Array.from({ length: 12 }, (_, index) => ({
  rule: "a CANCELLED order holds no money" as const,
  evidence: `ord_${index}`,
}));

const account: Account = {
  sent: 12,
  acknowledged: 10,
  refused: 1,
  found: 11,
  lost: 0,
  byStatus: new Map([
    ["PAID", 8],
    ["CANCELLED", 3],
  ]),
  redeliveries: 4,
  deadLetters: 2,
  replayed: 1,
};

describe("the report of the fault suite", () => {
  it("tells a row that went well in one line, and what it said", () => {
    expect(rowLines(row({ said: ["down for 3 s"] }))).toBe("ok   broker killed (12.3 s)\n       down for 3 s");
  });

  it("tells problems, and the first of many violations", () => {
    const lines = rowLines(row({ outcome: "failed", problems: ["it did not come to rest"], violations })).split("\n");
    expect(lines[0]).toBe("FAIL broker killed (12.3 s)");
    expect(lines[1]).toBe("     ! it did not come to rest");
    expect(lines[2]).toBe("     ! violated: a CANCELLED order holds no money: ord_0");
    expect(lines.at(-1)).toBe("     ! violated: … and 2 more");
  });

  it("counts outcomes, and no violation of a build that had to have some", () => {
    const rows = [row({ violations, isBroken: true }), row({ outcome: "failed" }), row({ outcome: "skipped" })];
    expect(countOutcomes(rows)).toEqual({ passed: 1, failed: 1, skipped: 1 });
    const result = { rows, accounts: [account, account], directories: [], tookMs: 60_000 };
    expect(totalsTable(result)).toMatch(/violations\s+│\s+0 │/);
    expect(totalsTable(result)).toMatch(/found\s+│\s+22 │/);
    expect(totalsTable(result)).toMatch(/ {2}PAID\s+│\s+16 │/);
    expect(rowTable(rows)).toMatch(/broker killed\s+│ passed\s+│\s+10 │\s+1 │\s+2 │\s+3 │\s+10 │\s+1\.5 s │\s+12 │/);
    const json: unknown = JSON.parse(toJson(result, { seed: 1, command: "again" }));
    expect(json).toMatchObject({ seed: 1, passed: 1, failed: 1, total: { byStatus: { PAID: 16, CANCELLED: 6 } } });
  });
});
