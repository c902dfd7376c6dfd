/** A deterministic source of numbers: what a seed led to can be had again. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** A whole number from `min` to `max`, both inclusive. */
  integer(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
  shuffle<T>(from: readonly T[]): T[];
  /** A source of its own, by name: how much one consumes does not change another. */
  fork(name: string): Random;
}

/** mulberry32. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    integer,
    pick(from) {
      const picked = from[integer(0, from.length - 1)];
      if (picked === undefined) throw new RangeError("Cannot pick from an empty list.");
      return picked;
    },
    shuffle(from) {
      const rest = [...from];
      const shuffled = [];
      while (rest.length > 0) shuffled.push(...rest.splice(integer(0, rest.length - 1), 1));
      return shuffled;
    },
    fork: (name) => createRandom(hash(`${seed}:${name}`)),
  };
};

/** FNV-1a. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
};
