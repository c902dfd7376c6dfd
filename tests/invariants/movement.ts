import { z } from "zod";
import { type Queries, type Query, read, SUBGRAPHS } from "./databases.ts";
import type { JournalReader } from "./journal.ts";
import { watchMessages } from "./messages.ts";

/** Of each kind the first are named, the rest is counted. */
const NAMED = 5;

/**
 * What is still under way, a line each, empty once all is quiet. An order that waits for its customer's confirmation is
 * quiet, unless its time is nearly over. Reads every message of the outboxes: for a small shop.
 */
export const findMovement = async (databases: Queries, journal: JournalReader): Promise<string[]> => {
  const open = await findOpenWork(databases);
  const unhandled = await watchMessages(databases).findUnhandled();
  await journal.readOn();
  const undelivered = journal.undeliveredWebhooks();
  return [
    ...open,
    ...shorten(unhandled.map(({ messageId, by }) => `${messageId} is not handled by ${by}`)),
    ...(undelivered > 0 ? [`${undelivered} webhooks are not delivered`] : []),
  ];
};

/** What the databases alone know to be under way: sagas, operations, outboxes. Cheap: reads by partial indexes. */
export const findOpenWork = async (databases: Queries): Promise<string[]> => {
  const [sagas, operations, ...outboxes] = await Promise.all([
    firstOf(
      databases.orders,
      `select order_id || ' is ' || state as line from sagas
       where deadline_at is not null
         and (state <> 'AWAITING_ACTION' or deadline_at < now() + interval '1 minute')`,
    ),
    firstOf(
      databases.payments,
      "select 'operation ' || id || ' is open' as line from operations where done_at is null",
    ),
    ...SUBGRAPHS.map((name) =>
      firstOf(
        databases[name],
        "select message_id || ' is not published' as line from outbox where published_at is null",
      ),
    ),
  ]);
  return [...(sagas ?? []), ...(operations ?? []), ...outboxes.flat()];
};

const Lines = z.object({ line: z.string(), total: z.int() });

const firstOf = async (query: Query, lines: string): Promise<string[]> => {
  const rows = await read(
    query,
    Lines,
    `select line, count(*) over ()::int as total from (${lines}) as all_of_them limit ${NAMED}`,
  );
  const total = rows[0]?.total ?? 0;
  return [
    ...rows.map(({ line }) => line),
    ...(total > rows.length ? [`… and ${total - rows.length} more like that`] : []),
  ];
};

const shorten = (lines: readonly string[]): string[] =>
  lines.length <= NAMED ? [...lines] : [...lines.slice(0, NAMED), `… and ${lines.length - NAMED} more like that`];
