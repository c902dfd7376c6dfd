import { unauthenticated } from "@supergraph/service";
import type { SaveAddressResult } from "../commands/save-address.ts";
import { MAX_ADDRESSES } from "../domain/address-book.ts";
import type { AccountUserError, MutationResolvers } from "../generated/resolvers.ts";
import { fieldErrors, userError } from "./user-errors.ts";

export const addressMutations: Pick<MutationResolvers, "saveAddress" | "deleteAddress"> = {
  saveAddress: async (_, { input }, { viewer, commands }) => {
    if (!viewer) throw unauthenticated();
    const result = await commands.saveAddress(viewer.userId, input);
    if (result.kind === "noAccount") throw accountGone();
    return result.kind === "saved"
      ? { address: result.address, userErrors: [] }
      : { address: null, userErrors: saveErrors(result) };
  },
  deleteAddress: async (_, { id }, { viewer, commands }) => {
    if (!viewer) throw unauthenticated();
    const result = await commands.deleteAddress(viewer.userId, id);
    if (result.kind === "noAccount") throw accountGone();
    return result.kind === "deleted"
      ? { address: result.address, userErrors: [] }
      : { address: null, userErrors: [noSuchAddress(["id"])] };
  },
};

/** Its access tokens outlive an account by up to 15 minutes. */
const accountGone = () => unauthenticated("The account of this access token was deleted: sign in as somebody else.");

const noSuchAddress = (path: string[]) => userError("NOT_FOUND", "You have no such address.", path);

const saveErrors = (result: Exclude<SaveAddressResult, { kind: "saved" | "noAccount" }>): AccountUserError[] => {
  switch (result.kind) {
    case "invalid":
      return fieldErrors("INVALID", result.errors);
    case "full":
      return [userError("INVALID", `You have ${MAX_ADDRESSES} addresses, the most there can be: delete one first.`)];
    case "notFound":
      return [noSuchAddress(["input", "id"])];
  }
};
