import { setImmediate as endOfTurn } from "node:timers/promises";

export interface GroupCommitOptions<Item, Result> {
  /** Takes effect for all, and answers one result an item, or rejects and takes effect for none. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly maxItems: number;
}

/**
 * What comes while a transaction is under way shares the next one: nobody waits while there is nothing to wait for, and
 * a crowd costs few transactions. A group that fails is tried again one by one, so that an item's fault is its own.
 */
export const createGroupCommit = <Item, Result>({
  run,
  maxItems,
}: GroupCommitOptions<Item, Result>): ((item: Item) => Promise<Result>) => {
  interface Entry {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Entry[] = [];
  let isRunning = false;

  const settle = async (entries: readonly Entry[]): Promise<void> => {
    try {
      const results = await run(entries.map(({ item }) => item));
      entries.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error(`Expected ${entries.length} results, got ${results.length}.`));
        else resolve(result);
      });
    } catch (error) {
      if (entries.length === 1) for (const { reject } of entries) reject(error);
      else for (const entry of entries) await settle([entry]);
    }
  };

  const drain = async (): Promise<void> => {
    // What this turn of the event loop brings besides belongs to the first group.
    await endOfTurn();
    while (waiting.length > 0) await settle(waiting.splice(0, maxItems));
    isRunning = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isRunning) return;
      isRunning = true;
      void drain();
    });
};
