import { createTestDatabase, type TestDatabase } from "@supergraph/testing";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { bigint, pgTable, text } from "drizzle-orm/pg-core";
import postgres from "postgres";
import { type Database, openDatabase } from "../database.ts";
import type { OutboxMessage } from "../outbox.ts";
import { inbox, outbox } from "../tables.ts";
import { createTransactions, type Transactions } from "../transactions.ts";

/** Stands for the state of a service. */
export const accounts = pgTable("accounts", {
  id: text("id").primaryKey(),
  balance: bigint("balance", { mode: "bigint" }).notNull(),
});

export const schema = { accounts, inbox, outbox };

export type TestSchema = typeof schema;

export interface Fixture {
  readonly testDatabase: TestDatabase;
  readonly database: Database<TestSchema>;
  readonly transactions: Transactions<TestSchema>;
  close(): Promise<void>;
}

/** A database with outbox, inbox and a table of a service, as drizzle-kit would migrate it. */
export const openFixture = async (): Promise<Fixture> => {
  const testDatabase = await createTestDatabase({
    async migrate(url) {
      const sql = postgres(url, { max: 1 });
      for (const statement of await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema)))
        await sql.unsafe(statement);
      await sql.end();
    },
  });
  const database = openDatabase({ url: testDatabase.url, schema, applicationName: "test" });
  return {
    testDatabase,
    database,
    transactions: createTransactions(database),
    async close() {
      await database.close();
      await testDatabase.drop();
    },
  };
};

let count = 0;

export const aMessage = ({
  id = `evt_${count++}`,
  key = id,
  data = {},
}: {
  id?: string;
  key?: string;
  data?: unknown;
} = {}): OutboxMessage => ({
  subject: "tests.thing.happened.v1",
  key,
  envelope: {
    id,
    type: "tests.thing.happened",
    version: 1,
    time: "2026-01-31T12:00:00.000Z",
    correlationId: "req_1",
    causationId: null,
    data,
  },
  headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
});

export interface LogLine {
  readonly fields: object;
  readonly message: string;
}

/** A log that tests can read. */
export const recordingLog = () => {
  const lines: LogLine[] = [];
  const write = (fields: object, message: string) => void lines.push({ fields, message });
  return { lines, info: write, warn: write, error: write };
};
