import { isId, newId } from "@supergraph/service";
import { findAddresses, insertAddress, setDefault, updateAddress } from "../db/addresses.ts";
import type { AddressRow } from "../db/schema.ts";
import { lockUser } from "../db/users.ts";
import { planSave } from "../domain/address-book.ts";
import { type RawAddress, readAddress } from "../input/address.ts";
import type { FieldError } from "../input/field-error.ts";
import type { Deps } from "./deps.ts";

export interface AddressToSave extends RawAddress {
  readonly id?: string | null | undefined;
  readonly isDefault?: boolean | null | undefined;
}

export type SaveAddressResult =
  | { kind: "saved"; address: AddressRow }
  | { kind: "invalid"; errors: FieldError[] }
  | { kind: "notFound" }
  | { kind: "full" }
  | { kind: "noAccount" };

/** Creates or replaces an address of `userId`. The default moves in the same transaction. */
export const makeSaveAddress =
  ({ inTransaction, now }: Deps) =>
  async (userId: string, raw: AddressToSave): Promise<SaveAddressResult> => {
    const id = raw.id ?? null;
    if (id !== null && !isId("adr", id)) return { kind: "notFound" };
    const read = readAddress(raw);
    if (read.kind === "invalid") return read;

    return inTransaction(async (tx): Promise<SaveAddressResult> => {
      if (!(await lockUser(tx, userId))) return { kind: "noAccount" };
      const plan = planSave(await findAddresses(tx, [userId]), { id, isDefault: raw.isDefault ?? false });
      if (plan.kind === "notFound" || plan.kind === "full") return plan;
      // First: the unique index allows no moment with two defaults.
      if (plan.unsetDefaultOf) await setDefault(tx, { id: plan.unsetDefaultOf, isDefault: false });
      const { isDefault } = plan;
      const address =
        plan.kind === "create"
          ? await insertAddress(tx, { ...read.value, id: newId("adr"), userId, isDefault, createdAt: now() })
          : await updateAddress(tx, plan.id, { ...read.value, isDefault });
      return { kind: "saved", address };
    });
  };
