import type postgres from "postgres";
import { type Backoff, delayAfter, pause } from "./backoff.ts";

export interface PublishedMarks {
  /**
   * Resolves once the row at `position` is marked as published. `begunAt`, milliseconds since 1970 by the database's
   * clock, is when publishing it began: from then on it counts as published, since a broker that was emptied later,
   * however long the marking takes, may not have it.
   */
  add(position: string, begunAt: number): Promise<void>;
}

interface Mark {
  readonly position: string;
  readonly begunAt: number;
  done(): void;
}

/** A little patience makes one statement of what many would need. */
const GATHER_MS = 10;
const DATABASE_BACKOFF: Backoff = { firstMs: 100, maxMs: 2_000 };

/**
 * Marks rows as published, many in one statement. Retries for ever, except when stopping: once. Nobody waits for the disk:
 * what a crash of the database undoes is published once more, and whoever knows its id ignores it.
 */
export const createPublishedMarks = (
  sql: postgres.Sql,
  stopped: AbortSignal,
  log: { warn(fields: object, message: string): void },
): PublishedMarks => {
  let waiting: Mark[] = [];
  let running = false;

  const write = async (marks: readonly Mark[]) => {
    const begunAt = Math.min(...marks.map((mark) => mark.begunAt));
    await sql`
      with in_the_background as materialized (select set_config('synchronous_commit', 'off', true))
      update outbox set published_at = to_timestamp(${begunAt / 1_000}::float8)
      from in_the_background where position = any(${marks.map(({ position }) => position)}::bigint[])`;
  };

  const run = async () => {
    let failures = 0;
    while (waiting.length > 0) {
      if (failures === 0) await pause(GATHER_MS, stopped);
      const marks = waiting;
      waiting = [];
      try {
        await write(marks);
        failures = 0;
        for (const { done } of marks) done();
      } catch (error) {
        failures += 1;
        if (failures === 1) log.warn({ err: error, rows: marks.length }, "could not mark messages as published");
        if (stopped.aborted) {
          // They will be published once more by whoever leads next; consumers ignore an id that they know.
          for (const { done } of marks) done();
        } else {
          waiting = [...marks, ...waiting];
          await pause(delayAfter(failures, DATABASE_BACKOFF), stopped);
        }
      }
    }
    running = false;
  };

  return {
    add: (position, begunAt) =>
      new Promise((done) => {
        waiting.push({ position, begunAt, done });
        if (running) return;
        running = true;
        void run();
      }),
  };
};
