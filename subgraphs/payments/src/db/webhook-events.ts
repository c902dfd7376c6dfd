import type { Tx } from "./connection.ts";
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
