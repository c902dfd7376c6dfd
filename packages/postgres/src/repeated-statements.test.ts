import { expect, it } from "vitest";
import { countRepetitions } from "./repeated-statements.ts";

it("tells a statement as repeated from its third time on", () => {
  const isRepeated = countRepetitions();
  expect([1, 2, 3, 4].map(() => isRepeated("select $1"))).toEqual([false, false, true, true]);
});

it("forgets statements that come once, and none that is repeated", () => {
  const isRepeated = countRepetitions();
  for (let n = 0; n < 3; n += 1) isRepeated("select $1");
  isRepeated("select 2, $1");
  isRepeated("select 2, $1");
  for (let n = 0; n < 1_000; n += 1) isRepeated(`select $1, ${n}`);
  expect(isRepeated("select $1")).toBe(true);
  expect(isRepeated("select 2, $1")).toBe(false);
});

it("takes 100 statements at the most, since each is kept by every connection", () => {
  const isRepeated = countRepetitions();
  for (let n = 0; n < 150; n += 1) for (let round = 0; round < 3; round += 1) isRepeated(`select $1, ${n}`);
  expect(Array.from({ length: 150 }, (_, n) => isRepeated(`select $1, ${n}`)).filter(Boolean)).toHaveLength(100);
});
