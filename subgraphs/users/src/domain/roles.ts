import { ROLES, type Role } from "@supergraph/contracts";

export type ChangeRolesResult =
  | { kind: "changed"; roles: Role[] }
  | { kind: "actorNotAdmin" }
  | { kind: "noRole" }
  | { kind: "ownAdminRole" }
  | { kind: "lastAdmin" };

export type RemovalVerdict = { kind: "allowed" } | { kind: "actorNotAdmin" } | { kind: "oneself" };

interface Account {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** Who asks, and the ids of all who are admins at this moment. */
interface Asked {
  readonly actorId: string;
  readonly adminIds: readonly string[];
}

/**
 * Decides on new roles of `user`. Who asks must be an admin now: an access token says what was true when it was made, and
 * with one a former admin could make themself one again.
 */
export const changeRoles = (
  user: Account,
  wanted: readonly Role[],
  { actorId, adminIds }: Asked,
): ChangeRolesResult => {
  if (!adminIds.includes(actorId)) return { kind: "actorNotAdmin" };
  const roles = ROLES.filter((role) => wanted.includes(role));
  if (roles.length === 0) return { kind: "noRole" };
  if (isAdmin(user) && !roles.includes("ADMIN")) {
    if (adminIds.length <= 1) return { kind: "lastAdmin" };
    if (user.id === actorId) return { kind: "ownAdminRole" };
  }
  return { kind: "changed", roles };
};

/** Decides whether who asks may delete `userId`: an admin of this moment anybody but themself, so that one always stays. */
export const mayRemove = (userId: string, { actorId, adminIds }: Asked): RemovalVerdict => {
  if (!adminIds.includes(actorId)) return { kind: "actorNotAdmin" };
  return { kind: userId === actorId ? "oneself" : "allowed" };
};

const isAdmin = ({ roles }: Account): boolean => roles.includes("ADMIN");
