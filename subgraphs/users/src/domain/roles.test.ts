import type { Role } from "@supergraph/contracts";
import { describe, expect, it } from "vitest";
import { changeRoles, mayRemove } from "./roles.ts";

const someone = (...roles: Role[]) => ({ id: "someone", roles });
const byAdmin = { actorId: "admin", adminCount: 2 };

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
    const result = changeRoles(someone("ADMIN"), ["SUPPORT"], { actorId: "someone", adminCount: 2 });
    expect(result.kind).toBe("ownAdminRole");
  });

  it("refuses to take ADMIN from the last admin, whoever asks", () => {
    expect(changeRoles(someone("ADMIN"), ["SUPPORT"], { actorId: "admin", adminCount: 1 }).kind).toBe("lastAdmin");
  });

  it("lets an admin change their other roles", () => {
    expect(changeRoles(someone("ADMIN"), ["ADMIN", "SUPPORT"], { actorId: "someone", adminCount: 1 }).kind).toBe(
      "changed",
    );
  });
});

describe("mayRemove", () => {
  it("allows anybody but oneself and the last admin", () => {
    expect(mayRemove(someone("CUSTOMER"), byAdmin).kind).toBe("allowed");
    expect(mayRemove(someone("ADMIN"), byAdmin).kind).toBe("allowed");
    expect(mayRemove(someone("ADMIN"), { actorId: "someone", adminCount: 2 }).kind).toBe("oneself");
    expect(mayRemove(someone("ADMIN"), { actorId: "admin", adminCount: 1 }).kind).toBe("lastAdmin");
  });
});
