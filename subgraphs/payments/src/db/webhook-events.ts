import { sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { webhookEvents } from "./schema.ts";

/** Records these events, and answers those of them that were not on record. */
export const recordWebhookEvents = async (tx: Tx, ids: readonly string[], now: Date): Promise<Set<string>> => {
  if (ids.length === 0) return new Set();
  const recorded = await tx
    .insert(webhookEvents)
    .values([...new Set(ids)].sort().map((id) => ({ id, handledAt: now })))
    .onConflictDoNothing()
    .returning({ id: webhookEvents.id });
  return new Set(recorded.map(({ id }) => id));
};

/** Removes up to `limit` of those that were recorded before `before`, and answers how many. */
export const pruneWebhookEvents = async (db: Db, before: Date, limit: number): Promise<number> => {
  const removed = await db.execute(sql`
    delete from webhook_events where id in (
      select id from webhook_events where handled_at < ${before.toISOString()}::timestamptz
      order by handled_at limit ${limit} for update skip locked)
    returning id`);
  return removed.length;
};
