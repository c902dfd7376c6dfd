import { isObject } from "./config.ts";

export type SignInAnswer = { kind: "signedIn"; token: string } | { kind: "refused"; messages: readonly string[] };

/**
 * Reads the access token out of a GraphQL answer. Without one it collects why: the mutation's `userErrors`,
 * then the top-level errors.
 */
export function readSignInAnswer(answer: unknown, tokenPath: readonly string[]): SignInAnswer {
  const data = isObject(answer) ? answer.data : undefined;
  const token = tokenPath.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), data);
  if (typeof token === "string" && token !== "") return { kind: "signedIn", token };
  const messages = [...userErrors(data), ...(isObject(answer) ? messagesOf(answer.errors) : [])];
  if (messages.length > 0) return { kind: "refused", messages };
  return { kind: "refused", messages: [`The answer holds no access token at ${tokenPath.join(".")}.`] };
}

function userErrors(data: unknown): readonly string[] {
  if (!isObject(data)) return [];
  return Object.values(data).flatMap((payload) => (isObject(payload) ? messagesOf(payload.userErrors) : []));
}

function messagesOf(errors: unknown): readonly string[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error: unknown) =>
    isObject(error) && typeof error.message === "string" ? error.message : "An error without a message.",
  );
}
