import { pause } from "./backoff.ts";

export interface Repetition {
  readonly everyMs: number;
  readonly stopped: AbortSignal;
  readonly work: () => Promise<void>;
  /** Hears of the first of several failures in a row. */
  readonly onFailure: (error: unknown) => void;
}

/** Does `work` now and then, whatever comes of it, until `stopped` is aborted. Never rejects. */
export const repeat = async ({ everyMs, stopped, work, onFailure }: Repetition): Promise<void> => {
  let failures = 0;
  while (!stopped.aborted) {
    try {
      await work();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1 && !stopped.aborted) onFailure(error);
    }
    await pause(everyMs, stopped);
  }
};
