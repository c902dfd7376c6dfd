import { planOperation } from "@supergraph/router/planning";
import { print } from "graphql";
import type { CheckConfig } from "../check/config.ts";
import type { ServableState } from "../check/state.ts";
import { type Ownership, readOwnership } from "../composition/ownership.ts";
import { listSizesOf } from "../operations/list-sizes.ts";
import { costOf, type PlanCost } from "../operations/plan-cost.ts";
import { type CostMark, marksOf, savingsOf } from "./advice.ts";
import { type PlanTree, planTreeOf, stepsOf } from "./plan-tree.ts";
import { mistakesOf, type OperationMistake, type Subject } from "./subject.ts";

/** How the router answers one operation. */
export interface Explained {
  readonly kind: "explained";
  readonly tree: PlanTree;
  readonly cost: PlanCost;
  /** In the order of steps. */
  readonly marks: readonly CostMark[];
  /** Sentences. */
  readonly savings: readonly string[];
}

export type Explanation =
  | Explained
  | { readonly kind: "invalid"; readonly mistakes: readonly OperationMistake[] }
  /** The planner's own words. */
  | { readonly kind: "refused"; readonly reason: string };

/** Plans with the router's own planner. */
export const explain = (
  subject: Subject,
  { supergraph, supergraphSdl, api, definitions }: ServableState,
  { plans }: CheckConfig,
  ownership: Ownership = readOwnership(supergraphSdl),
): Explanation => {
  const mistakes = mistakesOf(subject, api);
  if (mistakes.length > 0) return { kind: "invalid", mistakes };
  const { document, definition, name } = subject;
  const answer = planOperation(supergraph, { document: print(document), operationName: name });
  if (answer.kind === "refused") return answer;
  const sizes = listSizesOf({ document, definition }, { api, definitions, otherwise: plans.listSize });
  const tree = planTreeOf(answer.plan, ownership, sizes);
  const steps = stepsOf(tree);
  const marks = marksOf(steps);
  return {
    kind: "explained",
    tree,
    cost: costOf(answer.plan, sizes),
    marks,
    savings: savingsOf(steps, marks, ownership),
  };
};
