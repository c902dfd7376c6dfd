import { describe, expect, it } from "vitest";
import { compileHeaderRules, HeaderRules } from "./headers.ts";

const propagate = (rules: unknown, clientHeaders: Record<string, string | string[]>) => ({
  ...compileHeaderRules(HeaderRules.parse(rules))(clientHeaders),
});
const problems = (rule: unknown) => {
  const read = HeaderRules.safeParse([rule]);
  return read.success ? "" : JSON.stringify(read.error.issues);
};

describe("header rules", () => {
  it("let nothing through unless one says so", () => {
    expect(propagate([], { "x-tenant": "a" })).toEqual({});
    expect(propagate(undefined, { "x-tenant": "a" })).toEqual({});
  });

  it("propagate a header by its name, in any case, under its own or another", () => {
    expect(propagate([{ propagate: "X-Tenant" }], { "x-tenant": "a", "x-other": "b" })).toEqual({ "x-tenant": "a" });
    expect(propagate([{ propagate: "x-tenant", as: "X-Shop" }], { "x-tenant": "a" })).toEqual({ "x-shop": "a" });
  });

  it("use a default for what the client does not send, and only then", () => {
    const rules = [{ propagate: "x-tenant", default: "none" }];
    expect(propagate(rules, {})).toEqual({ "x-tenant": "none" });
    expect(propagate(rules, { "x-tenant": "" })).toEqual({ "x-tenant": "" });
    expect(propagate([{ propagate: "x-tenant" }], {})).toEqual({});
  });

  it("propagate all that begin alike", () => {
    expect(propagate([{ propagate: "x-shop-*" }], { "x-shop-a": "1", "x-shop-b": "2", "x-sho": "3" })).toEqual({
      "x-shop-a": "1",
      "x-shop-b": "2",
    });
  });

  it("apply in their order", () => {
    const client = { "x-a": "client", "x-b": "client" };
    expect(propagate([{ propagate: "x-*" }, { set: "x-a", value: "router" }, { remove: "x-b" }], client)).toEqual({
      "x-a": "router",
    });
    expect(propagate([{ set: "x-a", value: "router" }, { propagate: "x-a" }], client)).toEqual({ "x-a": "client" });
    expect(propagate([{ remove: "x-b" }, { propagate: "x-b" }], client)).toEqual({ "x-b": "client" });
  });

  it("join several values of one header", () => {
    const rules = [{ propagate: "x-roles" }, { propagate: "cookie" }];
    expect(propagate(rules, { "x-roles": ["a", "b"], cookie: ["a=1", "b=2"] })).toEqual({
      "x-roles": "a, b",
      cookie: "a=1; b=2",
    });
  });

  it("propagate by no pattern what is of the connection, the router's own, or a credential", () => {
    const client = Object.fromEntries(
      [
        "connection keep-alive te trailer transfer-encoding upgrade http2-settings host content-length expect",
        "proxy-authorization proxy-connection content-type content-encoding accept accept-encoding",
        "x-router-signature x-correlation-id x-request-timeout-ms traceparent tracestate authorization cookie",
      ]
        .join(" ")
        .split(" ")
        .map((name) => [name, "forged"]),
    );
    expect(propagate([{ propagate: "*" }, { propagate: "x-*" }], { ...client, "x-tenant": "a" })).toEqual({
      "x-tenant": "a",
    });
  });

  it("propagate credentials that are named", () => {
    const client = { authorization: "Bearer t", cookie: "a=1" };
    expect(propagate([{ propagate: "authorization" }, { propagate: "cookie" }], client)).toEqual(client);
  });

  it.each([
    "connection",
    "Content-Length",
    "host",
    "transfer-encoding",
    "te",
    "upgrade",
    "keep-alive",
    "proxy-anything",
    "content-type",
    "accept",
    "accept-encoding",
    "expect",
    "x-router-signature",
    "traceparent",
    "tracestate",
    "x-correlation-id",
    "x-request-timeout-ms",
  ])("are refused when they would send a %s of their own", (name) => {
    const complaint = /router's own or of the connection/;
    expect(problems({ propagate: name })).toMatch(complaint);
    expect(problems({ propagate: "x-a", as: name })).toMatch(complaint);
    expect(problems({ set: name, value: "x" })).toMatch(complaint);
    expect(problems({ remove: name })).toMatch(complaint);
  });

  it("may tell a subgraph such a header under another name", () => {
    expect(propagate([{ propagate: "host", as: "x-forwarded-host" }], { host: "shop.example" })).toEqual({
      "x-forwarded-host": "shop.example",
    });
  });

  it.each([
    ["a line break in a value", { set: "x-a", value: "1\r\nx-b: 2" }],
    ["a line break in a default", { propagate: "x-a", default: "1\nx-b: 2" }],
    ["a line break in a name", { set: "x-a\r\nx-b", value: "1" }],
    ["characters beyond Latin-1", { set: "x-a", value: "☃" }],
    ["an empty name", { set: "", value: "1" }],
    ["a name with a blank", { propagate: "x a" }],
    ["a pattern under another name", { propagate: "x-*", as: "x-a" }],
    ["a pattern with a default", { propagate: "x-*", default: "1" }],
    ["two rules in one", { propagate: "x-a", set: "x-b", value: "1" }],
    ["an unknown rule", { rename: "x-a" }],
    ["a rule without a value", { set: "x-a" }],
  ])("are refused with %s", (_, rule) => {
    expect(problems(rule)).not.toBe("");
  });

  it("leave out a client's value that could end a line", () => {
    expect(propagate([{ propagate: "x-*" }], { "x-a": "1\r\nx-b: 2", "x-c": "3" })).toEqual({ "x-c": "3" });
  });

  it("take no inherited property for a header, and no header for one", () => {
    expect(propagate([{ propagate: "constructor" }, { propagate: "__proto__" }], {})).toEqual({});
    const client = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const headers = compileHeaderRules(HeaderRules.parse([{ propagate: "*" }]))(client);
    expect(Object.entries(headers)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("are applied once to one client's headers, so that what depends on them need not be either", () => {
    const apply = compileHeaderRules(HeaderRules.parse([{ propagate: "x-*" }]));
    const client = { "x-a": "1" };
    expect(apply(client)).toBe(apply(client));
    expect(apply({ "x-a": "1" })).not.toBe(apply(client));
  });
});
