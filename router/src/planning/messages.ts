import type { PlanAnswer, PlanQuestion } from "./planner.ts";
import type { SupergraphFacts } from "./supergraph.ts";

/** What a planning thread is given to begin with. */
export interface ThreadData {
  readonly sdl: string;
}

/** What it says: once whether it could load the supergraph, then one answer a question, in their order. */
export type ThreadMessage =
  | { readonly kind: "opened"; readonly facts: SupergraphFacts }
  /** `isExpected` for a supergraph that cannot be served. */
  | { readonly kind: "failed"; readonly isExpected: boolean; readonly message: string }
  | { readonly kind: "answer"; readonly answer: PlanAnswer }
  | { readonly kind: "fault"; readonly message: string; readonly stack: string | undefined };

export type ThreadQuestion = PlanQuestion;
