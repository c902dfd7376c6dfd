/** Order per key and bounded concurrency over all keys: what both adapters promise of a consumer. */
export interface Lanes {
  /** Runs `work` when all earlier work of `key` has settled. Its rejection is the caller's, and frees the lane too. */
  inOrder<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Runs `work` when one of the slots is free. Pauses belong outside, so that a failing key costs others nothing. */
  withSlot<T>(work: () => Promise<T>): Promise<T>;
}

export const createLanes = (slots: number): Lanes => {
  const lanes = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let free = slots;
  return {
    inOrder(key, work) {
      const before = lanes.get(key) ?? Promise.resolve();
      const result = before.then(work);
      const settled = result.then(ignore, ignore).then(() => {
        if (lanes.get(key) === settled) lanes.delete(key);
      });
      lanes.set(key, settled);
      return result;
    },
    async withSlot(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The slot goes from hand to hand: were it freed first, a newcomer could overtake.
        if (next) next();
        else free += 1;
      }
    },
  };
};

const ignore = (): void => undefined;
