import { and, eq, isNull, lt } from "drizzle-orm";
import type { Tx } from "./connection.ts";
import { type RefreshTokenRow, refreshTokens, type SessionRow, sessions } from "./schema.ts";

export interface NewRefreshToken {
  readonly tokenHash: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Starts a session with its first refresh token, and forgets those of the user that ended by themselves. */
export const insertSession = async (
  tx: Tx,
  session: { id: string; userId: string },
  token: NewRefreshToken,
): Promise<void> => {
  await tx.delete(sessions).where(and(eq(sessions.userId, session.userId), lt(sessions.expiresAt, token.createdAt)));
  await tx.insert(sessions).values({ ...session, createdAt: token.createdAt, expiresAt: token.expiresAt });
  await tx.insert(refreshTokens).values({ ...token, sessionId: session.id });
};

/**
 * Locks a token and its session. Both, in one statement: of two that present the same token the second then sees what
 * the first made of either.
 */
export const lockToken = async (
  tx: Tx,
  tokenHash: Buffer,
): Promise<(RefreshTokenRow & { session: SessionRow }) | undefined> => {
  const [row] = await tx
    .select({ token: refreshTokens, session: sessions })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .where(eq(refreshTokens.tokenHash, tokenHash))
    .for("update");
  return row && { ...row.token, session: row.session };
};

/** Uses up a locked token and puts `next` into its place, and forgets those that nobody could use any more anyway. */
export const rotateToken = async (
  tx: Tx,
  used: Pick<RefreshTokenRow, "tokenHash" | "sessionId">,
  next: NewRefreshToken,
): Promise<void> => {
  const { sessionId } = used;
  await tx
    .delete(refreshTokens)
    .where(and(eq(refreshTokens.sessionId, sessionId), lt(refreshTokens.expiresAt, next.createdAt)));
  await tx.update(refreshTokens).set({ usedAt: next.createdAt }).where(eq(refreshTokens.tokenHash, used.tokenHash));
  await tx.insert(refreshTokens).values({ ...next, sessionId });
  await tx.update(sessions).set({ expiresAt: next.expiresAt }).where(eq(sessions.id, sessionId));
};

export const revokeSession = async (tx: Tx, id: string, now: Date): Promise<void> => {
  await tx
    .update(sessions)
    .set({ revokedAt: now })
    .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)));
};

export const revokeSessionsOf = async (tx: Tx, userId: string, now: Date): Promise<void> => {
  await tx
    .update(sessions)
    .set({ revokedAt: now })
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)));
};
