import { expect, it } from "vitest";
import { createRandom } from "./random.ts";

const draw = (seed: number) => {
  const random = createRandom(seed);
  return Array.from({ length: 20 }, () => random.integer(1, 6));
};

it("repeats itself with the same seed, and not with another", () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it("stays within what it is asked for", () => {
  expect(new Set(Array.from({ length: 50 }, (_, seed) => draw(seed)).flat())).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});

it("shuffles without losing anything", () => {
  const cards = Array.from({ length: 52 }, (_, card) => card);
  const shuffled = createRandom(1).shuffle(cards);
  expect(shuffled).not.toEqual(cards);
  expect([...shuffled].sort((left, right) => left - right)).toEqual(cards);
});

it("gives each name a source of its own, however much others consume", () => {
  const first = createRandom(3);
  first.fraction();
  expect(first.fork("orders").fraction()).toBe(createRandom(3).fork("orders").fraction());
  expect(createRandom(3).fork("orders").fraction()).not.toBe(createRandom(3).fork("products").fraction());
});

it("cannot pick from nothing", () => {
  expect(() => createRandom(1).pick([])).toThrow(RangeError);
});
