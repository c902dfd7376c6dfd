import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import "./provided.ts";

export interface TestDatabase {
  /** With the credentials of a role that owns the database and nothing else, as a service has it. */
  readonly url: string;
  /** The same database as superuser, to look and to interfere: `pg_terminate_backend`, locks. */
  readonly adminUrl: string;
  /** Ends its connections and removes database and role. */
  drop(): Promise<void>;
}

/** A fresh database in the run's one real Postgres, with `migrate` applied. */
export const createTestDatabase = async (options: {
  readonly migrate: (url: string) => Promise<void>;
}): Promise<TestDatabase> => {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const password = randomBytes(16).toString("hex");
  await asAdmin(async (sql) => {
    await sql.unsafe(`create role ${name} login password '${password}'`);
    await sql.unsafe(`create database ${name} owner ${name}`);
    await sql.unsafe(`revoke all on database ${name} from public`);
  });
  const drop = () =>
    asAdmin(async (sql) => {
      await sql.unsafe(`drop database if exists ${name} with (force)`);
      await sql.unsafe(`drop role if exists ${name}`);
    });
  const url = urlOf({ database: name, user: name, password });
  try {
    await options.migrate(url);
  } catch (error) {
    await drop();
    throw error;
  }
  return { url, adminUrl: urlOf({ database: name }), drop };
};

const asAdmin = async (work: (sql: postgres.Sql) => Promise<void>): Promise<void> => {
  const sql = postgres(inject("postgresUrl"), { max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

const urlOf = ({ database, user, password }: { database: string; user?: string; password?: string }): string => {
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${database}`;
  if (user) url.username = user;
  if (password) url.password = password;
  return url.href;
};
