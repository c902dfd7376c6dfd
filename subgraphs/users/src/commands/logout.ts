import { lockToken, revokeSession } from "../db/sessions.ts";
import { hashRefreshToken } from "../refresh-tokens.ts";
import type { Deps } from "./deps.ts";

/** Ends the session that any of its refresh tokens names. Safe to repeat; an unknown token names none. */
export const makeLogout =
  ({ inTransaction, now }: Deps) =>
  async (refreshToken: string): Promise<void> => {
    const tokenHash = hashRefreshToken(refreshToken);
    if (!tokenHash) return;
    await inTransaction(async (tx) => {
      const token = await lockToken(tx, tokenHash);
      if (token) await revokeSession(tx, token.sessionId, now());
    });
  };
