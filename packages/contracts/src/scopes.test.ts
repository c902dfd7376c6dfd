import { describe, expect, it } from "vitest";
import { ROLES, SCOPES, scopesOf } from "./scopes.ts";

describe("the scopes of roles", () => {
  it("are none for a customer: what is one's own needs none", () => {
    expect(scopesOf(["CUSTOMER"])).toEqual([]);
    expect(scopesOf([])).toEqual([]);
  });

  it("let support read all, ship and refund, and change neither people nor catalogue nor stock", () => {
    const scopes = scopesOf(["SUPPORT"]);
    expect(scopes.filter((scope) => scope.endsWith(":read"))).toEqual(SCOPES.filter((it) => it.endsWith(":read")));
    expect(scopes).toEqual(expect.arrayContaining(["orders:write", "payments:refund"]));
    for (const scope of ["users:write", "catalog:write", "stock:write"]) expect(scopes).not.toContain(scope);
  });

  it("are all for an admin", () => {
    expect(scopesOf(["ADMIN"])).toEqual(SCOPES);
  });

  it("are each named once, however many roles grant it", () => {
    expect(scopesOf([...ROLES, ...ROLES])).toEqual(SCOPES);
    expect(new Set(SCOPES).size).toBe(SCOPES.length);
  });
});
