import type { Database } from "@supergraph/postgres";
import type { Logger, Running } from "@supergraph/service";
import type { RunOperation } from "./commands/run-operation.ts";
import { claimOperations } from "./db/operations.ts";
import type * as schema from "./db/schema.ts";
import type { OperationRow } from "./db/schema.ts";

export interface OperationWorker extends Running {
  /** There may be something to do: looks at once. */
  wake(): void;
  /**
   * Runs the operation of this id now, or waits for the attempt that is under way in this process. Resolves after one
   * attempt, whatever came of it; at once when it is not due or runs elsewhere.
   */
  attempt(id: string): Promise<void>;
}

export interface OperationWorkerOptions {
  readonly database: Database<typeof schema>;
  readonly run: RunOperation;
  /** Longer than the longest attempt: after it the operation is another worker's. */
  readonly leaseMs: number;
  readonly now: () => Date;
  readonly log: Logger;
}

const CONCURRENCY = 16;
const POLL_MS = 250;

/**
 * Runs operations that are due, of all processes of the subgraph each in one at a time. Polls for what other processes
 * left behind; {@link OperationWorker.wake} spares the wait for what this one recorded.
 */
export const startOperationWorker = ({ database, run, leaseMs, now, log }: OperationWorkerOptions): OperationWorker => {
  const running = new Map<string, Promise<void>>();
  let isStopped = false;
  let claiming: Promise<void> | null = null;
  let isWokenMeanwhile = false;

  const start = (operation: OperationRow): Promise<void> => {
    const attempt = run(operation)
      .catch((error: unknown) => {
        // The lease brings it back.
        log.error({ err: error, operation: operation.id }, "an attempt at an operation failed");
      })
      .finally(() => {
        running.delete(operation.id);
        wake();
      });
    running.set(operation.id, attempt);
    return attempt;
  };

  const claim = async (): Promise<void> => {
    do {
      isWokenMeanwhile = false;
      const limit = CONCURRENCY - running.size;
      if (limit <= 0 || isStopped) return;
      try {
        const claimed = await claimOperations(database.db, { limit, now: now(), leaseMs });
        for (const operation of claimed) void start(operation);
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
    claiming = claim().finally(() => {
      claiming = null;
    });
  };

  const timer = setInterval(wake, POLL_MS);
  wake();

  return {
    wake,
    async attempt(id) {
      const underWay = running.get(id);
      if (underWay || isStopped) return underWay;
      const [operation] = await claimOperations(database.db, { limit: 1, now: now(), leaseMs, id });
      // Claimed by our own loop meanwhile, it is running here all the same.
      if (!operation) await claiming;
      await (operation ? start(operation) : running.get(id));
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await claiming;
      await Promise.all(running.values());
    },
  };
};
