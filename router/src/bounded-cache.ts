/** Keeps the most recently used values, as many as their keys' lengths allow together: values that grow with their keys. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

export const createBoundedCache = <Value>(maxKeyCharacters: number): BoundedCache<Value> => {
  // A Map iterates in the order of insertion: what is used moves to the end, and the first is the one to drop.
  const entries = new Map<string, Value>();
  let characters = 0;
  const drop = (key: string): void => {
    if (entries.delete(key)) characters -= key.length;
  };
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      drop(key);
      entries.set(key, value);
      characters += key.length;
      for (const oldest of entries.keys()) {
        if (characters <= maxKeyCharacters) return;
        drop(oldest);
      }
    },
  };
};
