import { isPrintable, userEvents } from "@supergraph/contracts";
import { newMessage } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { insertUser } from "../db/users.ts";
import { judgePassword, normalisePassword } from "../domain/password.ts";
import { readEmail } from "../input/email.ts";
import type { FieldError } from "../input/field-error.ts";
import { readName } from "../input/name.ts";
import type { Deps } from "./deps.ts";
import { type SignIn, startSession } from "./sign-in.ts";

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name?: string | null | undefined;
}

export type RegisterResult =
  | { kind: "registered"; signIn: SignIn }
  | { kind: "refused"; invalid: FieldError[]; weakPassword: FieldError[] }
  | { kind: "emailTaken" };

/** Opens an account and signs in. */
export const makeRegister =
  ({ inTransaction, passwords, accessTokens, now }: Deps) =>
  async (registration: Registration, correlationId: string): Promise<RegisterResult> => {
    const read = readRegistration(registration);
    if (read.kind === "refused") return read;
    const { email, name, password } = read;
    // Before the transaction: hashing takes long, and would hold a connection.
    const passwordHash = await passwords.hash(password);
    const createdAt = now();

    return inTransaction(async (tx): Promise<RegisterResult> => {
      const user = await insertUser(tx, {
        id: newId("usr"),
        email,
        passwordHash,
        name,
        roles: ["CUSTOMER"],
        createdAt,
      });
      if (!user) return { kind: "emailTaken" };
      await appendToOutbox(tx, [
        newMessage(userEvents.userRegistered, {
          id: newId("evt"),
          key: user.id,
          time: createdAt,
          correlationId,
          causationId: null,
          data: { userId: user.id, registeredAt: createdAt.toISOString() },
        }),
      ]);
      return { kind: "registered", signIn: await startSession(tx, accessTokens, user, createdAt) };
    });
  };

type ReadRegistration =
  | { kind: "ok"; email: string; password: string; name: string | null }
  | Extract<RegisterResult, { kind: "refused" }>;

/** Finds everything that is wrong at once, so that a form can show it at once. */
const readRegistration = (raw: Registration): ReadRegistration => {
  const invalid: FieldError[] = [];
  const email = readEmail(raw.email);
  if (email === undefined) invalid.push({ path: ["input", "email"], reason: "must be an e-mail address" });
  const name = readName(raw.name);
  if (name.kind === "invalid") invalid.push(...name.errors);
  if (!isPrintable(raw.password))
    invalid.push({ path: ["input", "password"], reason: "must not contain line breaks or control characters" });
  const password = normalisePassword(raw.password);
  const verdict = judgePassword(password, email ?? "");
  const weakPassword = verdict.kind === "weak" ? [{ path: ["input", "password"], reason: verdict.reason }] : [];

  return email === undefined ||
    password === undefined ||
    name.kind === "invalid" ||
    invalid.length > 0 ||
    weakPassword.length > 0
    ? { kind: "refused", invalid, weakPassword }
    : { kind: "ok", email, password, name: name.value };
};
