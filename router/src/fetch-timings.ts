import type { QueryPlan } from "@apollo/query-planner";
import type { SubgraphAnswer, SubgraphFetch } from "./subgraphs/call.ts";

/** One call of a subgraph, as who asks for the plan sees it. */
export interface FetchTiming {
  readonly subgraph: string;
  /** From the beginning of execution, and how long it took. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly requestBytes: number;
  readonly outcome: "answered" | "partial" | Extract<SubgraphAnswer, { kind: "failed" }>["failure"];
}

/** Times the calls of one operation. */
export interface FetchTimings {
  measure(subgraph: string, fetch: SubgraphFetch, call: () => Promise<SubgraphAnswer>): Promise<SubgraphAnswer>;
  /** For `extensions` of the answer. */
  report(plan: QueryPlan): Readonly<Record<string, unknown>>;
}

export const createFetchTimings = (now: () => number = () => performance.now()): FetchTimings => {
  const startedAt = now();
  const fetches: FetchTiming[] = [];
  const since = (from: number): number => Math.round((now() - from) * 1_000) / 1_000;
  return {
    async measure(subgraph, { body }, call) {
      const calledAt = now();
      const startMs = since(startedAt);
      const answer = await call();
      fetches.push({
        subgraph,
        startMs,
        durationMs: since(calledAt),
        requestBytes: Buffer.byteLength(body),
        outcome: outcomeOf(answer),
      });
      return answer;
    },
    report: ({ node }) => ({ queryPlan: { node: node ?? null, fetches } }),
  };
};

const outcomeOf = (answer: SubgraphAnswer): FetchTiming["outcome"] => {
  if (answer.kind === "failed") return answer.failure;
  return answer.response.errors?.length ? "partial" : "answered";
};
