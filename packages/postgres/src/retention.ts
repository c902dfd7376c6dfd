import type postgres from "postgres";

export interface Retention {
  /** How long a published message is kept, so that it can be published again after a broker lost it. */
  readonly publishedForMs: number;
  /** How long it is remembered that a message was handled: longer than any message can be redelivered. */
  readonly handledForMs: number;
}

export const DEFAULT_RETENTION: Retention = {
  publishedForMs: 10 * 60_000,
  handledForMs: 7 * 24 * 60 * 60_000,
};

/** Small, so that no delete holds many rows or floods the WAL. */
const BATCH = 500;

/** The database's clock and the broker's; whoever knows a message's id ignores what comes once more without need. */
const CLOCKS_DIFFER_MS = 5_000;

/**
 * Makes what was published before `keptSince` unpublished again, a batch at a time: the broker may have lost it. It is
 * appended once more, as it were: behind what waits, and as old as the loss. So what is new waits for no more of it than
 * was there before; that it overtakes what is old is nothing that a redelivery could not do. Answers how many messages;
 * repeated, it finds those that are left.
 *
 * @param goOn Asked before each batch; may keep it waiting.
 */
export const republishLost = async (
  sql: postgres.Sql,
  keptSince: Date,
  goOn: () => Promise<boolean>,
): Promise<number> => {
  // As text, which keeps the microseconds. Not what is published again while this goes on.
  const [row] = await sql<{ lostBefore: string }[]>`
    select least(${new Date(keptSince.getTime() + CLOCKS_DIFFER_MS).toISOString()}::timestamptz, now())::text as "lostBefore"`;
  const lostBefore = row?.lostBefore ?? keptSince.toISOString();
  let messages = 0;
  for (let found = BATCH; found === BATCH && (await goOn()); ) {
    const { count } = await sql`
      update outbox set position = again.position, published_at = null, created_at = clock_timestamp()
      from (
        select position as before, nextval(pg_get_serial_sequence('outbox', 'position')) as position
        from (
          select position from (
            select position from outbox where published_at < ${lostBefore}::timestamptz
            order by published_at limit ${BATCH}) as lost
          order by position) as in_order
      ) as again
      where outbox.position = again.before`;
    found = count;
    messages += count;
  }
  return messages;
};

/** Deletes what `retention` no longer keeps, a batch at a time, until nothing is left or `goOn` answers false. */
export const sweep = async (sql: postgres.Sql, retention: Retention, goOn: () => boolean): Promise<void> => {
  const whileFull = async (deleteBatch: () => Promise<number>) => {
    while (goOn() && (await deleteBatch()) === BATCH);
  };
  const [exists] = await sql<{ outbox: boolean; inbox: boolean }[]>`
    select to_regclass('outbox') is not null as outbox, to_regclass('inbox') is not null as inbox`;
  if (exists?.outbox)
    await whileFull(async () => {
      const deleted = await sql`
        delete from outbox where position in (
          select position from outbox
          where published_at < now() - make_interval(secs => ${retention.publishedForMs / 1000})
          order by published_at limit ${BATCH})`;
      return deleted.count;
    });
  if (exists?.inbox)
    await whileFull(async () => {
      const deleted = await sql`
        delete from inbox where (consumer, message_id) in (
          select consumer, message_id from inbox
          where handled_at < now() - make_interval(secs => ${retention.handledForMs / 1000})
          order by handled_at limit ${BATCH})`;
      return deleted.count;
    });
};
