import type { Database } from "@supergraph/postgres";
import type { Load } from "../domain/intake.ts";
import type * as schema from "./schema.ts";

/**
 * How many messages are to be published, counted up to `countUpTo`, and for how many milliseconds the oldest of them
 * waits, by the database's clock.
 */
export const outboxLoad = async (
  { sql }: Pick<Database<typeof schema>, "sql">,
  countUpTo: number,
): Promise<Pick<Load, "outbox_depth" | "outbox_age">> => {
  const [row] = await sql<{ depth: number; ageMs: number }[]>`
    select
      (select count(*) from (select 1 from outbox where published_at is null limit ${countUpTo}) waiting)::int as depth,
      coalesce(
        (select extract(epoch from clock_timestamp() - created_at) * 1000
         from outbox where published_at is null order by position limit 1), 0
      )::float8 as "ageMs"`;
  return { outbox_depth: row?.depth ?? 0, outbox_age: row?.ageMs ?? 0 };
};
