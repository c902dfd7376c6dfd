import { availableParallelism } from "node:os";
import type { Role } from "@supergraph/contracts";
import { createTransactions, openDatabase } from "@supergraph/postgres";
import * as schema from "./db/schema.ts";
import { normaliseEmail } from "./domain/email.ts";
import { normalisePassword } from "./domain/password.ts";
import { createPasswordHasher } from "./passwords.ts";

export interface SeedUser {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  /** Exactly one is the default, where there are any. */
  readonly addresses: readonly SeedAddress[];
}

export interface SeedAddress {
  readonly id: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly isDefault: boolean;
}

/**
 * Writes accounts into a migrated database, all or none, without events. Safe to repeat: what is there stays as it is,
 * and so does all of an account that is there.
 */
export const seedUsers = async (databaseUrl: string, users: readonly SeedUser[]): Promise<void> => {
  const database = openDatabase({ url: databaseUrl, schema, applicationName: "users-seed", max: 1 });
  try {
    const rows = await hashPasswords(users);
    await createTransactions(database).inTransaction(async (tx) => {
      if (rows.length === 0) return;
      const inserted = await tx
        .insert(schema.users)
        .values(rows)
        .onConflictDoNothing()
        .returning({ id: schema.users.id });
      const isNew = new Set(inserted.map(({ id }) => id));
      const addresses = users
        .filter(({ id }) => isNew.has(id))
        .flatMap((user) =>
          user.addresses.map((address) => ({ ...address, userId: user.id, createdAt: user.createdAt })),
        );
      if (addresses.length > 0) await tx.insert(schema.addresses).values(addresses).onConflictDoNothing();
    });
  } finally {
    await database.close();
  }
};

/** True when the database, which must be migrated, holds any account. */
export const isSeeded = async (databaseUrl: string): Promise<boolean> => {
  const database = openDatabase({ url: databaseUrl, schema, applicationName: "users-seed", max: 1 });
  try {
    const rows = await database.db.select({ id: schema.users.id }).from(schema.users).limit(1);
    return rows.length > 0;
  } finally {
    await database.close();
  }
};

const hashPasswords = async (users: readonly SeedUser[]): Promise<(typeof schema.users.$inferInsert)[]> => {
  const passwords = await createPasswordHasher({ concurrency: availableParallelism(), queue: users.length });
  return Promise.all(
    users.map(async ({ id, email, password, name, roles, createdAt }) => {
      const normalised = normalisePassword(password);
      if (normalised === undefined) throw new Error(`The password of seed user ${id} is longer than any may be.`);
      return {
        id,
        email: normaliseEmail(email),
        passwordHash: await passwords.hash(normalised),
        name,
        roles: [...roles],
        createdAt,
      };
    }),
  );
};
