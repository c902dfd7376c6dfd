import { describe, expect, it } from "vitest";
import { readLine } from "./text.ts";

describe("readLine", () => {
  it("trims and composes what was typed", () => {
    expect(readLine("  Jose\u0301 ", 100)).toEqual({ kind: "ok", text: "José" });
  });

  it("takes any script and emoji, joined ones too", () => {
    for (const text of ["Ωμέγα", "山田 太郎", "محمد", "👩‍👩‍👧‍👦 family", "O’Brien-Ñandú"])
      expect(readLine(text, 100)).toEqual({ kind: "ok", text });
  });

  it("counts code points, so that an emoji is one character", () => {
    expect(readLine("🦊".repeat(100), 100).kind).toBe("ok");
    expect(readLine("🦊".repeat(101), 100).kind).toBe("refused");
  });

  it.each([
    ["NUL", "a\u0000b"],
    ["a line break", "a\nb"],
    ["an escape", "a\u001b[31mb"],
    ["a C1 control", "a\u0085b"],
    ["half a surrogate pair", "a\ud83d"],
  ])("refuses %s", (_, text) => {
    expect(readLine(text, 100).kind).toBe("refused");
  });

  it("refuses a blank line and a megabyte", () => {
    expect(readLine(" \t ", 100).kind).toBe("refused");
    expect(readLine("x".repeat(1_000_000), 100).kind).toBe("refused");
  });
});
