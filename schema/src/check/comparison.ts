import type { CheckConfig } from "./config.ts";
import type { ServableState } from "./state.ts";

/** What stages are given that compare two states. */
export interface Comparison {
  readonly head: ServableState;
  readonly base: ServableState;
  readonly config: CheckConfig;
}

/** What stages are given that say something of the head even where there is nothing to compare it with. */
export interface Subject {
  readonly head: ServableState;
  readonly base: ServableState | null;
  readonly config: CheckConfig;
}
