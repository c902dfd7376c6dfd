const DAY_MS = 24 * 60 * 60 * 1000;

/** Sliding: each refresh token lives this long, so a session ends this long after its last refresh. */
export const REFRESH_TOKEN_LIFETIME_MS = 30 * DAY_MS;

/** A refresh token as it is stored, with the session of its family. */
export interface PresentedToken {
  readonly usedAt: Date | null;
  readonly expiresAt: Date;
  readonly session: { readonly revokedAt: Date | null };
}

export type RefreshDecision = { kind: "rotate" } | { kind: "reused" } | { kind: "invalid" };

/**
 * A token buys one new pair. Whoever shows it again, even at the same moment, may be a thief or the robbed: nobody can
 * tell which, so the family ends. There is no grace period, since a thief would use it too.
 */
export const decideRefresh = (token: PresentedToken | undefined, now: Date): RefreshDecision => {
  if (token === undefined) return { kind: "invalid" };
  if (token.usedAt !== null) return { kind: "reused" };
  if (token.session.revokedAt !== null || token.expiresAt <= now) return { kind: "invalid" };
  return { kind: "rotate" };
};

export const refreshTokenExpiry = (now: Date): Date => new Date(now.getTime() + REFRESH_TOKEN_LIFETIME_MS);
