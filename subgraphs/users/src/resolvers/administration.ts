import { forbidden, unauthenticated } from "@supergraph/service";
import type { DeleteUserResult } from "../commands/delete-user.ts";
import type { SetUserRolesResult } from "../commands/set-user-roles.ts";
import type { AccountUserError, MutationResolvers } from "../generated/resolvers.ts";
import { userError } from "./user-errors.ts";

export const administrationMutations: Pick<MutationResolvers, "setUserRoles" | "deleteUser"> = {
  setUserRoles: async (_, { userId, roles }, { viewer, commands }) => {
    if (!viewer) throw unauthenticated();
    const result = await commands.setUserRoles(viewer.userId, userId, roles);
    if (result.kind === "actorNotAdmin") throw noAdminAnyMore();
    return result.kind === "changed"
      ? { user: result.user, userErrors: [] }
      : { user: null, userErrors: [setRolesError(result)] };
  },
  deleteUser: async (_, { id }, { viewer, commands, correlationId }) => {
    if (!viewer) throw unauthenticated();
    const result = await commands.deleteUser(viewer.userId, id, correlationId);
    if (result.kind === "actorNotAdmin") throw noAdminAnyMore();
    return { user: null, userErrors: result.kind === "deleted" ? [] : [deleteError(result)] };
  },
};

/** Their access token outlives the role by up to 15 minutes. */
const noAdminAnyMore = () => forbidden("You are not an admin any more: refresh the session.");

const setRolesError = ({
  kind,
}: Exclude<SetUserRolesResult, { kind: "changed" | "actorNotAdmin" }>): AccountUserError => {
  switch (kind) {
    case "notFound":
      return userError("NOT_FOUND", "There is no such user.", ["userId"]);
    case "noRole":
      return userError("INVALID", "A user needs at least one role: pass CUSTOMER to take all others away.", ["roles"]);
    case "ownAdminRole":
      return userError("INVALID", "You cannot take ADMIN from yourself: ask another admin to.", ["roles"]);
    case "lastAdmin":
      return userError("INVALID", "This is the last admin: make somebody else one first.", ["roles"]);
  }
};

const deleteError = ({ kind }: Exclude<DeleteUserResult, { kind: "deleted" | "actorNotAdmin" }>): AccountUserError => {
  switch (kind) {
    case "notFound":
      return userError("NOT_FOUND", "There is no such user.", ["id"]);
    case "oneself":
      return userError("INVALID", "You cannot delete your own account: ask another admin to.", ["id"]);
  }
};
