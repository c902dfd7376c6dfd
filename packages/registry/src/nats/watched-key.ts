import { setTimeout as pause } from "node:timers/promises";
import type { KV, KvEntry } from "nats";
import type { Stop } from "../live.ts";

const RETRY_MS = 500;

/**
 * Hears of the entries of a key, which may have wildcards: of those that are there, and of each that is put or deleted. Begins
 * anew, with what is there, after the broker has dropped the watch or had no bucket yet. `known` is called when all that was
 * there has been heard.
 */
export const watchKey = (kv: KV, key: string, hear: (entry: KvEntry) => void, known: () => void = () => {}): Stop => {
  let isStopped = false;
  let stop: (() => void) | undefined;
  const follow = async (): Promise<void> => {
    const entries = await kv.watch({ key, initializedFn: known });
    stop = () => entries.stop();
    if (isStopped) return stop();
    for await (const entry of entries) hear(entry);
  };
  const followAgain = async (): Promise<void> => {
    while (!isStopped) {
      await follow().catch(() => undefined);
      if (!isStopped) await pause(RETRY_MS, undefined, { ref: false });
    }
  };
  void followAgain();
  return () => {
    isStopped = true;
    stop?.();
  };
};
