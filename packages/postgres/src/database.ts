import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import postgres from "postgres";

type Schema = Record<string, unknown>;

/** Drizzle over a pool, or inside a transaction: what a query function takes when it runs in either. */
export type Queryable<S extends Schema> = PostgresJsDatabase<S> | Transaction<S>;

export type Transaction<S extends Schema> = PgTransaction<PostgresJsQueryResultHKT, S, ExtractTablesWithRelations<S>>;

export interface Database<S extends Schema> {
  readonly db: PostgresJsDatabase<S>;
  /** A pool of its own for raw SQL: drizzle rewires its client's serializers for JSON and dates. */
  readonly sql: postgres.Sql;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
  /** Lets running queries finish, for 5 s at the most. */
  close(): Promise<void>;
}

export interface DatabaseOptions<S extends Schema> {
  readonly url: string;
  readonly schema: S;
  /** Connections of the Drizzle pool; the raw pool has up to 3 more. 10 unless given. */
  readonly max?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Sees each SQL statement of the Drizzle pool; for tests that count. */
  readonly onQuery?: (query: string) => void;
}

const CLOSE_TIMEOUT_SECONDS = 5;

/** Opens pools; connects lazily, so a database that is down is found by {@link Database.check} or the first query. */
export const openDatabase = <S extends Schema>({
  url,
  schema,
  max = 10,
  applicationName,
  onQuery,
}: DatabaseOptions<S>): Database<S> => {
  const connection = { application_name: applicationName };
  const pool = postgres(url, { max, connection, onnotice: () => undefined, idle_timeout: 60, connect_timeout: 10 });
  const raw = postgres(url, { max: 3, connection, onnotice: () => undefined, idle_timeout: 60, connect_timeout: 10 });
  return {
    db: drizzle(pool, { schema, ...(onQuery ? { logger: { logQuery: onQuery } } : {}) }),
    sql: raw,
    async check() {
      await raw`select 1`;
    },
    async close() {
      await Promise.all([pool.end({ timeout: CLOSE_TIMEOUT_SECONDS }), raw.end({ timeout: CLOSE_TIMEOUT_SECONDS })]);
    },
  };
};
