import { kinds } from "../stages.ts";

/** What `@cost` and `@listSize` make of the price of an operation. */
export const COST_KINDS = kinds({
  COST_WEIGHT_RAISED: {
    stage: "cost",
    severity: "warning",
    title: "Something weighs more",
    meaning: "Operations that have it cost more than before: where costs are limited, some may be refused.",
    remedy: "Look at what the dearest operations that have it cost now, and at the limit.",
  },
  COST_WEIGHT_LOWERED: {
    stage: "cost",
    severity: "info",
    title: "Something weighs less",
    meaning: "Operations that have it cost less than before: where costs are limited, clients may send more of it.",
    remedy: "Make sure that it really takes less.",
  },
  COST_LIST_SIZE_ADDED: {
    stage: "cost",
    severity: "info",
    title: "The size of a list is told",
    meaning: "Costs are reckoned by it from now on, and no longer by what is assumed of any list.",
    remedy: "Make sure that the resolver keeps to it.",
  },
  COST_LIST_SIZE_REMOVED: {
    stage: "cost",
    severity: "warning",
    title: "The size of a list is no longer told",
    meaning:
      "Costs are reckoned by what is assumed of any list, whatever clients ask for: limits may let through what they are there to stop.",
    remedy: "Keep the `@listSize`.",
  },
  COST_LIST_SIZE_RAISED: {
    stage: "cost",
    severity: "warning",
    title: "A list is assumed to be longer",
    meaning: "Operations that have it cost more than before: where costs are limited, some may be refused.",
    remedy: "Look at what the dearest operations that have it cost now, and at the limit.",
  },
  COST_LIST_SIZE_LOWERED: {
    stage: "cost",
    severity: "info",
    title: "A list is assumed to be shorter",
    meaning: "Operations that have it cost less than before: where costs are limited, clients may send more of it.",
    remedy: "Make sure that the resolver keeps to it.",
  },
  COST_LIST_SIZE_CHANGED: {
    stage: "cost",
    severity: "warning",
    title: "The size of a list is reckoned otherwise",
    meaning:
      "Other arguments or fields decide how long the list is taken to be: the same operation costs more or less, or is refused for want of such an argument.",
    remedy: "Look at what the operations that have it cost now.",
  },
});
