import { kinds } from "../stages.ts";

/** What keeps subgraphs from being read, composed or loaded, beside composition's own errors; and committed files that are not of this schema. */
export const LOAD_KINDS = kinds({
  SUBGRAPH_SYNTAX_ERROR: {
    stage: "parse",
    severity: "error",
    title: "Syntax error in a subgraph",
    meaning: "The file is not GraphQL: nothing of the graph can be composed.",
    remedy: "Mend the syntax at the place that is named.",
  },
  COMPOSITION_ERROR: {
    stage: "compose",
    severity: "error",
    title: "Composition error of an unknown code",
    meaning: "Composition refused the subgraphs for a reason that this version of the check has no code for.",
    remedy: "Follow the message; it is composition's own.",
  },
  COMPOSITION_HINT: {
    stage: "hints",
    severity: "warning",
    title: "Composition hint of an unknown code",
    meaning: "Composition pointed at something that this version of the check has no code for.",
    remedy: "Follow the message; it is composition's own.",
  },
  SUPERGRAPH_NOT_SERVABLE: {
    stage: "load",
    severity: "error",
    title: "The router cannot serve the supergraph",
    meaning:
      "The subgraphs compose, but the router refuses what comes of it: it would go on with the former supergraph, and say so in its log.",
    remedy: "Take out what the message names, or use a router that has it.",
  },
  BASE_DOES_NOT_COMPOSE: {
    stage: "api",
    severity: "warning",
    title: "The base does not compose",
    meaning: "There is nothing to compare with: whether clients are hurt is unknown.",
    remedy: "Compare with a base that composes, such as what is live: `--base registry:<environment>`.",
  },
  ARTIFACT_STALE: {
    stage: "drift",
    severity: "error",
    title: "A committed file is not what composition gives",
    meaning: "Who reads or serves the committed file gets another schema than the subgraphs have.",
    remedy: "Run `npm run schema:compose` and commit what it writes.",
  },
  ARTIFACT_MISSING: {
    stage: "drift",
    severity: "error",
    title: "A committed file is missing",
    meaning: "The configuration names a file that composition writes, and it is not there.",
    remedy: "Run `npm run schema:compose` and commit what it writes.",
  },
  GENERATED_STALE: {
    stage: "drift",
    severity: "error",
    title: "Generated types are of another schema",
    meaning:
      "The types were generated from files that have changed since: code that compiles against them may be wrong.",
    remedy: "Run `npm run codegen` and commit what it writes.",
  },
});
