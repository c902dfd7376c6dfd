import { setImmediate as endOfTurn } from "node:timers/promises";
import { detached, type Origin, originNow, together } from "@supergraph/service";

export interface GroupCommitOptions<Item, Result> {
  /** What is done for several, as a span that is linked to theirs. */
  readonly name: string;
  /** Takes effect for all, and answers one result an item, or rejects and takes effect for none. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly maxItems: number;
  /** After a group the next that is not full is begun so much later: four times as long as that one took, within these bounds. */
  readonly paceMs: { readonly least: number; readonly most: number };
}

/** So much of the time is for groups that are not full. */
const PACED_SHARE = 1 / 4;

/**
 * What comes while a transaction is under way, or soon after one, shares the next: who comes alone waits for nothing, and
 * a crowd costs few transactions. A group that fails is tried again one by one, so that an item's fault is its own.
 */
export const createGroupCommit = <Item, Result>({
  name,
  run,
  maxItems,
  paceMs,
}: GroupCommitOptions<Item, Result>): ((item: Item) => Promise<Result>) => {
  interface Entry {
    readonly item: Item;
    readonly origin: Origin;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Entry[] = [];
  let isRunning = false;
  let nextAt = Number.NEGATIVE_INFINITY;

  const settle = async (entries: readonly Entry[]): Promise<void> => {
    try {
      const results = await together(
        name,
        entries.map(({ origin }) => origin),
        () => run(entries.map(({ item }) => item)),
      );
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
    while (waiting.length > 0) {
      const earlyMs = waiting.length < maxItems ? nextAt - performance.now() : 0;
      if (earlyMs > 0) await pause(earlyMs);
      const begunAt = performance.now();
      await settle(waiting.splice(0, maxItems));
      const tookMs = performance.now() - begunAt;
      nextAt = begunAt + Math.min(paceMs.most, Math.max(paceMs.least, tookMs / PACED_SHARE));
    }
    isRunning = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, origin: originNow(), resolve, reject });
      if (isRunning) return;
      isRunning = true;
      void detached(drain);
    });
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
