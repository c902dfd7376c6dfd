import { kinds } from "../stages.ts";

/** Who may see what. Nothing of this is a change of the API. */
export const SECURITY_KINDS = kinds({
  SECURITY_REQUIREMENT_RELAXED: {
    stage: "security",
    severity: "error",
    title: "More viewers may see something",
    meaning:
      "The router shows it to viewers whom it refused before. No operation fails and no test of a client notices: whoever answers for the data must have decided it.",
    remedy:
      "Put the `@authenticated` or `@requiresScopes` back; or, where it is meant, have whoever answers for the data approve it.",
  },
  SECURITY_REQUIREMENT_TIGHTENED: {
    stage: "security",
    severity: "error",
    title: "Fewer viewers may see something",
    meaning:
      "Viewers who saw it are refused: the operations stay valid and are answered errors, for those viewers only. A warning where no known operation selects it.",
    remedy: "Make sure that the clients that select it have what is demanded, or do without it; then approve this.",
  },
  SECURITY_REQUIREMENT_CHANGED: {
    stage: "security",
    severity: "error",
    title: "Other viewers may see something",
    meaning:
      "Some viewers who saw it are refused, and some who were refused see it: it is a relaxation and a restriction at once.",
    remedy:
      "Demand both for a time, where clients are to change from the one to the other; or have whoever answers for the data approve it.",
  },
  SECURITY_UNPROTECTED_FIELD_ADDED: {
    stage: "security",
    severity: "warning",
    title: "A new field demands nothing, unlike its siblings",
    meaning: "All other fields of its type demand something of the viewer: this one may have been forgotten.",
    remedy: "Give it the demand of its siblings, or put it on the type.",
  },
  SECURITY_UNPROTECTED_MUTATION_ADDED: {
    stage: "security",
    severity: "info",
    title: "A new mutation that anybody may send",
    meaning: "The router lets it through for viewers who are not signed in; only its resolver may refuse them.",
    remedy: "Give it `@authenticated` or `@requiresScopes`, unless it is there for guests.",
  },
  SECURITY_NEWLY_PUBLIC: {
    stage: "security",
    severity: "warning",
    title: "What was hidden can be asked for",
    meaning:
      "It was `@inaccessible`, and so perhaps never meant, documented or limited for clients. Once they use it, it cannot be hidden again without breaking them.",
    remedy: "Make sure that it is meant for all clients, and that it demands of the viewer what it must.",
  },
});
