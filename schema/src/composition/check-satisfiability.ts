import { validateGraphComposition } from "@apollo/composition";
import { Supergraph } from "@apollo/federation-internals";
import { buildFederatedQueryGraph, buildSupergraphAPIQueryGraph, type QueryGraph } from "@apollo/query-graphs";
import type { QueryPlanner } from "@apollo/query-planner";
import { hintOf, type Problem, problemOf } from "./compose.ts";
import { faultOf } from "./faults.ts";

export interface Satisfiability {
  readonly errors: readonly Problem[];
  readonly hints: readonly Problem[];
}

/**
 * The second half of composing: what clients could ask for and no way through the subgraphs leads to. Of a supergraph that is open
 * already, and the planner's graph of it: to build either takes as long as all of this.
 */
export const checkSatisfiability = (planner: QueryPlanner): Satisfiability =>
  satisfiabilityOf(planner.supergraph, () =>
    hasConditionsByType(planner.supergraph) ? ownGraphOf(planner.supergraph) : graphOf(planner),
  );

/** As {@link checkSatisfiability}, of what was merged and the router does not serve, whatever features it has. */
export const checkSatisfiabilityOfSdl = (supergraphSdl: string): Satisfiability => {
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null });
  return satisfiabilityOf(supergraph, () => ownGraphOf(supergraph));
};

const satisfiabilityOf = (supergraph: Supergraph, graph: () => QueryGraph): Satisfiability => {
  const { errors = [], hints = [] } = validateOrStumble(supergraph, graph);
  return {
    errors: errors.map((error) => problemOf(error, [], NO_FILES)),
    hints: hints.map((hint) => hintOf(hint, NO_FILES)),
  };
};

/** What was merged remembers no files: such problems are located by their coordinates. */
const NO_FILES: ReadonlyMap<string, string> = new Map();

const validateOrStumble = (
  supergraph: Supergraph,
  graph: () => QueryGraph,
): ReturnType<typeof validateGraphComposition> => {
  try {
    const asked = buildSupergraphAPIQueryGraph(supergraph);
    return validateGraphComposition(supergraph.schema, supergraph.subgraphNameToGraphEnumValue(), asked, graph());
  } catch (thrown) {
    return { errors: [faultOf(thrown, [])] };
  }
};

const ownGraphOf = (supergraph: Supergraph): QueryGraph => buildFederatedQueryGraph(supergraph, false);

/**
 * Private there, and the same graph but for casts between interfaces and unions, which the planner takes as short cuts. Of the ways that
 * composition looks for, each cast leads to an object, so that the others are passed by; unless a condition asks for them.
 */
// biome-ignore lint/complexity/useLiteralKeys: what is private can be had by its name only.
const graphOf = (planner: QueryPlanner): QueryGraph => planner["federatedQueryGraph"];

/** Whether a key or what a field requires or provides has a fragment. */
const hasConditionsByType = ({ schema }: Supergraph): boolean =>
  ["join__type", "join__field"].some((name) =>
    [...(schema.directive(name)?.applications() ?? [])].some((application) =>
      Object.values(application.arguments()).some(mentionsFragment),
    ),
  );

const mentionsFragment = (value: unknown): boolean =>
  typeof value === "string" ? value.includes("...") : JSON.stringify(value)?.includes("...") === true;
