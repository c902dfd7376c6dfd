import { TypeID } from "typeid-js";

/** A deterministic source of numbers: the same seed gives the same shop on every machine. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** A whole number from `min` to `max`, both inclusive. */
  integer(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
  /** `count` different elements, in random order; all of them when there are fewer. */
  sample<T>(from: readonly T[], count: number): T[];
}

/** mulberry32: 32 bits of state are plenty for example data. */
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
    sample(from, count) {
      const rest = [...from];
      const sampled = [];
      while (sampled.length < count && rest.length > 0) sampled.push(...rest.splice(integer(0, rest.length - 1), 1));
      return sampled;
    },
  };
};

/** An id as the services make them, but from `random` and a given creation time. */
export const seededId = (prefix: string, createdAt: Date, random: Random): string => {
  const bytes = new Uint8Array(16).map(() => random.integer(0, 255));
  const milliseconds = BigInt(createdAt.getTime());
  for (let index = 0; index < 6; index += 1) bytes[index] = Number((milliseconds >> BigInt(8 * (5 - index))) & 0xffn);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return TypeID.fromUUIDBytes(prefix, bytes).toString();
};
