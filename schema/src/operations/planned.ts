import { planOperation } from "@supergraph/router/planning";
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

/** Plans an operation that is valid for `state`, with the router's own planner. */
export const planCostOf = (
  { document, definition, name }: Pick<KnownOperation, "document" | "definition" | "name">,
  { supergraph, api, definitions }: ServableState,
  { plans }: CheckConfig,
): PlannedCost => {
  const answer = planOperation(supergraph, { document: print(document), operationName: name });
  if (answer.kind === "refused") return answer;
  const sizes = listSizesOf({ document, definition }, { api, definitions, otherwise: plans.listSize });
  return { kind: "planned", cost: costOf(answer.plan, sizes) };
};
