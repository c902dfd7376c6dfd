import type { Role } from "@supergraph/contracts";
import { isId } from "@supergraph/service";
import { type ActiveUser, lockUserAndAdmins, updateRoles } from "../db/users.ts";
import { type ChangeRolesResult, changeRoles } from "../domain/roles.ts";
import type { Deps } from "./deps.ts";

export type SetUserRolesResult =
  | { kind: "changed"; user: ActiveUser }
  | { kind: "notFound" }
  | Exclude<ChangeRolesResult, { kind: "changed" }>;

/** Replaces the roles of `userId`, on behalf of `actorId`. */
export const makeSetUserRoles =
  ({ inTransaction }: Deps) =>
  async (actorId: string, userId: string, wanted: readonly Role[]): Promise<SetUserRolesResult> => {
    if (!isId("usr", userId)) return { kind: "notFound" };
    return inTransaction(async (tx): Promise<SetUserRolesResult> => {
      const { user, adminIds } = await lockUserAndAdmins(tx, userId);
      if (!user) return { kind: "notFound" };
      const result = changeRoles(user, wanted, { actorId, adminIds });
      if (result.kind !== "changed") return result;
      await updateRoles(tx, userId, result.roles);
      return { kind: "changed", user: { ...user, roles: result.roles } };
    });
  };
