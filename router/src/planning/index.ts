/** The router's own loading and planning, for tools that must say beforehand what the router will do. */
export { planOperation } from "./local-planner.ts";
export type { PlanAnswer } from "./planner.ts";
export { type LoadedSupergraph, loadSupergraph, openSupergraph } from "./supergraph.ts";
