import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { type Queries, read } from "../invariants/databases.ts";
import type { JournalReader } from "../invariants/journal.ts";
import { findOpenWork } from "../invariants/movement.ts";
import type { BrokerWatch } from "./broker-counts.ts";

export interface Watched {
  readonly databases: Queries;
  readonly broker: BrokerWatch;
  readonly journal: JournalReader;
}

export type Settled =
  | { readonly kind: "settled"; readonly tookMs: number }
  /** What is still under way, a line each. */
  | { readonly kind: "moving"; readonly what: readonly string[] };

const POLL_MS = 250;

/**
 * Waits until nothing moves any more: no open saga but those that wait long for their customers, no open operation, empty
 * outboxes, idle consumers, delivered webhooks. To be called once nobody orders anything.
 */
export const untilQuiet = (watched: Watched, timeoutMs: number): Promise<Settled> => {
  let activityBefore: string | undefined;
  return until(timeoutMs, async () => {
    const { busy, activity } = await watched.broker.counts();
    const open = await findOpenWork(watched.databases);
    await watched.journal.readOn();
    const webhooks = watched.journal.undeliveredWebhooks();
    const moving = [...open, ...busy, ...(webhooks > 0 ? [`${webhooks} webhooks are not delivered`] : [])];
    // No two of them are looked at in the same moment: what was on its way between two shows as activity.
    const isStill = activity === activityBefore;
    activityBefore = activity;
    return moving.length > 0 || isStill ? moving : ["messages are still being handled"];
  });
};

/**
 * Waits, while others go on ordering, until all orders that are under way now have come to an end, and all messages that
 * wait in outboxes now are published.
 */
export const untilCaughtUp = async ({ databases }: Watched, timeoutMs: number): Promise<Settled> => {
  const { orders } = databases;
  const open = await read(
    orders,
    z.object({ ids: z.string() }),
    `select coalesce(array_agg(order_id), '{}')::text as ids from sagas where ${IS_MOVING}`,
  );
  const ids = open[0]?.ids ?? "{}";
  return until(timeoutMs, async () => {
    const rows = await read(
      orders,
      z.object({ line: z.string() }),
      `select order_id || ' is ' || state as line from sagas
       where order_id = any($1::text::text[]) and ${IS_MOVING} limit 10`,
      [ids],
    );
    return rows.map(({ line }) => line);
  });
};

const IS_MOVING = "deadline_at is not null and state <> 'AWAITING_ACTION'";

/** @param look Answers what still moves, none when it is over. What fails counts as moving: a server may be starting. */
const until = async (timeoutMs: number, look: () => Promise<readonly string[]>): Promise<Settled> => {
  const since = performance.now();
  for (;;) {
    const what = await look().catch((error: unknown) => [`cannot be told: ${String(error)}`]);
    const tookMs = performance.now() - since;
    if (what.length === 0) return { kind: "settled", tookMs };
    if (tookMs > timeoutMs) return { kind: "moving", what };
    await delay(POLL_MS);
  }
};
