import type { AccountUserError, UserErrorCode } from "../generated/resolvers.ts";
import type { FieldError } from "../input/field-error.ts";

export const userError = (
  code: UserErrorCode,
  message: string,
  path: readonly string[] | null = null,
): AccountUserError => ({
  __typename: "AccountUserError",
  code,
  message,
  path: path && [...path],
});

export const fieldErrors = (code: UserErrorCode, errors: readonly FieldError[]): AccountUserError[] =>
  errors.map(({ path, reason }) => userError(code, `\`${path.at(-1)}\` ${reason}.`, path));
