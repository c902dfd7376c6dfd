import { describe, expect, it } from "vitest";
import { MAX_TEXT_LENGTH, parse{{Entity}} } from "./{{entity-file}}.ts";

const refused = (raw: { {{owner}}Id?: string; text?: string }) => {
  const parsed = parse{{Entity}}({ {{owner}}Id: "one", text: "Good.", ...raw });
  return parsed.kind === "invalid" ? parsed.fields.map(({ path }) => path.join(".")) : [];
};

describe("a {{words}}", () => {
  it("is trimmed and may have several lines", () => {
    expect(parse{{Entity}}({ {{owner}}Id: "one", text: " Good.\nVery. " })).toEqual({
      kind: "ok",
      {{owner}}Id: "one",
      text: "Good.\nVery.",
    });
  });

  it.each([
    ["blank", " \n "],
    ["too long", "x".repeat(MAX_TEXT_LENGTH + 1)],
    ["far too long", "x".repeat(1_000_000)],
    ["half a character", "\uD800"],
    ["NUL", "a\u0000"],
  ])("is refused when its text is %s", (_what, text) => {
    expect(refused({ text })).toEqual(["input.text"]);
  });

  it("may be as long as it says, in characters as people count them", () => {
    expect(refused({ text: "🦊".repeat(MAX_TEXT_LENGTH) })).toEqual([]);
  });

  it.each(["", "\u0000", "🦊", "a b", "x".repeat(1_000)])("is refused where what it belongs to is %j", (id) => {
    expect(refused({ {{owner}}Id: id })).toEqual(["input.{{owner}}Id"]);
  });

  it("has all that is wrong with it told at once", () => {
    expect(refused({ {{owner}}Id: "", text: "" })).toEqual(["input.{{owner}}Id", "input.text"]);
  });
});
