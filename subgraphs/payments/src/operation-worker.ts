import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "@supergraph/postgres";
import { detached, type Logger, type Running } from "@supergraph/service";
import type { RunOperations } from "./commands/run-operations.ts";
import { claimOperations } from "./db/operations.ts";
import type * as schema from "./db/schema.ts";
import type { OperationRow } from "./db/schema.ts";

export interface OperationWorker extends Running {
  /** There may be new operations: looks at once. */
  wake(): void;
  /**
   * Runs the operation of this id now, or waits for the attempt that is under way in this process. Resolves after one
   * attempt, whatever came of it; at once when it is not due or runs elsewhere.
   */
  attempt(id: string): Promise<void>;
}

export interface OperationWorkerOptions {
  readonly database: Database<typeof schema>;
  readonly run: RunOperations;
  /** Attempts at once, at the most. Half of them are for operations that were tried before. */
  readonly concurrency: number;
  /** How many attempts may begin now beside `running` ones, for the provider's sake. */
  readonly allowance: (running: number) => number;
  /** Longer than the longest attempt: after it the operation is another worker's. */
  readonly leaseMs: number;
  readonly now: () => Date;
  readonly log: Logger;
}

const POLL_MS = 250;
/** At most so often is looked for operations, however many are recorded meanwhile. */
const CLAIM_EVERY_MS = 10;

/**
 * Runs operations that are due, of all processes of the subgraph each in one at a time. Polls for what other processes
 * left behind; {@link OperationWorker.wake} spares the wait for what this one recorded.
 *
 * Operations that were tried before are those that hang: they get no more than their half of the places, so that however
 * many they are, a new payment finds one.
 */
export const startOperationWorker = (options: OperationWorkerOptions): OperationWorker => {
  const { database, run, concurrency, allowance, leaseMs, now, log } = options;
  const running = new Map<string, Promise<void>>();
  const places = { fresh: concurrency, tried: Math.max(1, Math.floor(concurrency / 2)) };
  let triedRunning = 0;
  let isStopped = false;
  let claiming: Promise<void> | null = null;
  let isWokenMeanwhile = false;
  /** A claim left something behind, for want of places. */
  let isMoreDue = false;
  /** Whether to look for what was tried before, too: it waits for a time, rather than for somebody to record it. */
  let isTriedDue = true;
  let claimedAt = Number.NEGATIVE_INFINITY;

  const start = (operations: readonly OperationRow[]): Promise<void> => {
    const attempts = run(operations).map((attempt, index) => {
      const operation = operations[index];
      if (!operation) throw new Error(`Expected ${operations.length} attempts, got more.`);
      const isTried = operation.attempts > 1;
      if (isTried) triedRunning += 1;
      const settled = attempt
        .catch((error: unknown) => {
          // The lease brings it back.
          log.error({ err: error, operationId: operation.id }, "an attempt at an operation failed");
        })
        .finally(() => {
          running.delete(operation.id);
          if (isTried) triedRunning -= 1;
          if (isMoreDue) lookForAll();
        });
      running.set(operation.id, settled);
      return settled;
    });
    return Promise.all(attempts).then(() => undefined);
  };

  const claimSome = async (limit: number, tried?: boolean): Promise<number> => {
    if (limit <= 0) return 0;
    const claimed = await claimOperations(database.db, {
      limit,
      now: now(),
      leaseMs,
      ...(tried === undefined ? {} : { tried }),
    });
    if (claimed.length > 0) void start(claimed);
    return claimed.length;
  };

  const claim = async (): Promise<void> => {
    do {
      const earlyMs = claimedAt + CLAIM_EVERY_MS - performance.now();
      if (earlyMs > 0) await pause(earlyMs);
      claimedAt = performance.now();
      isWokenMeanwhile = false;
      const isForTried = isTriedDue;
      isTriedDue = false;
      const free = places.fresh - running.size;
      const allowed = free > 0 && !isStopped ? allowance(running.size) : 0;
      isMoreDue = allowed === 0;
      if (allowed === 0) return;
      try {
        if (allowed < free) {
          // Whichever has waited longest asks for all.
          isMoreDue = (await claimSome(allowed)) === allowed;
          continue;
        }
        const fresh = await claimSome(free, false);
        isMoreDue = fresh === free;
        if (!isForTried) continue;
        const freeForTried = Math.max(0, Math.min(places.fresh - running.size, places.tried - triedRunning));
        isMoreDue ||= (await claimSome(freeForTried, true)) === freeForTried;
      } catch (error) {
        log.warn({ err: error }, "could not look for operations, will retry");
        return;
      }
    } while (isWokenMeanwhile);
  };

  const wake = (): void => {
    if (isStopped) return;
    if (claiming) {
      isWokenMeanwhile = true;
      return;
    }
    // It goes on for others, too, long after what woke it.
    claiming = detached(claim).finally(() => {
      claiming = null;
    });
  };

  const lookForAll = (): void => {
    isTriedDue = true;
    wake();
  };

  const timer = setInterval(lookForAll, POLL_MS);
  wake();

  return {
    wake,
    async attempt(id) {
      const underWay = running.get(id);
      if (underWay || isStopped) return underWay;
      const claimed = await claimOperations(database.db, { limit: 1, now: now(), leaseMs, id });
      // Claimed by our own loop meanwhile, it is running here all the same.
      if (claimed.length === 0) await claiming;
      await (claimed.length > 0 ? start(claimed) : running.get(id));
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await claiming;
      await Promise.all(running.values());
    },
  };
};
