import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { openClient } from "./client.ts";
import { NO_LIMITS } from "./limits.ts";

export interface MigrateOptions {
  readonly url: string;
  /** Where drizzle-kit wrote the migrations. */
  readonly folder: string;
  /** How long to wait for a database that is not up yet. 10 s unless given. */
  readonly connectWithinMs?: number;
}

export class DatabaseUnavailableError extends Error {
  readonly code = "DATABASE_UNAVAILABLE";
}

const CONNECT_WITHIN_MS = 10_000;
const CONNECT_RETRY_MS = 200;

/** Any constant will do, as long as every version of this code uses the same. */
const MIGRATION_LOCK = 7_305_110;

/**
 * Applies the migrations in `folder` that the database does not have yet, all in one transaction. Safe to repeat and to
 * call from several processes at once: they wait for each other.
 * @throws DatabaseUnavailableError when no connection can be made within `connectWithinMs`.
 */
export const migrate = async ({ url, folder, connectWithinMs = CONNECT_WITHIN_MS }: MigrateOptions): Promise<void> => {
  // One connection: the advisory lock belongs to the session that also migrates.
  const client = openClient(url, {
    max: 1,
    idleTimeoutSeconds: 0,
    connectTimeoutSeconds: Math.max(1, Math.ceil(connectWithinMs / 1000)),
    applicationName: "migrate",
    limits: NO_LIMITS,
  });
  try {
    await connect(client, url, connectWithinMs);
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await runMigrations(drizzle(client), { migrationsFolder: folder });
  } finally {
    // Ends the session and with it the lock.
    await client.end({ timeout: 5 });
  }
};

const connect = async (client: postgres.Sql, url: string, withinMs: number): Promise<void> => {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await client`select 1`;
      return;
    } catch (error) {
      if (!mayPass(error) || Date.now() + CONNECT_RETRY_MS > deadline)
        throw new DatabaseUnavailableError(
          `Cannot connect to the database at ${withoutPassword(url)}: ${reasonOf(error)}. Check that it runs and that the URL is right.`,
          { cause: error },
        );
    }
    await new Promise((resolve) => setTimeout(resolve, CONNECT_RETRY_MS));
  }
};

/** A wrong password or database stays wrong; what has no SQLSTATE is the network, 57P03 a server that is starting. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof postgres.PostgresError) || error.code === "57P03" || error.code.startsWith("53");

const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  return error instanceof Error ? error.message : String(error);
};

const withoutPassword = (url: string): string => {
  if (!URL.canParse(url)) return "a URL that cannot be parsed";
  const parsed = new URL(url);
  parsed.password = "";
  return parsed.href;
};
