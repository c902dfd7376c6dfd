import { sql } from "drizzle-orm";
import { bigserial, index, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/**
 * Messages that a transaction decided to send; the relay publishes them after its commit. Every service that publishes
 * re-exports this from its `db/schema.ts`, so that drizzle-kit writes it into the service's own migrations.
 */
export const outbox = pgTable(
  "outbox",
  {
    position: bigserial("position", { mode: "bigint" }).primaryKey(),
    /** The envelope's id, and the broker's message id. */
    messageId: text("message_id").notNull().unique(),
    subject: text("subject").notNull(),
    key: text("key").notNull(),
    envelope: jsonb("envelope").notNull(),
    headers: jsonb("headers").notNull().default({}),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    publishedAt: timestamp("published_at", { withTimezone: true }),
  },
  (table) => [
    index("outbox_unpublished").on(table.position).where(sql`${table.publishedAt} is null`),
    // Not for null: a plan by this index would sort all that waits, however much, for each claim of a few.
    index("outbox_published_at").on(table.publishedAt).where(sql`${table.publishedAt} is not null`),
  ],
);

/** Messages whose effect is committed, a row a consumer and message; re-exported like {@link outbox} by every service that consumes. */
export const inbox = pgTable(
  "inbox",
  {
    consumer: text("consumer").notNull(),
    messageId: text("message_id").notNull(),
    handledAt: timestamp("handled_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.consumer, table.messageId] }),
    index("inbox_handled_at").on(table.handledAt),
  ],
);
