import { createHash } from "node:crypto";
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

/** By {@link costKeyOf}. */
export type PlannedCosts = ReadonlyMap<string, PlannedCost>;

type Planned = Pick<KnownOperation, "document" | "definition" | "name">;

/** Plans an operation that is valid for `state`, with the router's own planner, and tells what the plan costs. */
export const planCostOf = (
  { document, definition, name }: Planned,
  { supergraph, api, definitions }: ServableState,
  { plans }: CheckConfig,
): PlannedCost => {
  const answer = planOperation(supergraph, { document: print(document), operationName: name });
  if (answer.kind === "refused") return answer;
  const sizes = listSizesOf({ document, definition }, { api, definitions, otherwise: plans.listSize });
  return { kind: "planned", cost: costOf(answer.plan, sizes) };
};

/** What, besides the subgraphs, the cost of an operation follows from. */
export const costKeyOf = ({ document, name }: Planned, { plans }: CheckConfig): string =>
  createHash("sha256")
    .update(JSON.stringify([print(document), name, plans.listSize]))
    .digest("hex");
