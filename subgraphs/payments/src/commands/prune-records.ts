import type { Db } from "../db/connection.ts";
import { pruneOperations } from "../db/operations.ts";
import { pruneWebhookEvents } from "../db/webhook-events.ts";

const DAY_MS = 24 * 60 * 60_000;

/** An operation that ended: whoever asks what was tried, and what the provider said, does so within a month. */
export const OPERATIONS_KEPT_MS = 30 * DAY_MS;
/** A webhook that was taken: longer than anybody delivers one again. A later repeat finds that it changes nothing. */
export const WEBHOOKS_KEPT_MS = 7 * DAY_MS;

/** Small, so that no delete holds many rows or floods the WAL. */
const BATCH = 500;

/** Removes what is older than it is kept, a batch at a time, while `goOn` answers true. Answers how much; safe to run in many processes. */
export const makePruneRecords =
  ({ db, now }: { readonly db: Db; readonly now: () => Date }) =>
  async (goOn: () => boolean = () => true): Promise<number> => {
    const before = (keptMs: number) => new Date(now().getTime() - keptMs);
    const whileFull = async (prune: () => Promise<number>): Promise<number> => {
      for (let sum = 0; ; ) {
        const count = goOn() ? await prune() : 0;
        sum += count;
        if (count < BATCH) return sum;
      }
    };
    return (
      (await whileFull(() => pruneOperations(db, before(OPERATIONS_KEPT_MS), BATCH))) +
      (await whileFull(() => pruneWebhookEvents(db, before(WEBHOOKS_KEPT_MS), BATCH)))
    );
  };
