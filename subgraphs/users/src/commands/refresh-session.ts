import { lockToken, revokeSession, rotateToken } from "../db/sessions.ts";
import { findUsers } from "../db/users.ts";
import { decideRefresh } from "../domain/session.ts";
import { hashRefreshToken, issueRefreshToken } from "../refresh-tokens.ts";
import type { Deps } from "./deps.ts";
import type { SignIn } from "./sign-in.ts";

export type RefreshResult = { kind: "refreshed"; signIn: SignIn } | { kind: "reused" } | { kind: "invalid" };

/** Trades a refresh token for a new pair, with the roles of this moment; one that was traded before ends its session. */
export const makeRefreshSession =
  ({ inTransaction, accessTokens, now }: Deps) =>
  async (refreshToken: string): Promise<RefreshResult> => {
    const tokenHash = hashRefreshToken(refreshToken);
    if (!tokenHash) return { kind: "invalid" };

    return inTransaction(async (tx): Promise<RefreshResult> => {
      const presented = await lockToken(tx, tokenHash);
      const at = now();
      const decision = decideRefresh(presented, at);
      if (!presented || decision.kind === "invalid") return { kind: "invalid" };
      const { session } = presented;
      if (decision.kind === "reused") {
        await revokeSession(tx, session.id, at);
        return { kind: "reused" };
      }
      const [user] = await findUsers(tx, [session.userId]);
      if (!user) return { kind: "invalid" };
      const next = issueRefreshToken(at);
      await rotateToken(tx, presented, next.row);
      const accessToken = await accessTokens.issue({ userId: user.id, sessionId: session.id, roles: user.roles }, at);
      return { kind: "refreshed", signIn: { user, accessToken, refreshToken: next.token } };
    });
  };
