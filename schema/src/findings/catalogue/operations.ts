import { kinds } from "../stages.ts";

/** What a change does to the operations that clients are known to send. */
export const OPERATION_KINDS = kinds({
  OPERATION_SYNTAX_ERROR: {
    stage: "operations",
    severity: "error",
    title: "Syntax error in an operation",
    meaning: "The file is not a GraphQL document: whom a change hurts cannot be told.",
    remedy: "Mend the syntax at the place that is named.",
  },
  OPERATION_INVALID: {
    stage: "operations",
    severity: "error",
    title: "An operation that never was valid",
    meaning: "Neither the proposed API nor the base's answers it: whoever sends it gets an error.",
    remedy: "Mend the operation, or delete it where nobody sends it.",
  },
  OPERATION_BROKEN: {
    stage: "operations",
    severity: "error",
    title: "An operation that clients send breaks",
    meaning:
      "The base's API answers it, the proposed one refuses it: its clients get an error from the moment of deployment.",
    remedy: "Keep what it uses and mark it `@deprecated`; take it away once no known operation uses it.",
  },
  OPERATION_BROKEN_UNTIL_RELEASE: {
    stage: "operations",
    severity: "warning",
    title: "The former text of an operation breaks",
    meaning:
      "The operation was changed with the schema. Clients that were released with its former text get an error until they are updated.",
    remedy:
      "Keep what the former text uses until no released client sends it, or approve this where clients are deployed with the graph.",
  },
  OPERATION_RETIRED: {
    stage: "operations",
    severity: "info",
    title: "An operation is no longer known",
    meaning: "Its file is gone: nothing tells any more whether a change breaks it.",
    remedy: "Make sure that no released client sends it.",
  },
  OPERATION_ANONYMOUS: {
    stage: "operations",
    severity: "error",
    title: "An operation without a name",
    meaning: "Metrics, logs and approvals know an operation by its name: this one cannot be told from others.",
    remedy: "Give it a name.",
  },
  OPERATION_DUPLICATE: {
    stage: "operations",
    severity: "error",
    title: "Two operations of a client have one name",
    meaning: "Metrics, logs and traffic figures know an operation by its name: these two cannot be told apart.",
    remedy: "Rename one of them.",
  },
  TRAFFIC_UNKNOWN_OPERATION: {
    stage: "operations",
    severity: "warning",
    title: "Traffic of an operation that is not known",
    meaning: "The traffic figures name an operation that has no file: it is checked for nothing.",
    remedy: "Add its document, or take the figure out.",
  },
  OPERATION_NOT_PLANNED: {
    stage: "plans",
    severity: "error",
    title: "An operation cannot be planned",
    meaning: "It is valid, and the router's planner refuses it: clients get an error.",
    remedy: "Ask for less in one operation; `npm run schema -- explain` tells what the planner says.",
  },
  PLAN_MORE_SEQUENTIAL_FETCHES: {
    stage: "plans",
    severity: "warning",
    title: "A plan waits longer: more fetches one after the other",
    meaning:
      "Each step waits for the one before: the operation takes longer by a subgraph's answer, although its API has not changed.",
    remedy:
      "See the plan by `npm run schema -- explain`; a key, `@provides` or `@shareable` in the subgraph that is asked first often saves the step.",
  },
  PLAN_MORE_FETCHES: {
    stage: "plans",
    severity: "warning",
    title: "A plan asks more often",
    meaning:
      "The same operation takes more calls of subgraphs than before, although its API has not changed: more load, and more that can fail.",
    remedy:
      "See the plan by `npm run schema -- explain`; look at what `@override`, `@external` or a removed `@key`, `@provides` or `@shareable` did to it.",
  },
  PLAN_MORE_ENTITIES: {
    stage: "plans",
    severity: "warning",
    title: "A plan resolves more entities",
    meaning:
      "By the estimated lengths of its lists subgraphs resolve at least a half more entities for it than before.",
    remedy:
      "See the plan by `npm run schema -- explain`; bound the list, or let the subgraph that has it provide the fields.",
  },
  PLAN_MORE_SUBGRAPHS: {
    stage: "plans",
    severity: "info",
    title: "A plan needs another subgraph",
    meaning: "When that subgraph is down, the operation lacks data now.",
    remedy:
      "Make sure that the fields that come from there are nullable where the page is still worth showing without them.",
  },
});
