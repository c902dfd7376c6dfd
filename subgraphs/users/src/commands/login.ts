import { clearFailures, lockFailures, saveFailures, startFailures, sweepFailures } from "../db/login-failures.ts";
import { findUserByEmail, lockUser } from "../db/users.ts";
import { forgottenBefore, isBlocked, rememberFailure } from "../domain/login-throttle.ts";
import { normalisePassword } from "../domain/password.ts";
import { readEmail } from "../input/email.ts";
import { sha256 } from "../refresh-tokens.ts";
import type { Deps } from "./deps.ts";
import { type SignIn, startSession } from "./sign-in.ts";

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export type LoginResult = { kind: "signedIn"; signIn: SignIn } | { kind: "invalidCredentials" };

/**
 * Signs in. Every attempt costs one password verification and one transaction, whether the e-mail is known, blocked or
 * nonsense, so that neither answer nor time tells which. Failures are counted for an e-mail whether it has an account
 * or not, and after the verification, under a lock: however many come at once, the eleventh finds the block.
 */
export const makeLogin =
  ({ db, inTransaction, passwords, accessTokens, now }: Deps) =>
  async (credentials: Credentials): Promise<LoginResult> => {
    const email = readEmail(credentials.email) ?? "";
    const candidate = await findUserByEmail(db, email);
    const proved = await passwords.verify(normalisePassword(credentials.password), candidate?.passwordHash);
    const emailHash = sha256(email);
    const at = now();

    return inTransaction(async (tx): Promise<LoginResult> => {
      // Again and locked: it may have been deleted, or given other roles, while the password was verified. And in any case:
      // a right password during a block must not show by a statement more or less.
      const user = await lockUser(tx, candidate?.id ?? NOBODY);
      const memory = await lockFailures(tx, emailHash);
      if (user && proved && !isBlocked(memory, at)) {
        if (memory) await clearFailures(tx, emailHash);
        return { kind: "signedIn", signIn: await startSession(tx, accessTokens, user, at) };
      }
      const failures = memory ?? (await startFailures(tx, emailHash, at));
      await saveFailures(tx, emailHash, rememberFailure(failures, at));
      await sweepFailures(tx, forgottenBefore(at));
      return { kind: "invalidCredentials" };
    });
  };

/** An id that no account has. */
const NOBODY = "";
