import { describe, expect, it } from "vitest";
import { brief, lintSdl } from "../testing/lint-sdl.ts";

describe("the names of input types", () => {
  const NAMES = ["LINT_INPUT_NAME", "LINT_NOT_AN_INPUT"] as const;

  it("end in Input, and those of other types do not", () => {
    const sdl = `input Line { id: ID }
input LineInput { id: ID }
type AddressInput { id: ID }
enum ModeInput { A }`;
    const findings = lintSdl({ shop: sdl }, NAMES);
    expect(brief(findings)).toEqual([
      "LINT_INPUT_NAME Line shop.graphql:1:7",
      "LINT_NOT_AN_INPUT AddressInput shop.graphql:3:6",
      "LINT_NOT_AN_INPUT ModeInput shop.graphql:4:6",
    ]);
    expect(findings.map(({ message }) => message)).toEqual([
      "The input type Line does not end in Input.",
      "AddressInput is an object, and its name ends in Input, as those of input types do.",
      "ModeInput is an enum, and its name ends in Input, as those of input types do.",
    ]);
  });

  it("end as the settings say; the first suffix alone is kept for them", () => {
    const sdl = "input OrderFilter { id: ID }\ntype AirFilter { id: ID }\ninput Line { id: ID }";
    const findings = lintSdl({ shop: sdl }, NAMES, { inputSuffixes: ["Input", "Filter"] });
    expect(brief(findings)).toEqual(["LINT_INPUT_NAME Line shop.graphql:3:7"]);
    expect(findings[0]?.message).toBe("The input type Line does not end in Input or Filter.");
  });
});
