import { describe, expect, it } from "vitest";
import { describeDifference } from "./line-difference.ts";

describe("describing how a file is stale", () => {
  it("names the lines that went and came", () => {
    expect(describeDifference("a\nb\nc\n", "a\nc\nd\n")).toEqual(["- 2: b", "+ 3: d", "1 line(s) gone, 1 line(s) new"]);
  });

  it("stays short however much changed", () => {
    const many = Array.from({ length: 500 }, (_, line) => `line ${line}`).join("\n");
    expect(describeDifference("", many).length).toBeLessThan(15);
  });

  it("tells when only the order changed", () => {
    expect(describeDifference("a\nb", "b\na")).toEqual(["the same lines in another order"]);
  });
});
