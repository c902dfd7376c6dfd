import type { Scope } from "@supergraph/contracts";

const READS_EVERYBODY: Scope = "users:read";

/** The one decision on who may see an account, all of it: the person themself, and who may read everybody's. */
export const maySeeUser = (
  viewer: { readonly userId: string; readonly scopes: readonly string[] } | null,
  userId: string,
): boolean => viewer !== null && (viewer.userId === userId || viewer.scopes.includes(READS_EVERYBODY));
