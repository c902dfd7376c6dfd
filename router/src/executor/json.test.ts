import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyJson, writeJson } from "./json.ts";

describe("JSON that is written by hand", () => {
  it.each([
    "",
    "plain text",
    'a "quote"',
    "back\\slash",
    "line\nfeed",
    "\u0000\u001f\u007f",
    "ü \u2028 😀 \ud800",
    0,
    -0,
    1e21,
    -1.5e-7,
    2 ** 53,
    true,
    false,
    null,
    [],
    { a: [1, { b: "c" }] },
  ])("is what JSON.stringify writes of %j", (value) => {
    expect(writeJson(value)).toBe(JSON.stringify(value));
  });

  it("is what JSON.stringify writes of anything", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => writeJson(value) === JSON.stringify(value)),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => writeJson(text) === JSON.stringify(text)),
      {
        numRuns: 1_000,
      },
    );
  });
});

describe("a copy", () => {
  it("is equal, and has no object in common, whatever names it holds", () => {
    const value = JSON.parse('{"__proto__":{"a":[1,{"b":null}]},"c":[[{"d":1}]]}');
    const copy = copyJson(value);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
    copy.c[0][0].d = 2;
    Object.getOwnPropertyDescriptor(copy, "__proto__")?.value.a.push(2);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":[1,{"b":null}]},"c":[[{"d":1}]]}');
  });
});
