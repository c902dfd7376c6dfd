import type { Role } from "@supergraph/contracts";
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { type UserRow, users } from "./schema.ts";

/** An account that was not deleted. */
export interface ActiveUser {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly name: string | null;
  readonly roles: Role[];
  readonly createdAt: Date;
}

export interface NewUser extends ActiveUser {}

/** Undefined where the e-mail is taken: the unique constraint decides, so two at once cannot both have it. */
export const insertUser = async (tx: Tx, user: NewUser): Promise<ActiveUser | undefined> => {
  const [row] = await tx.insert(users).values(user).onConflictDoNothing({ target: users.email }).returning();
  return row && toActive(row);
};

export const findUserByEmail = async (db: Db, email: string): Promise<ActiveUser | undefined> => {
  const [row] = await db.select().from(users).where(eq(users.email, email));
  return row && toActive(row);
};

/** In any order; deleted and unknown ones are left out. */
export const findUsers = async (db: Db, ids: readonly string[]): Promise<ActiveUser[]> => {
  const rows = await db
    .select()
    .from(users)
    .where(and(inArray(users.id, [...ids]), isNull(users.deletedAt)));
  return rows.flatMap((row) => toActive(row) ?? []);
};

/**
 * Locks an account for the rest of the transaction: what is decided on its addresses, roles or existence cannot be
 * overtaken. Undefined for a deleted or unknown one.
 */
export const lockUser = async (tx: Tx, id: string): Promise<ActiveUser | undefined> => {
  const [row] = await tx
    .select()
    .from(users)
    .where(and(eq(users.id, id), isNull(users.deletedAt)))
    .for("no key update");
  return row && toActive(row);
};

/**
 * Locks an account together with all admins, whose ids it answers too. In id order: two admins that work on each
 * other would otherwise deadlock.
 */
export const lockUserAndAdmins = async (
  tx: Tx,
  id: string,
): Promise<{ user: ActiveUser | undefined; adminIds: string[] }> => {
  const rows = await tx
    .select()
    .from(users)
    .where(sql`(${users.id} = ${id} or 'ADMIN' = any(${users.roles})) and ${users.deletedAt} is null`)
    .orderBy(users.id)
    .for("no key update");
  const found = rows.flatMap((row) => toActive(row) ?? []);
  return {
    user: found.find((user) => user.id === id),
    adminIds: found.filter(({ roles }) => roles.includes("ADMIN")).map((admin) => admin.id),
  };
};

export const updateRoles = async (tx: Tx, id: string, roles: Role[]): Promise<void> => {
  await tx.update(users).set({ roles }).where(eq(users.id, id));
};

/** Keeps the id, when it was created and when it was deleted, and nothing else. */
export const eraseUser = async (tx: Tx, id: string, now: Date): Promise<void> => {
  await tx
    .update(users)
    .set({ email: null, passwordHash: null, name: null, roles: [], deletedAt: now })
    .where(eq(users.id, id));
};

/** A check constraint holds that what is not deleted has both. */
const toActive = ({ email, passwordHash, ...row }: UserRow): ActiveUser | undefined =>
  email === null || passwordHash === null ? undefined : { ...row, email, passwordHash };
