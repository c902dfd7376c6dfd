import { scopesOf } from "@supergraph/contracts";
import { describe, expect, it } from "vitest";
import { maySeeUser } from "./visibility.ts";

describe("maySeeUser", () => {
  it("shows people themselves and nobody else", () => {
    const customer = { userId: "ada", scopes: scopesOf(["CUSTOMER"]) };
    expect(maySeeUser(customer, "ada")).toBe(true);
    expect(maySeeUser(customer, "eve")).toBe(false);
  });

  it("shows everybody to support and to admins", () => {
    expect(maySeeUser({ userId: "sue", scopes: scopesOf(["SUPPORT"]) }, "ada")).toBe(true);
    expect(maySeeUser({ userId: "kim", scopes: scopesOf(["ADMIN"]) }, "ada")).toBe(true);
  });

  it("shows nobody to a guest", () => {
    expect(maySeeUser(null, "ada")).toBe(false);
  });
});
