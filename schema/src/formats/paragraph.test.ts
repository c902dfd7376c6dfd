import { expect, it } from "vitest";
import { paragraph } from "./paragraph.ts";

it("breaks at spaces, within the width that the indent is part of", () => {
  expect(paragraph("one two three four five six seven eight nine", 30, "  ", "→ ")).toEqual([
    "→ one two three four five six",
    "  seven eight nine",
  ]);
});

it("keeps a word whole that is longer than a line, since half a path cannot be clicked", () => {
  const path = "subgraphs/products/a/very/long/path/schema.graphql:12:3";
  expect(paragraph(`see ${path} there`, 30, "  ")).toEqual(["  see", `  ${path}`, "  there"]);
});

it("counts characters, not UTF-16 units", () => {
  expect(paragraph("😀😀😀😀😀😀😀😀😀😀😀 😀😀😀😀😀😀😀😀😀😀😀😀", 24, "")).toHaveLength(1);
});
