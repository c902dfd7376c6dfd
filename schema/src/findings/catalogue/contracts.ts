import { kinds } from "../stages.ts";

/** What a change does to variants of the API that are made by `@tag`. */
export const CONTRACT_KINDS = kinds({
  CONTRACT_INVALID: {
    stage: "contracts",
    severity: "error",
    title: "A contract cannot be served",
    meaning:
      "What its tags leave is no valid API: an argument that must be given is left out, or a field that an interface demands.",
    remedy: "Tag what the message names as the contract needs it.",
  },
  CONTRACT_OPERATION_BROKEN: {
    stage: "contracts",
    severity: "error",
    title: "A contract lacks what its clients ask for",
    meaning: "The operation is valid for the whole API; its client is served by the contract, and gets an error.",
    remedy: "Tag what it asks for as the contract needs it, or let the client use another contract.",
  },
  CONTRACT_API_BREAKS: {
    stage: "contracts",
    severity: "error",
    title: "A contract loses something",
    meaning: "The whole API still has it. Whoever is served by the contract does not see it any more.",
    remedy: "Leave the tags as they were, or agree upon it with the contract's clients and approve it.",
  },
  CONTRACT_API_CHANGES: {
    stage: "contracts",
    severity: "warning",
    title: "A contract changes",
    meaning: "Only the contract changes, not the whole API: clients of it may notice.",
    remedy: "Look whether that is meant.",
  },
  CONTRACT_API_GROWS: {
    stage: "contracts",
    severity: "warning",
    title: "A contract shows more than before",
    meaning: "What was kept from the contract's clients is theirs to see.",
    remedy: "Look whether that is meant: what was once shown is hard to take back.",
  },
});
