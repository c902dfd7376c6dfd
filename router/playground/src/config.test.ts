import { describe, expect, it } from "vitest";
import { parseConfig } from "./config.ts";

const config = {
  title: "Shop",
  endpoint: "/graphql",
  signIn: {
    operation: "mutation { login { token } }",
    accounts: [{ label: "Ada", variables: { email: "ada@example.com" } }],
    tokenPath: ["login", "token"],
  },
  operations: [{ name: "Products", query: "{ products }", variables: { first: 5 } }],
};

const problemsOf = (json: unknown): readonly string[] => {
  const parsed = parseConfig(json);
  return parsed.kind === "invalid" ? parsed.problems : [];
};

describe("the playground's configuration", () => {
  it("is taken as it is when it is whole", () => {
    expect(parseConfig(config)).toEqual({ kind: "valid", config });
  });

  it("needs neither a sign-in nor operations", () => {
    expect(parseConfig({ ...config, signIn: null, operations: [] }).kind).toBe("valid");
  });

  it("may come with more than the playground knows", () => {
    expect(parseConfig({ ...config, motd: "hello" })).toEqual({ kind: "valid", config });
  });

  it.each([
    [null, "expected an object, got null"],
    [[], "expected an object, got a list"],
    ["text", "expected an object, got a string"],
    [undefined, "expected an object, got nothing"],
  ])("is refused when it is %j", (json, problem) => {
    expect(problemsOf(json)).toEqual([problem]);
  });

  it("is refused with every problem at once, each by its place", () => {
    expect(problemsOf({ title: " ", endpoint: 7, operations: [{ name: "A", query: "" }, 3] })).toEqual([
      "title: expected text, got empty text",
      "endpoint: expected text, got a number",
      "signIn: expected an object or null, got nothing",
      "operations[0].query: expected text, got empty text",
      "operations[1]: expected an object, got a number",
      "operations[1].name: expected text, got nothing",
      "operations[1].query: expected text, got nothing",
    ]);
  });

  it("is refused when an account has no variables or the token no path", () => {
    const signIn = { ...config.signIn, accounts: [{ label: "Ada" }], tokenPath: [] };
    expect(problemsOf({ ...config, signIn })).toEqual([
      "signIn.tokenPath: expected at least one step",
      "signIn.accounts[0].variables: expected an object, got nothing",
    ]);
  });
});
