import { reach } from "@supergraph/failpoints";
import { type Backoff, delayAfter, pause } from "./backoff.ts";
import type { Database, Schema } from "./database.ts";
import { seekLeadership } from "./leadership.ts";
import { isPermanent } from "./message-size.ts";
import type { OutboxMessage } from "./outbox.ts";
import { type OutboxSample, sampleOutbox, startOutboxGauge } from "./outbox-gauge.ts";
import { createPublishedMarks } from "./published-marks.ts";
import { DEFAULT_RETENTION, type Retention, republishLost, sweep } from "./retention.ts";
import { createSignal } from "./signal.ts";
import type { Transactions } from "./transactions.ts";

export interface RelayLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RelayOptions<S extends Schema> {
  readonly database: Database<S>;
  readonly transactions: Pick<Transactions<S>, "afterOutboxCommit">;
  /**
   * Resolves once the message is durable elsewhere. May take long; a rejection is repeated after a backoff, and one that
   * has `permanent: true` is logged as an error each time: nothing goes on with its key until somebody mends it.
   */
  readonly publish: (message: OutboxMessage) => Promise<void>;
  /**
   * Since when all that was published is kept where it went to; null where nothing can get lost. What was published
   * before that is published again, as far as the retention has kept it. Asked about every 10 s.
   */
  readonly keptSince?: () => Promise<Date | null>;
  readonly log: RelayLog;
  readonly retention?: Partial<Retention>;
  /** After a failed publish: 250 ms at first, 15 s at most, unless given. */
  readonly backoff?: Partial<Backoff>;
  /** How often the outbox is read without being told of a commit, which other processes cannot. 50 ms unless given. */
  readonly pollMs?: number;
  /** How often what waits is counted. 1 s unless given. */
  readonly gaugeMs?: number;
}

export interface RelayStats {
  /** Whether this is the one relay of its database that publishes. */
  readonly leader: boolean;
  /** Publishes that have not settled. */
  readonly inFlight: number;
  /** Publishes that resolved, since the start. */
  readonly published: number;
  /** Publishes that rejected, since the start. */
  readonly failed: number;
  /** What waits, of all replicas, whichever of them leads; null until it was first counted. */
  readonly outbox: OutboxSample | null;
}

export interface Relay {
  stats(): RelayStats;
  /** Claims nothing more, waits up to 10 s for publishes in flight, marks them, gives leadership back. */
  stop(): Promise<void>;
}

const CLAIM_LIMIT = 500;
/** Keys that are being published or back off; what is beyond stays in the table. */
const MAX_BUSY_KEYS = 1_000;
const POLL_MS = 50;
/**
 * However many commit, the outbox is read again only after some time, the longer the longer the last reading took: what
 * came meanwhile is claimed together, and a database that is busy is not asked more often for it.
 */
const CLAIM_EVERY_MS = { least: 3, most: 50, times: 5 };
const IDLE_FOLLOWER_MS = 500;
const SWEEP_EVERY_MS = 10_000;
const STOP_WITHIN_MS = 10_000;
/**
 * Of what is published again no more waits at once: what is new would wait behind all of it, and whoever takes an outbox
 * that is deep for a sign of trouble would see trouble where there is none.
 */
const REPUBLISHED_ABREAST = 5_000;
const ROOM_POLL_MS = 50;
/** While a broker is away every message fails, over and over: one line tells of all. */
const WARN_EVERY_MS = 1_000;
const DEFAULT_BACKOFF: Backoff = { firstMs: 250, maxMs: 15_000 };
const DATABASE_BACKOFF: Backoff = { firstMs: 100, maxMs: 2_000 };

/**
 * Publishes what transactions appended to the outbox: at least once, messages of one key one after another in the order
 * of their appending, those of different keys at the same time. Of all relays of a database one works at a time; when it
 * is killed, hangs or is cut off, another goes on within 5 s, and it stops by itself before. Returns at once and outlives
 * a database that is down.
 */
