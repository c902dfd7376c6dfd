import { eq, inArray, lt } from "drizzle-orm";
import type { LoginFailures } from "../domain/login-throttle.ts";
import type { Tx } from "./connection.ts";
import { loginFailures } from "./schema.ts";

/** Locks what is remembered of an e-mail, so that attempts at once are counted one after another. */
export const lockFailures = async (tx: Tx, emailHash: Buffer): Promise<LoginFailures | undefined> => {
  const [row] = await tx.select().from(loginFailures).where(eq(loginFailures.emailHash, emailHash)).for("update");
  return row;
};

/** Makes sure that there is a row, and locks it: of two first failures neither may be lost. */
export const startFailures = async (tx: Tx, emailHash: Buffer, now: Date): Promise<LoginFailures | undefined> => {
  await tx.insert(loginFailures).values({ emailHash, failures: 0, lastFailedAt: now }).onConflictDoNothing();
  return lockFailures(tx, emailHash);
};

export const saveFailures = async (
  tx: Tx,
  emailHash: Buffer,
  { failures, lastFailedAt, blockedUntil }: LoginFailures,
): Promise<void> => {
  await tx
    .update(loginFailures)
    .set({ failures, lastFailedAt, blockedUntil })
    .where(eq(loginFailures.emailHash, emailHash));
};

export const clearFailures = async (tx: Tx, emailHash: Buffer): Promise<void> => {
  await tx.delete(loginFailures).where(eq(loginFailures.emailHash, emailHash));
};

const SWEEP_LIMIT = 100;

/** Deletes some rows that are older than `before`. Skips those that another attempt has locked: waiting could deadlock. */
export const sweepFailures = async (tx: Tx, before: Date): Promise<void> => {
  const stale = tx
    .select({ emailHash: loginFailures.emailHash })
    .from(loginFailures)
    .where(lt(loginFailures.lastFailedAt, before))
    .limit(SWEEP_LIMIT)
    .for("update", { skipLocked: true });
  await tx.delete(loginFailures).where(inArray(loginFailures.emailHash, stale));
};
