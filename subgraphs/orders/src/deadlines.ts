import { setTimeout as pause } from "node:timers/promises";
import { reach } from "@supergraph/failpoints";
import { isOutage } from "@supergraph/postgres";
import { inOwnTrace, type Logger } from "@supergraph/service";
import type { AdvanceSagas } from "./commands/advance-sagas.ts";
import type { Tx } from "./db/connection.ts";
import { claimDueOrders } from "./db/sagas.ts";

export interface Deadlines {
  /** Lets the sagas in hand finish. */
  stop(): Promise<void>;
}

export interface DeadlinesOptions {
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly sagas: Pick<AdvanceSagas, "tellLocked">;
  readonly now: () => Date;
  readonly pollMs: number;
  readonly log: Logger;
}

/** After an outage every open saga may be due at once: many share a transaction, few enough to hold locks for moments. */
const MAX_BATCH = 100;

/**
 * Tells sagas of their passed deadlines, many in one transaction; one that fails stops no other. Any number of processes
 * may do so at once: each claims what no other works on.
 */
export const startDeadlines = (options: DeadlinesOptions): Deadlines => {
  const { pollMs, log } = options;
  const stopped = new AbortController();
  let failures = 0;
  const loop = async () => {
    while (!stopped.signal.aborted) {
      try {
        await sweep(options, stopped.signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) log.warn({ err: error }, "could not look for passed deadlines, will retry");
      }
      // Stopped, the pause rejects at once.
      await pause(pollMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
};

/** Until none is due. What fails alone, or does not move, is left for the next sweep. */
const sweep = async (options: DeadlinesOptions, stopped: AbortSignal): Promise<void> => {
  const left: string[] = [];
  // Halved where a batch fails, so that the one at fault comes to be alone, and doubled again behind it.
  let limit = MAX_BATCH;
  while (!stopped.aborted) {
    let claimed: string[] = [];
    try {
      const moved = await options.inTransaction(async (tx) => {
        const due = await claimDueOrders(tx, { now: options.now(), except: left, limit });
        claimed = due.map(({ order }) => order.id);
        if (claimed.length === 0) return [];
        reach("deadline:claimed");
        // Each order's messages belong to its own trace; what is logged meanwhile, to this one.
        return inOwnTrace("deadlines", () => options.sagas.tellLocked(tx, due, { kind: "deadline" }));
      });
      if (claimed.length === 0) return;
      left.push(...claimed.filter((id) => !moved.includes(id)));
      limit = Math.min(MAX_BATCH, limit * 2);
    } catch (error) {
      const [orderId] = claimed;
      if (orderId === undefined || isOutage(error)) throw error;
      if (claimed.length === 1) {
        left.push(orderId);
        options.log.error({ err: error, orderId, alert: true }, "could not tell an order of its deadline, will retry");
      }
      limit = Math.max(1, Math.floor(claimed.length / 2));
    }
  }
};
