import { operationFromDocument } from "@apollo/federation-internals";
import { parse } from "graphql";
import type { PlanAnswer, Planner, PlanQuestion } from "./planner.ts";
import { type LoadedSupergraph, loadSupergraph } from "./supergraph.ts";

/**
 * Loads and plans in the thread that asks, which answers nobody meanwhile.
 * @throws ConfigError when `sdl` is no supergraph that this router can serve.
 */
export const openLocalPlanner = (sdl: string): Planner => plannerOf(loadSupergraph(sdl));

export const plannerOf = (supergraph: LoadedSupergraph): Planner => ({
  facts: supergraph.facts,
  plan: async (question) => planOperation(supergraph, question),
  close: async () => undefined,
});

export const planOperation = (
  { planner, apiSchema }: LoadedSupergraph,
  { document, operationName }: PlanQuestion,
): PlanAnswer => {
  try {
    const operation = operationFromDocument(apiSchema, parse(document), operationName === "" ? {} : { operationName });
    const plan = planner.buildQueryPlan(operation, {
      recursiveSelectionsLimitDisabled: false,
      nonLocalSelectionsLimitDisabled: false,
    });
    return { kind: "planned", plan };
  } catch (error) {
    // The planner's own limits: it refuses what would take it too long.
    if (error instanceof Error && /selections|limit/i.test(error.message))
      return { kind: "refused", reason: "too complex" };
    throw error;
  }
};
