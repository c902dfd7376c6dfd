import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "@supergraph/service";
import type { AdvanceSaga } from "./commands/advance-saga.ts";
import type { Tx } from "./db/connection.ts";
import { claimDueSaga } from "./db/sagas.ts";

export interface Deadlines {
  /** Lets the saga in hand finish. */
  stop(): Promise<void>;
}

export interface DeadlinesOptions {
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly advance: AdvanceSaga;
  readonly now: () => Date;
  readonly pollMs: number;
  readonly log: Logger;
}

/**
 * Tells sagas of their passed deadlines, one transaction a saga, so that one that fails stops no other. Any number of
 * processes may do so at once: each claims what no other works on.
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

/** Until none is due. What fails, or does not move, is left for the next sweep. */
const sweep = async (options: DeadlinesOptions, stopped: AbortSignal): Promise<void> => {
  const left: string[] = [];
  while (!stopped.aborted) {
    let orderId: string | null = null;
    try {
      await options.inTransaction(async (tx) => {
        orderId = await claimDueSaga(tx, options.now(), left);
        if (orderId === null) return;
        const result = await options.advance(tx, orderId, { kind: "deadline" });
        if (result !== "advanced") left.push(orderId);
      });
    } catch (error) {
      if (orderId === null) throw error;
      left.push(orderId);
      options.log.error({ err: error, orderId, alert: true }, "could not tell an order of its deadline, will retry");
    }
    if (orderId === null) return;
  }
};
