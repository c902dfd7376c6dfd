import type { Role } from "@supergraph/contracts";
import { describe, expect, it } from "vitest";
import { changeRoles, mayRemove } from "./roles.ts";

const someone = (...roles: Role[]) => ({ id: "someone", roles });
const byAdmin = { actorId: "admin", adminIds: ["admin", "someone"] };

describe("changeRoles", () => {
  it("sets the roles as given, each once and in a fixed order", () => {
    expect(changeRoles(someone("CUSTOMER"), ["ADMIN", "SUPPORT", "ADMIN"], byAdmin)).toEqual({
      kind: "changed",
      roles: ["SUPPORT", "ADMIN"],
    });
  });

  it("refuses to leave somebody without any role", () => {
    expect(changeRoles(someone("CUSTOMER"), [], byAdmin).kind).toBe("noRole");
  });

  it("takes ADMIN from another admin", () => {
    expect(changeRoles(someone("ADMIN"), ["CUSTOMER"], byAdmin).kind).toBe("changed");
  });

  it("refuses to take ADMIN from oneself", () => {
    const result = changeRoles(someone("ADMIN"), ["SUPPORT"], { actorId: "someone", adminIds: ["admin", "someone"] });
    expect(result.kind).toBe("ownAdminRole");
  });

  it("refuses to take ADMIN from the last admin", () => {
    expect(changeRoles(someone("ADMIN"), ["SUPPORT"], { actorId: "someone", adminIds: ["someone"] }).kind).toBe(
      "lastAdmin",
    );
  });

  it("refuses whoever is not an admin any more, whatever they want", () => {
    const byFormer = { actorId: "former", adminIds: ["someone"] };
    for (const wanted of [["ADMIN"], ["CUSTOMER"], []] as const)
      expect(changeRoles({ id: "former", roles: ["CUSTOMER"] }, wanted, byFormer).kind).toBe("actorNotAdmin");
    expect(changeRoles(someone("ADMIN"), ["SUPPORT"], byFormer).kind).toBe("actorNotAdmin");
  });

  it("lets an admin change their other roles", () => {
    expect(
      changeRoles(someone("ADMIN"), ["ADMIN", "SUPPORT"], { actorId: "someone", adminIds: ["someone"] }).kind,
    ).toBe("changed");
  });
});

describe("mayRemove", () => {
  it("allows an admin to delete anybody but themself", () => {
    expect(mayRemove("someone", byAdmin).kind).toBe("allowed");
    expect(mayRemove("admin", byAdmin).kind).toBe("oneself");
  });

  it("refuses whoever is not an admin any more", () => {
    expect(mayRemove("someone", { actorId: "former", adminIds: ["admin"] }).kind).toBe("actorNotAdmin");
  });
});
