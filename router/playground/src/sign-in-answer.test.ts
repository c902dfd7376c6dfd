import { describe, expect, it } from "vitest";
import { readSignInAnswer } from "./sign-in-answer.ts";

const path = ["login", "accessToken"];

describe("the answer to a sign-in", () => {
  it("holds the token where the configuration says", () => {
    expect(readSignInAnswer({ data: { login: { accessToken: "abc", userErrors: [] } } }, path)).toEqual({
      kind: "signedIn",
      token: "abc",
    });
  });

  it("tells why it was refused by the mutation's user errors", () => {
    const userErrors = [{ message: "Wrong e-mail or password." }, { message: "One more." }];
    expect(readSignInAnswer({ data: { login: { accessToken: null, userErrors } } }, path)).toEqual({
      kind: "refused",
      messages: ["Wrong e-mail or password.", "One more."],
    });
  });

  it("tells why it failed by the top-level errors", () => {
    expect(readSignInAnswer({ data: null, errors: [{ message: "Unavailable." }] }, path)).toEqual({
      kind: "refused",
      messages: ["Unavailable."],
    });
  });

  it.each([
    ["an empty token", { data: { login: { accessToken: "" } } }],
    ["a token that is no text", { data: { login: { accessToken: 7 } } }],
    ["no data", {}],
    ["text", "oops"],
    ["a list", [1]],
    ["nothing", null],
  ])("names the path that led nowhere when it is %s", (_what, answer) => {
    expect(readSignInAnswer(answer, path)).toEqual({
      kind: "refused",
      messages: ["The answer holds no access token at login.accessToken."],
    });
  });

  it("survives errors of a shape that GraphQL does not know", () => {
    expect(readSignInAnswer({ errors: ["boom", { message: 3 }] }, path)).toEqual({
      kind: "refused",
      messages: ["An error without a message.", "An error without a message."],
    });
  });
});
