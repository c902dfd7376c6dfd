import { type PlanAnswer, planOperation } from "@supergraph/router/planning";
import { print } from "graphql";
import type { CheckConfig } from "../check/config.ts";
import type { ServableState } from "../check/state.ts";
import type { KnownOperation } from "../revisions/operations.ts";
import { listSizesOf } from "./list-sizes.ts";
import { costOf, type PlanCost } from "./plan-cost.ts";

export type PlannedCost =
  | { readonly kind: "planned"; readonly cost: PlanCost }
  /** The planner's own words. */
  | { readonly kind: "refused"; readonly reason: string };

type Planned = Pick<KnownOperation, "document" | "definition" | "name">;

/** Plans an operation that is valid for `state`, with the router's own planner. */
export const planOf = ({ document, name }: Planned, { supergraph }: ServableState): PlanAnswer =>
  planOperation(supergraph, { document: print(document), operationName: name });

/** As {@link planOf}, with what the plan costs. */
export const planCostOf = (operation: Planned, state: ServableState, config: CheckConfig): PlannedCost =>
  costOfPlan(planOf(operation, state), operation, state, config);

/** What `answer`, of {@link planOf}, costs. */
export const costOfPlan = (
  answer: PlanAnswer,
  { document, definition }: Planned,
  { api, definitions }: ServableState,
  { plans }: CheckConfig,
): PlannedCost => {
  if (answer.kind === "refused") return answer;
  const sizes = listSizesOf({ document, definition }, { api, definitions, otherwise: plans.listSize });
  return { kind: "planned", cost: costOf(answer.plan, sizes) };
};
