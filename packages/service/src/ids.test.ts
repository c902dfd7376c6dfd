import { describe, expect, it } from "vitest";
import { isId, newId } from "./ids.ts";

describe("an id", () => {
  it("has its prefix, is another each time, and sorts by the time of its making", () => {
    const ids = Array.from({ length: 1_000 }, () => newId("ord"));
    expect(ids.every((id) => isId("ord", id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    const [first = "", last = ""] = [ids[0], ids.at(-1)];
    expect(first.slice(0, 10) <= last.slice(0, 10)).toBe(true);
  });

  it("is no id of another prefix", () => {
    expect(isId("prd", newId("ord"))).toBe(false);
    expect(isId("or", newId("ord"))).toBe(false);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["an object with the text of one", { toString: () => "ord_01h455vb4pex5vsknk084sn02q" }],
    ["a list", ["ord_01h455vb4pex5vsknk084sn02q"]],
    ["no text", ""],
    ["a prefix alone", "ord_"],
    ["a shorter one", "ord_01h455vb4pex5vsknk084sn02"],
    ["a longer one", "ord_01h455vb4pex5vsknk084sn02qq"],
    ["capitals", "ord_01H455VB4PEX5VSKNK084SN02Q"],
    ["a letter that base 32 leaves out", "ord_01h455vb4pex5vsknk084sn02l"],
    ["more than 128 bits", "ord_81h455vb4pex5vsknk084sn02q"],
    ["a NUL behind it", "ord_01h455vb4pex5vsknk084sn02q\0"],
    ["a line's end behind it", "ord_01h455vb4pex5vsknk084sn02q\n"],
  ])("is not %s", (_, value) => {
    expect(isId("ord", value)).toBe(false);
  });

  it("is what looks like one", () => {
    expect(isId("ord", "ord_01h455vb4pex5vsknk084sn02q")).toBe(true);
  });
});
