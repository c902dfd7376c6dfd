import { newId } from "@supergraph/service";
import type { AccessToken, AccessTokens } from "../access-tokens.ts";
import type { Tx } from "../db/connection.ts";
import { insertSession } from "../db/sessions.ts";
import type { ActiveUser } from "../db/users.ts";
import { issueRefreshToken } from "../refresh-tokens.ts";

/** What somebody who has just proved who they are gets. */
export interface SignIn {
  readonly user: ActiveUser;
  readonly accessToken: AccessToken;
  readonly refreshToken: string;
}

/** Starts a session of `user`, who must be locked or inserted by this transaction: a deletion ends all sessions. */
export const startSession = async (
  tx: Tx,
  accessTokens: AccessTokens,
  user: ActiveUser,
  now: Date,
): Promise<SignIn> => {
  const refresh = issueRefreshToken(now);
  const session = { id: newId("ses"), userId: user.id };
  await insertSession(tx, session, refresh.row);
  const accessToken = await accessTokens.issue({ userId: user.id, sessionId: session.id, roles: user.roles }, now);
  return { user, accessToken, refreshToken: refresh.token };
};
