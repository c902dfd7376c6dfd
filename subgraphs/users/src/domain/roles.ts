import { ROLES, type Role } from "@supergraph/contracts";

export type ChangeRolesResult =
  | { kind: "changed"; roles: Role[] }
  | { kind: "noRole" }
  | { kind: "ownAdminRole" }
  | { kind: "lastAdmin" };

export type RemovalVerdict = { kind: "allowed" } | { kind: "oneself" } | { kind: "lastAdmin" };

interface Account {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** Decides on new roles of `user`, wanted by `actorId`, while `adminCount` accounts, `user` among them, are admins. */
export const changeRoles = (
  user: Account,
  wanted: readonly Role[],
  { actorId, adminCount }: { actorId: string; adminCount: number },
): ChangeRolesResult => {
  const roles = ROLES.filter((role) => wanted.includes(role));
  if (roles.length === 0) return { kind: "noRole" };
  if (isAdmin(user) && !roles.includes("ADMIN")) {
    if (adminCount <= 1) return { kind: "lastAdmin" };
    if (user.id === actorId) return { kind: "ownAdminRole" };
  }
  return { kind: "changed", roles };
};

/** Decides whether `actorId` may delete `user`. */
export const mayRemove = (
  user: Account,
  { actorId, adminCount }: { actorId: string; adminCount: number },
): RemovalVerdict => {
  if (user.id === actorId) return { kind: "oneself" };
  return isAdmin(user) && adminCount <= 1 ? { kind: "lastAdmin" } : { kind: "allowed" };
};

const isAdmin = ({ roles }: Account): boolean => roles.includes("ADMIN");
