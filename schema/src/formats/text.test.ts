import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeWithSide, plain, plainLines, sentence, uriOf } from "./text.ts";

describe("text that others wrote", () => {
  it("is shown as it is where it is plain", () => {
    const text = "Product.price: [Money!]! was removed — «für» 价格 👩‍💻 100 %";
    expect(plainLines(text)).toEqual([text]);
  });

  it("has its controls spelt out, of one byte and of two", () => {
    expect(plain("\u001b[31m \u009b0m \u0000 \u007f")).toBe("\\u001b[31m \\u009b0m \\u0000 \\u007f");
  });

  it("has what would turn, hide or break it spelt out", () => {
    expect(plain("\u202eabc\u2066 a\u200bb \ufeff \ud800 \uffff \u{e0041}")).toBe(
      "\\u202eabc\\u2066 a\\u200bb \\ufeff \\ud800 \\uffff \\udb40\\udc41",
    );
  });

  it("is broken at whatever breaks a line", () => {
    expect(plainLines("a\nb\r\nc\rd\u2028e\u2029f\u0085g")).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
    expect(plain("a\n\n  b\n")).toBe("a b");
  });

  it("gives a build server's log no command", () => {
    expect(plainLines("x\n  ::set-output name=a::b\n##[group]c ##vso[task]d")).toEqual([
      "x",
      "  : :set-output name=a::b",
      "# #[group]c # #vso[task]d",
    ]);
    expect(plain("a::b ## heading")).toBe("a::b ## heading");
  });

  it("obeys nothing, whatever it is", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const line of plainLines(text)) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
          expect(line.trimStart()).not.toMatch(/^::/);
          expect(line).not.toContain("##[");
        }
      }),
    );
  });
});

it("names the base where a place is in its files", () => {
  const place = { path: "a.graphql", line: 3, column: 4 };
  expect(placeWithSide({ ...place, side: "head" }, "git:main")).toBe("a.graphql:3:4");
  expect(placeWithSide({ ...place, side: "base" }, "git:main")).toBe("a.graphql:3:4 (base: git:main)");
  expect(placeWithSide({ ...place, side: "base" }, null)).toBe("a.graphql:3:4 (base)");
});

it("makes a relative URI of any path", () => {
  expect(uriOf("a b/ä#?(1)%.graphql")).toBe("a%20b/%C3%A4%23%3F%281%29%25.graphql");
  expect(uriOf("C:\ud800")).toBe("C%3A%EF%BF%BD");
});

it("puts names into a sentence", () => {
  expect([sentence([]), sentence(["a"]), sentence(["a", "b"]), sentence(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});
