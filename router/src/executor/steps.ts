import type { PlanNode } from "@apollo/query-planner";
import { compileFetch, type Fetch, type Progress, type Questions, runFetch } from "./fetch.ts";
import type { IsOfType } from "./object-types.ts";
import type { PlanPath } from "./targets.ts";

/** A plan, for given values of its conditions. */
export type Step =
  | { readonly kind: "fetch"; readonly fetch: Fetch }
  | { readonly kind: "sequence" | "parallel"; readonly steps: readonly Step[] };

const NOTHING: Step = { kind: "sequence", steps: [] };

export interface StepOptions {
  readonly isOfType: IsOfType;
  /** Of the variables that `@skip` and `@include` ask. */
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly questions: Questions;
}

export const compileStep = (node: PlanNode | undefined, options: StepOptions, path: PlanPath = []): Step => {
  switch (node?.kind) {
    case undefined:
      return NOTHING;
    case "Fetch":
      return { kind: "fetch", fetch: compileFetch(node, path, options.isOfType, options.questions) };
    case "Flatten":
      return compileStep(node.node, options, [...path, ...node.path.map(String)]);
    case "Sequence":
    case "Parallel":
      return {
        kind: node.kind === "Sequence" ? "sequence" : "parallel",
        steps: node.nodes.map((below) => compileStep(below, options, path)),
      };
    case "Condition":
      return compileStep(options.conditions[node.condition] === true ? node.ifClause : node.elseClause, options, path);
    case "Defer":
      throw new Error("The planner planned a deferred part, which it was not asked for.");
  }
};

/** A fetch that fails ends nothing but what needs it. */
export const runStep = async (step: Step, progress: Progress): Promise<void> => {
  switch (step.kind) {
    case "fetch":
      return runFetch(step.fetch, progress);
    case "sequence":
      for (const below of step.steps) await runStep(below, progress);
      return;
    case "parallel":
      await Promise.all(step.steps.map((below) => runStep(below, progress)));
  }
};
