/** Order per key: what both adapters promise of a consumer. */
export interface Lanes {
  /** Runs `work` when all earlier work of `key` has settled. Its rejection is the caller's, and frees the lane too. */
  inOrder<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export const createLanes = (): Lanes => {
  const lanes = new Map<string, Promise<void>>();
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
  };
};

const ignore = (): void => undefined;
