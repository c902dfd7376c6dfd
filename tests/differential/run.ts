import { type CaseResult, createGraph, type Graph, runCase } from "./case.ts";
import type { GeneratedOperation } from "./operations.ts";

export interface Differential {
  readonly graphs: number;
  /** Subgraphs that did not compose. */
  readonly uncomposed: number;
  /** Operations that both executors answered. */
  readonly compared: number;
  /** Of these, with errors, and with nulls where the schema promises none. */
  readonly withErrors: number;
  readonly withBroken: number;
  readonly unusable: number;
  /** Operations that Apollo's executor could not run and the router's could. */
  readonly apolloFailed: number;
  readonly differences: readonly Difference[];
}

/** Everything that is needed to look at it. */
export interface Difference {
  readonly graphSeed: number;
  readonly caseSeed: number;
  readonly what: string;
  readonly operation: GeneratedOperation;
  readonly subgraphs: Graph["subgraphs"];
  readonly answers: Omit<Extract<CaseResult, { kind: "different" }>, "kind" | "what"> | null;
}

export interface DifferentialOptions {
  readonly seed: number;
  readonly operations: number;
  /** Of one graph: composing takes longer than running. */
  readonly operationsPerGraph?: number;
  readonly onDifference?: (difference: Difference) => void;
}

const PER_GRAPH = 30;
const MOST_CASES_OF_A_GRAPH = 1_000;

/** Runs so many usable operations through both executors. The same seed gives the same graphs, operations and answers. */
export const runDifferential = async ({
  seed,
  operations,
  operationsPerGraph = PER_GRAPH,
  onDifference = () => undefined,
}: DifferentialOptions): Promise<Differential> => {
  const counts = { graphs: 0, uncomposed: 0, compared: 0, withErrors: 0, withBroken: 0, unusable: 0, apolloFailed: 0 };
  const differences: Difference[] = [];
  for (let graphSeed = seed * 100_000; counts.compared < operations; graphSeed += 1) {
    const graph = createGraph(graphSeed);
    if (!graph) {
      counts.uncomposed += 1;
      continue;
    }
    counts.graphs += 1;
    const until = Math.min(operations, counts.compared + operationsPerGraph);
    for (let index = 0; index < MOST_CASES_OF_A_GRAPH && counts.compared < until; index += 1) {
      const caseSeed = graphSeed * MOST_CASES_OF_A_GRAPH + index;
      const result = await runCase(graph, caseSeed);
      if (result.kind === "unusable") {
        counts.unusable += 1;
        continue;
      }
      if (result.kind === "apollo failed") {
        counts.apolloFailed += 1;
        continue;
      }
      counts.compared += 1;
      if (result.kind === "equal") {
        if (result.errors > 0) counts.withErrors += 1;
        if (result.broken > 0) counts.withBroken += 1;
        continue;
      }
      const { kind: _, what, operation, ...answers } = result;
      const difference = { graphSeed, caseSeed, what, operation, subgraphs: graph.subgraphs, answers };
      differences.push(difference);
      onDifference(difference);
    }
  }
  return { ...counts, differences };
};
