import { isId } from "@supergraph/service";
import { deleteAddress, findAddresses, setDefault } from "../db/addresses.ts";
import type { AddressRow } from "../db/schema.ts";
import { lockUser } from "../db/users.ts";
import { planDelete } from "../domain/address-book.ts";
import type { Deps } from "./deps.ts";

export type DeleteAddressResult =
  | { kind: "deleted"; address: AddressRow }
  | { kind: "notFound" }
  | { kind: "noAccount" };

/** Deletes an address of `userId`; when it was the default, another becomes it in the same transaction. */
export const makeDeleteAddress =
  ({ inTransaction }: Deps) =>
  async (userId: string, id: string): Promise<DeleteAddressResult> => {
    if (!isId("adr", id)) return { kind: "notFound" };
    return inTransaction(async (tx): Promise<DeleteAddressResult> => {
      if (!(await lockUser(tx, userId))) return { kind: "noAccount" };
      const book = await findAddresses(tx, [userId]);
      const plan = planDelete(book, id);
      const address = book.find((entry) => entry.id === id);
      if (plan.kind === "notFound" || !address) return { kind: "notFound" };
      await deleteAddress(tx, userId, id);
      if (plan.promote) await setDefault(tx, { id: plan.promote, isDefault: true });
      return { kind: "deleted", address };
    });
  };
