import type postgres from "postgres";
import { repeat } from "./repeat.ts";

/** What waits in an outbox, of all replicas together. */
export interface OutboxSample {
  /** Messages that are not published; {@link MAX_DEPTH} where there are more. */
  readonly depth: number;
  /** For how long the oldest of them has waited, milliseconds by the database's clock; 0 where none waits. */
  readonly oldestMs: number;
  /** When it was looked at, milliseconds since 1970 by this process's clock: an old sample says that nobody could look. */
  readonly sampledAt: number;
}

export interface OutboxGauge {
  /** The latest sample; null before the first. */
  sample(): OutboxSample | null;
  stop(): void;
}

export interface OutboxGaugeOptions {
  readonly database: { readonly sql: postgres.Sql };
  readonly log: { warn(fields: object, message: string): void };
  /** 1 s unless given. */
  readonly everyMs?: number | undefined;
}

/** What is more is deep enough for whoever asks; counting it would cost the database what it lacks by then. */
export const MAX_DEPTH = 50_000;
const EVERY_MS = 1_000;

/** Looks now and then at an outbox, in the background: asking for {@link OutboxGauge.sample} costs nothing. */
export const startOutboxGauge = ({ database, log, everyMs = EVERY_MS }: OutboxGaugeOptions): OutboxGauge => {
  const stopped = new AbortController();
  let latest: OutboxSample | null = null;
  void repeat({
    everyMs,
    stopped: stopped.signal,
    async work() {
      latest = await sampleOutbox(database);
    },
    onFailure: (error) => log.warn({ err: error }, "could not count what waits in the outbox, will retry"),
  });
  return {
    sample: () => latest,
    stop: () => stopped.abort(),
  };
};

/** Reads only the index of unpublished rows, as far as {@link MAX_DEPTH}: a deep outbox costs no more than that. */
export const sampleOutbox = async ({ sql }: { readonly sql: postgres.Sql }): Promise<OutboxSample> => {
  const [row] = await sql<{ depth: number; oldestMs: number | null }[]>`
    select
      (select count(*)::int from (
        select from outbox where published_at is null order by position limit ${MAX_DEPTH}) as waiting) as depth,
      (select extract(epoch from clock_timestamp() - created_at)::float8 * 1000
        from outbox where published_at is null order by position limit 1) as "oldestMs"`;
  return { depth: row?.depth ?? 0, oldestMs: Math.max(row?.oldestMs ?? 0, 0), sampledAt: Date.now() };
};
