import type postgres from "postgres";
import { pause } from "./backoff.ts";
import { repeat } from "./repeat.ts";

/** The time by a database's clock, told without asking it each time. */
export interface DatabaseClock {
  now(): Date;
  stop(): void;
}

export interface DatabaseClockOptions {
  readonly database: { readonly sql: postgres.Sql };
  readonly log: { warn(fields: object, message: string): void };
  /** How often the two clocks are compared: they drift, and a host may sleep. 10 s unless given. */
  readonly everyMs?: number;
}

const EVERY_MS = 10_000;
/** Of several readings the quickest is the least wrong: by half of the time that it took at the most. */
const READINGS = 3;

/**
 * Deadlines that processes write for each other go by one clock, that of the database they write them to. By their own, a
 * process whose clock is minutes ahead would put off what others are to do by as much, long after it is gone.
 * @throws what the first reading fails with; later ones keep what was known.
 */
export const startDatabaseClock = async ({
  database,
  log,
  everyMs = EVERY_MS,
}: DatabaseClockOptions): Promise<DatabaseClock> => {
  let aheadMs = await readAheadMs(database);
  const stopped = new AbortController();
  const keepReading = () =>
    repeat({
      everyMs,
      stopped: stopped.signal,
      async work() {
        aheadMs = await readAheadMs(database);
      },
      onFailure: (error) => log.warn({ err: error }, "could not read the database's clock, will retry"),
    });
  void pause(everyMs, stopped.signal).then(keepReading);
  return {
    now: () => new Date(performance.now() + aheadMs),
    stop: () => stopped.abort(),
  };
};

/** By how many milliseconds the database's clock, since 1970, is ahead of this process's monotonic one. */
const readAheadMs = async ({ sql }: { readonly sql: postgres.Sql }): Promise<number> => {
  let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
  for (let reading = 0; reading < READINGS; reading += 1) {
    const since = performance.now();
    const [row] = await sql<{ now: number }[]>`
      select extract(epoch from clock_timestamp())::float8 * 1000 as now`;
    const tookMs = performance.now() - since;
    if (!row) throw new Error("Expected one row of a select without a table.");
    if (tookMs < best.tookMs) best = { tookMs, aheadMs: row.now - since - tookMs / 2 };
  }
  return best.aheadMs;
};
