import { type Random as Numbers, createRandom as seededNumbers } from "../../embedded/src/seed/random.ts";

/** A deterministic source of numbers: what a seed led to can be had again. */
export interface Random extends Numbers {
  shuffle<T>(from: readonly T[]): T[];
  /** A source of its own, by name: how much one consumes does not change another. */
  fork(name: string): Random;
}

export const createRandom = (seed: number): Random => {
  const numbers = seededNumbers(seed);
  return {
    ...numbers,
    shuffle: (from) => numbers.sample(from, from.length),
    fork: (name) => createRandom(hash(`${seed}:${name}`)),
  };
};

/** FNV-1a. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
};
