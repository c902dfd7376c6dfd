import { type LoadedSupergraph, loadSupergraph } from "@supergraph/router/planning";
import { ConfigError } from "@supergraph/service/config";
import { parse, print } from "graphql";
import type { ServableState } from "../check/state.ts";
import { type Contract, filterSupergraph } from "./filter.ts";

export type Variant =
  | { readonly kind: "loaded"; readonly state: ServableState }
  | { readonly kind: "refused"; readonly message: string };

/** What a contract makes of a state: its API is the contract's, all else the same. Loaded by the router's own core. */
export const variantOf = (state: ServableState, contract: Contract): Variant => {
  const supergraphSdl = print(filterSupergraph(parse(state.supergraphSdl, { noLocation: true }), contract));
  let supergraph: LoadedSupergraph;
  try {
    supergraph = loadSupergraph(supergraphSdl);
  } catch (error) {
    if (error instanceof ConfigError) return { kind: "refused", message: error.message };
    throw error;
  }
  return { kind: "loaded", state: { ...state, supergraphSdl, supergraph, api: supergraph.schema } };
};
