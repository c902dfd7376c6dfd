/** What an access token may allow. The SDL names these in `@requiresScopes`. */
export const SCOPES = [
  "users:read",
  "users:write",
  "catalog:read",
  "catalog:write",
  "stock:read",
  "stock:write",
  "orders:read",
  "orders:write",
  "payments:read",
  "payments:refund",
] as const;

export type Scope = (typeof SCOPES)[number];

export const ROLES = ["CUSTOMER", "SUPPORT", "ADMIN"] as const;

export type Role = (typeof ROLES)[number];

const scopesByRole: Record<Role, readonly Scope[]> = {
  // A customer acts on what is their own, and that needs no scope.
  CUSTOMER: [],
  SUPPORT: [
    "users:read",
    "catalog:read",
    "stock:read",
    "orders:read",
    "orders:write",
    "payments:read",
    "payments:refund",
  ],
  ADMIN: SCOPES,
};

/** The scopes that a set of roles grants, each once, in the order of {@link SCOPES}. */
export const scopesOf = (roles: readonly Role[]): Scope[] =>
  SCOPES.filter((scope) => roles.some((role) => scopesByRole[role].includes(scope)));
