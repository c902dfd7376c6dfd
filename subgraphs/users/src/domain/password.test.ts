import { describe, expect, it } from "vitest";
import { judgePassword, normalisePassword } from "./password.ts";

const EMAIL = "ada@example.com";
const judge = (raw: string) => judgePassword(normalisePassword(raw), EMAIL).kind;

describe("a password", () => {
  it("is acceptable from 10 to 200 characters", () => {
    expect(judge("correct-h0")).toBe("acceptable");
    expect(judge(`${"ab3".repeat(66)}xy`)).toBe("acceptable");
  });

  it("is weak with 9 characters or 201", () => {
    expect(judge("correct-h")).toBe("weak");
    expect(judge("ab3".repeat(67))).toBe("weak");
  });

  it("is measured in code points, not in UTF-16 units", () => {
    expect(judge("🦊🐻🐼🐨🐯🦁🐮🐷🐸")).toBe("weak");
    expect(judge("🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵")).toBe("acceptable");
  });

  it("is weak when it is the e-mail, in any case and with blanks around", () => {
    expect(judge("ada@example.com")).toBe("weak");
    expect(judge(" ADA@Example.com ")).toBe("weak");
  });

  it("is weak when it is common, or one or two characters over and over", () => {
    for (const common of ["password123", "Password123", "1q2w3e4r5t", "aaaaaaaaaaaa", "abababababab"])
      expect(judge(common)).toBe("weak");
  });

  it("is the same password however a keyboard composes it", () => {
    expect(normalisePassword("cafe\u0301-au-lait")).toBe(normalisePassword("café-au-lait"));
    expect(normalisePassword("ｐａｓｓｗｏｒｔ")).toBe("passwort");
  });

  it("of a megabyte is refused without being normalised", () => {
    expect(normalisePassword("x".repeat(1_000_000))).toBeUndefined();
  });

  it("that grows when it is normalised is measured as it is then", () => {
    expect(normalisePassword("\ufdfa".repeat(100))).toBeUndefined();
  });
});
