import { ROLES } from "@supergraph/contracts";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  customType,
  index,
  integer,
  pgEnum,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";

export { outbox } from "@supergraph/postgres";

const moment = (name: string) => timestamp(name, { withTimezone: true });

/** A SHA-256 digest. */
const digest = customType<{ data: Buffer }>({ dataType: () => "bytea" });

export const role = pgEnum("role", ROLES);

/** A deleted account keeps its row, so that its id is never given again, and nothing else. */
export const users = pgTable(
  "users",
  {
    id: text("id").primaryKey(),
    /** Normalised: trimmed, lower case, NFC. */
    email: text("email").unique(),
    /** PHC string of argon2id. */
    passwordHash: text("password_hash"),
    name: text("name"),
    roles: role("roles").array().notNull(),
    createdAt: moment("created_at").notNull(),
    deletedAt: moment("deleted_at"),
  },
  (table) => [
    index("users_admins").on(table.id).where(sql`'ADMIN' = any(${table.roles})`),
    check("users_email_length", sql`char_length(${table.email}) between 3 and 254`),
    check("users_name_length", sql`char_length(${table.name}) between 1 and 100`),
    check(
      "users_active_or_erased",
      sql`case when ${table.deletedAt} is null
        then ${table.email} is not null and ${table.passwordHash} is not null and cardinality(${table.roles}) > 0
        else ${table.email} is null and ${table.passwordHash} is null and ${table.name} is null and cardinality(${table.roles}) = 0
      end`,
    ),
  ],
);

export const addresses = pgTable(
  "addresses",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    line1: text("line1").notNull(),
    line2: text("line2"),
    city: text("city").notNull(),
    region: text("region"),
    postalCode: text("postal_code").notNull(),
    country: text("country").notNull(),
    isDefault: boolean("is_default").notNull(),
    createdAt: moment("created_at").notNull(),
  },
  (table) => [
    index("addresses_user").on(table.userId),
    uniqueIndex("addresses_one_default").on(table.userId).where(sql`${table.isDefault}`),
    check("addresses_country", sql`${table.country} ~ '^[A-Z]{2}$'`),
  ],
);

/** One sign-in and the family of refresh tokens that follow from it. */
export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    createdAt: moment("created_at").notNull(),
    /** When its newest refresh token expires. */
    expiresAt: moment("expires_at").notNull(),
    revokedAt: moment("revoked_at"),
  },
  (table) => [index("sessions_user").on(table.userId)],
);

/** A used token is kept until it would have expired: seeing it again is how a theft shows. */
export const refreshTokens = pgTable(
  "refresh_tokens",
  {
    /** SHA-256 of the token; the token itself is nowhere. */
    tokenHash: digest("token_hash").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    usedAt: moment("used_at"),
  },
  (table) => [
    index("refresh_tokens_session").on(table.sessionId),
    uniqueIndex("refresh_tokens_one_usable").on(table.sessionId).where(sql`${table.usedAt} is null`),
  ],
);

/** Failures in a row of an e-mail that somebody tried to sign in with, whether it has an account or not. */
export const loginFailures = pgTable(
  "login_failures",
  {
    /** SHA-256 of the normalised e-mail: people mistype, and what they typed is not ours to keep. */
    emailHash: digest("email_hash").primaryKey(),
    failures: integer("failures").notNull(),
    lastFailedAt: moment("last_failed_at").notNull(),
    blockedUntil: moment("blocked_until"),
  },
  (table) => [index("login_failures_last_failed_at").on(table.lastFailedAt)],
);

export type UserRow = typeof users.$inferSelect;
export type AddressRow = typeof addresses.$inferSelect;
export type SessionRow = typeof sessions.$inferSelect;
export type RefreshTokenRow = typeof refreshTokens.$inferSelect;
