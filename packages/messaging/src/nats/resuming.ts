import { setTimeout as pause } from "node:timers/promises";
import { type Backoff, backoffDelay } from "../backoff.ts";
import type { Log } from "../log.ts";

const RESUME_BACKOFF_MS: Backoff = { first: 100, max: 5_000 };

/**
 * Runs `run` until `signal` is aborted: whenever it ends or rejects, `prepare` restores what it needs and it runs again,
 * after a pause that grows while it keeps rejecting. Resolves after the abort; never rejects.
 */
export const keepRunning = async (options: {
  readonly name: string;
  readonly run: () => Promise<void>;
  readonly prepare: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly random: () => number;
}): Promise<void> => {
  const { name, run, prepare, signal, log, random } = options;
  for (let failures = 0, first = true; !signal.aborted; first = false) {
    try {
      if (!first) await prepare();
      await run();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!signal.aborted) log.warn({ consumer: name, err: error, failures }, "a consumer was interrupted: resuming");
    }
    const delayMs = backoffDelay(RESUME_BACKOFF_MS, Math.max(1, failures), random);
    // Aborted, the pause rejects at once, and the loop ends.
    await pause(delayMs, undefined, { signal }).catch(() => undefined);
  }
};
