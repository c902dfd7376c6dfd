import { describe, expect, it } from "vitest";
import { countCodePoints, findTextFault } from "./text.ts";

describe("a text", () => {
  it("may be of any script and have emoji, joined ones too", () => {
    for (const text of ["Ωμέγα", "山田 太郎", "محمد", "👩‍👩‍👧‍👦 family", "O’Brien-Ñandú"])
      expect(findTextFault(text, { max: 100 })).toBeNull();
  });

  it("is counted in code points, so that an emoji is one character", () => {
    expect(countCodePoints("🦊🦊")).toBe(2);
    expect(findTextFault("🦊".repeat(100), { max: 100 })).toBeNull();
    expect(findTextFault("🦊".repeat(101), { max: 100 })).toBe("tooLong");
    expect(findTextFault("x".repeat(1_000_000), { max: 100 })).toBe("tooLong");
  });

  it.each([
    ["NUL", "a\u0000b"],
    ["an escape", "a\u001b[31mb"],
    ["a C1 control", "a\u0085b"],
    ["half a surrogate pair", "a\ud83d"],
  ])("must not have %s, on one line or on several", (_, text) => {
    expect(findTextFault(text, { max: 100 })).toBe("unprintable");
    expect(findTextFault(text, { max: 100, lines: true })).toBe("unprintable");
  });

  it("has line breaks and tabs only where it may have lines", () => {
    expect(findTextFault("a\r\n\tb", { max: 100 })).toBe("unprintable");
    expect(findTextFault("a\r\n\tb", { max: 100, lines: true })).toBeNull();
  });

  it("must not be blank", () => {
    for (const text of ["", "   ", "\u00a0"]) expect(findTextFault(text, { max: 100 })).toBe("blank");
  });
});
