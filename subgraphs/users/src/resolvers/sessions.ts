import type { RefreshResult } from "../commands/refresh-session.ts";
import type { RegisterResult } from "../commands/register.ts";
import type { SignIn } from "../commands/sign-in.ts";
import type { AccountUserError, MutationResolvers, ResolversTypes } from "../generated/resolvers.ts";
import { fieldErrors, userError } from "./user-errors.ts";

export const sessionMutations: Pick<MutationResolvers, "register" | "login" | "refreshSession" | "logout"> = {
  register: async (_, { input }, { commands, correlationId }) => {
    const result = await commands.register(input, correlationId);
    return result.kind === "registered" ? signedIn(result.signIn) : failed(registrationErrors(result));
  },
  login: async (_, { input }, { commands }) => {
    const result = await commands.login(input);
    return result.kind === "signedIn"
      ? signedIn(result.signIn)
      : failed([userError("INVALID_CREDENTIALS", "This e-mail and this password do not sign in.")]);
  },
  refreshSession: async (_, { refreshToken }, { commands, log }) => {
    const result = await commands.refreshSession(refreshToken);
    if (result.kind === "reused") log.warn("a refresh token was used again: its session is revoked");
    return result.kind === "refreshed" ? signedIn(result.signIn) : failed([refreshError(result)]);
  },
  logout: async (_, { refreshToken }, { commands }) => {
    await commands.logout(refreshToken);
    return { userErrors: [] };
  },
};

type AuthPayload = Awaited<ResolversTypes["AuthPayload"]>;

const signedIn = ({ user, accessToken, refreshToken }: SignIn): AuthPayload => ({
  user,
  accessToken: accessToken.token,
  refreshToken,
  expiresAt: accessToken.expiresAt,
  userErrors: [],
});

const failed = (userErrors: AccountUserError[]): AuthPayload => ({
  user: null,
  accessToken: null,
  refreshToken: null,
  expiresAt: null,
  userErrors,
});

const registrationErrors = (result: Exclude<RegisterResult, { kind: "registered" }>): AccountUserError[] =>
  result.kind === "emailTaken"
    ? [userError("EMAIL_TAKEN", "Somebody has registered with this e-mail: sign in instead.", ["input", "email"])]
    : [...fieldErrors("INVALID", result.invalid), ...fieldErrors("WEAK_PASSWORD", result.weakPassword)];

const refreshError = ({ kind }: Exclude<RefreshResult, { kind: "refreshed" }>): AccountUserError =>
  kind === "reused"
    ? userError("TOKEN_REUSED", "This session was ended, since its refresh token was used twice. Sign in again.", [
        "refreshToken",
      ])
    : userError("TOKEN_INVALID", "This session has ended. Sign in again.", ["refreshToken"]);