export const startRelay = async <S extends Schema>(options: RelayOptions<S>): Promise<Relay> => {
  const { database, transactions, publish, keptSince, log, pollMs = POLL_MS } = options;
  const retention = { ...DEFAULT_RETENTION, ...options.retention };
  const backoff = { ...DEFAULT_BACKOFF, ...options.backoff };
  const { sql } = database;

  const wake = createSignal();
  const stopped = new AbortController();
  const stopping = () => stopped.signal.aborted;
  const sweepSoon = createSignal();
  const leadership = seekLeadership({
    database,
    log,
    onGained() {
      wake.notify();
      sweepSoon.notify();
    },
  });
  const marks = createPublishedMarks(sql, stopped.signal, log);
  const gauge = startOutboxGauge({ database, log, everyMs: options.gaugeMs });

  /** Keys that must not be claimed: being published, or waiting after a failure. */
  const busyKeys = new Set<string>();
  const failuresByKey = new Map<string, number>();
  const backoffTimers = new Set<NodeJS.Timeout>();
  const lanes = new Set<Promise<void>>();
  let commits = 0;
  let inFlight = 0;
  let published = 0;
  let failed = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  let failedUnsaid = 0;

  const stopListening = transactions.afterOutboxCommit(() => {
    commits += 1;
    wake.notify();
  });

  const release = (key: string) => {
    busyKeys.delete(key);
    wake.notify();
  };

  const backOff = (key: string, row: Row, error: unknown) => {
    failed += 1;
    const failures = (failuresByKey.get(key) ?? 0) + 1;
    failuresByKey.set(key, failures);
    const permanent = isPermanent(error);
    const retryInMs = delayAfter(permanent ? Number.POSITIVE_INFINITY : failures, backoff);
    const fields = { err: error, messageId: row.envelope.id, subject: row.subject, key, failures, retryInMs };
    if (permanent) log.error(fields, "a message cannot be published as it is: it holds up its key until it can");
    else if (performance.now() - warnedAt < WARN_EVERY_MS) failedUnsaid += 1;
    else {
      log.warn({ ...fields, othersFailed: failedUnsaid }, "could not publish, will retry");
      warnedAt = performance.now();
      failedUnsaid = 0;
    }
    const timer = setTimeout(() => {
      backoffTimers.delete(timer);
      release(key);
    }, retryInMs);
    backoffTimers.add(timer);
  };

  /** Publishes rows of one key in turn. After a failure the rest is left to be claimed again, so that order is kept. */
  const runLane = async (key: string, rows: readonly Row[]) => {
    const commitsBefore = commits;
    const marked: Promise<void>[] = [];
    let failure: { row: Row; error: unknown } | null = null;
    for (const row of rows) {
      if (stopping() || !leadership.held()) break;
      inFlight += 1;
      const begunAt = performance.now();
      try {
        await publish(toMessage(row));
        reach("relay:published");
        published += 1;
        failuresByKey.delete(key);
        marked.push(marks.add(row.position, row.clockAhead + begunAt));
      } catch (error) {
        failure = { row, error };
        break;
      } finally {
        inFlight -= 1;
      }
    }
    // Until it is marked a published row looks unpublished: its key stays busy.
    await Promise.all(marked);
    if (failure && !stopping()) backOff(key, failure.row, failure.error);
    else if (commits > commitsBefore || busyKeys.size >= MAX_BUSY_KEYS) release(key);
    else busyKeys.delete(key);
  };

  /** Whether there may be more to claim at once. */
  const claim = async (): Promise<boolean> => {
    const limit = Math.min(CLAIM_LIMIT, MAX_BUSY_KEYS - busyKeys.size);
    if (limit <= 0) return false;
    // Leading is the claim. Row locks would add nothing but harm: a statement of a former leader that hangs in the middle
    // of its answer would keep them, and who leads now would wait, or skip them and publish what comes after them first.
    const claimed = await sql<(Omit<Row, "clockAhead"> & { now: number })[]>`
      select position, subject, key, envelope, headers, extract(epoch from clock_timestamp())::float8 * 1000 as now
      from outbox
      where published_at is null and key <> all(${[...busyKeys]}::text[])
      order by position limit ${limit}`;
    const receivedAt = performance.now();
    const rows = claimed.map(({ now, ...row }) => ({ ...row, clockAhead: now - receivedAt }));
    if (rows.length > 0) reach("relay:claimed");
    if (stopping() || !leadership.held()) return false;
    for (const [key, rowsOfKey] of byKey(rows)) {
      busyKeys.add(key);
      const lane = runLane(key, rowsOfKey);
      lanes.add(lane);
      void lane.finally(() => lanes.delete(lane));
    }
    return rows.length === limit;
  };

  const claimLoop = async () => {
    let failures = 0;
    while (!stopping()) {
      if (!leadership.held()) {
        await wake.wait(IDLE_FOLLOWER_MS);
        continue;
      }
      try {
        const claimedAt = performance.now();
        const more = await claim();
        const tookMs = performance.now() - claimedAt;
        failures = 0;
        if (more) continue;
        await wake.wait(pollMs);
        const { least, most, times } = CLAIM_EVERY_MS;
        const early = claimedAt + Math.min(most, Math.max(least, tookMs * times)) - performance.now();
        if (early > 0) await pause(early, stopped.signal);
      } catch (error) {
        failures += 1;
        if (failures === 1) log.warn({ err: error }, "the relay cannot read the outbox, will retry");
        await pause(delayAfter(failures, DATABASE_BACKOFF), stopped.signal);
      }
    }
  };

  const publishLostAgain = async (goOn: () => boolean) => {
    const since = await keptSince?.();
    if (!since) return;
    const onceThereIsRoom = async () => {
      while (goOn() && (await sampleOutbox(database)).depth > REPUBLISHED_ABREAST)
        await pause(ROOM_POLL_MS, stopped.signal);
      return goOn();
    };
    const messages = await republishLost(sql, since, onceThereIsRoom);
    if (messages === 0) return;
    log.warn({ messages, since }, "what was published before is no longer kept: publishing it again");
    wake.notify();
  };

  const sweepLoop = async () => {
    while (!stopping()) {
      const mayGoOn = () => leadership.held() && !stopping();
      try {
        // Before anything is removed, and nothing is while it is unknown: it may be needed once more.
        if (mayGoOn()) await publishLostAgain(mayGoOn);
        if (mayGoOn()) await sweep(sql, retention, mayGoOn);
      } catch (error) {
        if (!stopping()) log.warn({ err: error }, "could not look through published messages, will retry");
      }
      await sweepSoon.wait(SWEEP_EVERY_MS * (0.75 + Math.random() / 2));
    }
  };

  const loops = Promise.all([claimLoop(), sweepLoop()]);

  return {
    stats: () => ({ leader: leadership.held(), inFlight, published, failed, outbox: gauge.sample() }),
    async stop() {
      stopListening();
      gauge.stop();
      stopped.abort();
      wake.notify();
      sweepSoon.notify();
      for (const timer of backoffTimers) clearTimeout(timer);
      const settled = new AbortController();
      const settle = loops.then(() => Promise.all(lanes)).then(() => settled.abort());
      await Promise.race([settle, pause(STOP_WITHIN_MS, settled.signal)]);
      await leadership.stop();
    },
  };
};

interface Row {
  readonly position: string;
  readonly subject: string;
  readonly key: string;
  readonly envelope: OutboxMessage["envelope"];
  readonly headers: Record<string, string>;
  /** By how much the database's clock, milliseconds since 1970, is ahead of this process's monotonic one, or a bit less. */
  readonly clockAhead: number;
}

const toMessage = ({ subject, key, envelope, headers }: Row): OutboxMessage => ({ subject, key, envelope, headers });

const byKey = (rows: readonly Row[]): Map<string, Row[]> => {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const group = grouped.get(row.key);
    if (group) group.push(row);
    else grouped.set(row.key, [row]);
  }
  return grouped;
};
