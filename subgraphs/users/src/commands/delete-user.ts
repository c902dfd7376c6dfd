import { userEvents } from "@supergraph/contracts";
import { newMessage } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { isId, newId } from "@supergraph/service";
import { deleteAddressesOf } from "../db/addresses.ts";
import { clearFailures } from "../db/login-failures.ts";
import { revokeSessionsOf } from "../db/sessions.ts";
import { eraseUser, lockUserAndAdmins } from "../db/users.ts";
import { mayRemove, type RemovalVerdict } from "../domain/roles.ts";
import { sha256 } from "../refresh-tokens.ts";
import type { Deps } from "./deps.ts";

export type DeleteUserResult =
  | { kind: "deleted" }
  | { kind: "notFound" }
  | Exclude<RemovalVerdict, { kind: "allowed" }>;

/** Erases an account, on behalf of `actorId`; its id stays, so that what refers to it still does. */
export const makeDeleteUser =
  ({ inTransaction, now }: Deps) =>
  async (actorId: string, userId: string, correlationId: string): Promise<DeleteUserResult> => {
    if (!isId("usr", userId)) return { kind: "notFound" };
    return inTransaction(async (tx): Promise<DeleteUserResult> => {
      const { user, adminIds } = await lockUserAndAdmins(tx, userId);
      if (!user) return { kind: "notFound" };
      const verdict = mayRemove(userId, { actorId, adminIds });
      if (verdict.kind !== "allowed") return verdict;
      const deletedAt = now();
      await revokeSessionsOf(tx, userId, deletedAt);
      await deleteAddressesOf(tx, userId);
      await clearFailures(tx, sha256(user.email));
      await eraseUser(tx, userId, deletedAt);
      await appendToOutbox(tx, [
        newMessage(userEvents.userDeleted, {
          id: newId("evt"),
          key: userId,
          time: deletedAt,
          correlationId,
          causationId: null,
          data: { userId, deletedAt: deletedAt.toISOString() },
        }),
      ]);
      return { kind: "deleted" };
    });
  };
