import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { openClient } from "./client.ts";
import { type ConnectionLimits, connectionLimits } from "./limits.ts";
import { countUses, type PoolUse } from "./pool-use.ts";
import { prepareRepeated } from "./repeated-statements.ts";
import { traceStatements } from "./statement-spans.ts";

export type Schema = Record<string, unknown>;

/** Drizzle over a pool, or inside a transaction: what a query function takes when it runs in either. */
export type Queryable<S extends Schema> = PostgresJsDatabase<S> | Transaction<S>;

export type Transaction<S extends Schema> = PgTransaction<PostgresJsQueryResultHKT, S, ExtractTablesWithRelations<S>>;

export interface Database<S extends Schema> {
  /** What it is called in Postgres. */
  readonly name: string;
  readonly db: PostgresJsDatabase<S>;
  /** A pool of its own for raw SQL: drizzle rewires its client's serializers for JSON and dates. */
  readonly sql: postgres.Sql;
  /**
   * One more connection, for what belongs to a session, such as an advisory lock. It is never recycled. End it with
   * `end()`; {@link close} ends what is left.
   */
  openSession(options?: SessionOptions): postgres.Sql;
  /** Of the Drizzle pool, at this moment. */
  use(): PoolUse;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
  /** Lets running queries finish, for 5 s at the most. */
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Hears when the connection is lost, after which a query opens a new session. */
  readonly onClose?: () => void;
  /** Postgres ends the session, and gives back its locks, when it is sent nothing for so long; never unless given. */
  readonly idleTimeoutMs?: number;
}

export interface DatabaseOptions<S extends Schema> {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly schema: S;
  /** Connections of the Drizzle pool; the raw pool has up to 3 more. 10 unless given. */
  readonly max?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** For all connections; each limit that is not given has a default. `NO_LIMITS` is for maintenance. */
  readonly limits?: Partial<ConnectionLimits>;
  /** Sees each SQL statement of the Drizzle pool; for tests that count. */
  readonly onQuery?: (query: string) => void;
}

const CLOSE_TIMEOUT_SECONDS = 5;
const CONNECT_TIMEOUT_SECONDS = 5;
const IDLE_TIMEOUT_SECONDS = 60;
const RAW_POOL_SIZE = 3;
const CHECK_TIMEOUT_MS = 3_000;

/** Opens pools; connects lazily, so a database that is down is found by {@link Database.check} or the first query. */
export const openDatabase = <S extends Schema>({
  url,
  schema,
  max = 10,
  applicationName,
  limits,
  onQuery,
}: DatabaseOptions<S>): Database<S> => {
  const options = {
    applicationName,
    connectTimeoutSeconds: CONNECT_TIMEOUT_SECONDS,
    limits: connectionLimits(limits),
  };
  const client = openClient(url, { ...options, max, idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS });
  const name = client.options.database;
  const { client: pool, use } = countUses(traceStatements(prepareRepeated(client), name), max);
  const raw = openClient(url, { ...options, max: RAW_POOL_SIZE, idleTimeoutSeconds: IDLE_TIMEOUT_SECONDS });
  const sessions = new Set<postgres.Sql>();
  return {
    name,
    db: drizzle(pool, { schema, ...(onQuery ? { logger: { logQuery: onQuery } } : {}) }),
    sql: raw,
    use,
    openSession({ idleTimeoutMs, onClose } = {}) {
      const session = openClient(url, {
        ...options,
        max: 1,
        idleTimeoutSeconds: 0,
        idleSessionTimeoutMs: idleTimeoutMs,
        onClose,
      });
      sessions.add(session);
      return session;
    },
    async check() {
      await answerWithin(CHECK_TIMEOUT_MS, raw`select 1`);
    },
    async close() {
      const timeout = CLOSE_TIMEOUT_SECONDS;
      await Promise.all([pool, raw, ...sessions].map((client) => client.end({ timeout })));
    },
  };
};

const answerWithin = async (timeoutMs: number, query: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The database did not answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    await Promise.race([query, timeout]);
  } finally {
    clearTimeout(timer);
  }
};
