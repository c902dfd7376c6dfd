import { setTimeout as pause } from "node:timers/promises";

/** Whether `work` settles within `timeoutMs`; it goes on if it does not. Rejects when `work` does in time. */
export const settlesWithin = async (work: Promise<unknown>, timeoutMs: number): Promise<boolean> => {
  const settled = new AbortController();
  const late = pause(timeoutMs, false, { signal: settled.signal }).catch(() => true);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    settled.abort();
  }
};
