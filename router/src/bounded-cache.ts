/** Keeps the most recently used values, as many as their keys' lengths allow together: values that grow with their keys. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  /** So many keys at most, those that were asked for most often first. */
  mostUsed(count: number): string[];
  numbers(): CacheNumbers;
}

export interface CacheNumbers {
  readonly entries: number;
  readonly characters: number;
  readonly hits: number;
  readonly misses: number;
}

interface Entry<Value> {
  readonly value: Value;
  uses: number;
}

export const createBoundedCache = <Value>(maxKeyCharacters: number): BoundedCache<Value> => {
  // A Map iterates in the order of insertion: what is used moves to the end, and the first is the one to drop.
  const entries = new Map<string, Entry<Value>>();
  let characters = 0;
  let hits = 0;
  let misses = 0;
  const drop = (key: string): void => {
    if (entries.delete(key)) characters -= key.length;
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) {
        misses += 1;
        return undefined;
      }
      hits += 1;
      entry.uses += 1;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value) {
      drop(key);
      entries.set(key, { value, uses: 1 });
      characters += key.length;
      for (const oldest of entries.keys()) {
        if (characters <= maxKeyCharacters) return;
        drop(oldest);
      }
    },
    mostUsed: (count) =>
      [...entries]
        .sort(([, a], [, b]) => b.uses - a.uses)
        .slice(0, count)
        .map(([key]) => key),
    numbers: () => ({ entries: entries.size, characters, hits, misses }),
  };
};
