import type { FetchNode, PlanNode, QueryPlan, SubscriptionNode } from "@apollo/query-planner";
import type { ListSizes } from "./list-sizes.ts";

/** One call of a subgraph in a plan. */
export interface FetchStep {
  readonly subgraph: string;
  /** From 1: it waits for a call of the step before. */
  readonly step: number;
  /** Where in the answer its entities are, `orders.@.lines.@.variant`; null for a fetch of root fields. */
  readonly path: string | null;
  /** How many entities it resolves, by the estimated lengths of the lists on its path; 0 for a fetch of root fields. */
  readonly entities: number;
}

/** What executing a plan takes. Of conditions (`@skip`, `@include`) the dearer way counts. */
export interface PlanCost {
  /** Calls of subgraphs. */
  readonly fetches: number;
  /** The longest chain of calls that wait for each other. */
  readonly depth: number;
  /** Sorted. */
  readonly subgraphs: readonly string[];
  /** Estimated, of all fetches. */
  readonly entities: number;
  /** In the order of the plan. */
  readonly steps: readonly FetchStep[];
}

export const costOf = ({ node }: QueryPlan, sizes: ListSizes): PlanCost => {
  const { steps, depth } = walk(node, { step: 1, path: null, sizes });
  return {
    fetches: steps.length,
    depth,
    subgraphs: [...new Set(steps.map(({ subgraph }) => subgraph))].sort(),
    entities: steps.reduce((sum, { entities }) => sum + entities, 0),
    steps,
  };
};

interface Place {
  readonly step: number;
  readonly path: readonly string[] | null;
  readonly sizes: ListSizes;
}

interface Part {
  readonly steps: readonly FetchStep[];
  readonly depth: number;
}

const NOTHING: Part = { steps: [], depth: 0 };

const walk = (node: PlanNode | SubscriptionNode | undefined, place: Place): Part => {
  switch (node?.kind) {
    case undefined:
      return NOTHING;
    case "Fetch":
      return { steps: [stepOf(node, place)], depth: 1 };
    case "Flatten":
      return walk(node.node, { ...place, path: node.path.map(String) });
    case "Sequence":
      return inSequence(node.nodes, place);
    case "Parallel":
      return together(node.nodes.map((one) => walk(one, place)));
    case "Condition":
      return dearer(walk(node.ifClause, place), walk(node.elseClause, place));
    case "Subscription":
      return inSequence([node.primary, ...(node.rest ? [node.rest] : [])], place);
    case "Defer": {
      const primary = walk(node.primary.node, place);
      const deferred = node.deferred.map((one) => walk(one.node, { ...place, step: place.step + primary.depth }));
      const rest = together(deferred);
      return { steps: [...primary.steps, ...rest.steps], depth: primary.depth + rest.depth };
    }
  }
};

const inSequence = (nodes: readonly PlanNode[], place: Place): Part =>
  nodes.reduce<Part>((before, node) => {
    const part = walk(node, { ...place, step: place.step + before.depth });
    return { steps: [...before.steps, ...part.steps], depth: before.depth + part.depth };
  }, NOTHING);

const together = (parts: readonly Part[]): Part => ({
  steps: parts.flatMap(({ steps }) => steps),
  depth: Math.max(0, ...parts.map(({ depth }) => depth)),
});

const dearer = (one: Part, other: Part): Part =>
  other.steps.length > one.steps.length || (other.steps.length === one.steps.length && other.depth > one.depth)
    ? other
    : one;

const stepOf = ({ serviceName, requires }: FetchNode, { step, path, sizes }: Place): FetchStep => ({
  subgraph: serviceName,
  step,
  path: path?.join(".") ?? null,
  entities: requires ? sizes.entitiesAt(path ?? []) : 0,
});
