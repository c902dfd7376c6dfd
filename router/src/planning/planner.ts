import type { QueryPlan } from "@apollo/query-planner";
import type { SupergraphFacts } from "./supergraph.ts";

export interface PlanQuestion {
  /** A valid document. */
  readonly document: string;
  /** Empty where the document has one operation without a name. */
  readonly operationName: string;
}

export type PlanAnswer =
  | { readonly kind: "planned"; readonly plan: QueryPlan }
  /** The operation needs more of planning than one operation may have. */
  | { readonly kind: "refused"; readonly reason: "too complex" | "took too long" | "too many waiting" };

/** A supergraph, opened for planning. */
export interface Planner {
  readonly facts: SupergraphFacts;
  /** Rejects for faults only. */
  plan(question: PlanQuestion): Promise<PlanAnswer>;
  close(): Promise<void>;
}
