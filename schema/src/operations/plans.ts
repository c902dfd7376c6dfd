import type { Subject } from "../check/comparison.ts";
import type { FindingCode } from "../findings/catalogue.ts";
import { type Finding, type FindingFacts, finding } from "../findings/finding.ts";
import type { KnownOperation } from "../revisions/operations.ts";
import type { FetchStep, PlanCost } from "./plan-cost.ts";
import { costOfPlan, planCostOf, planOf } from "./planned.ts";
import { shareLine, trafficShares } from "./traffic.ts";
import { isValid } from "./validity.ts";

/**
 * Plans what clients are known to send, before and after: an API that has not changed can cost more to answer. What is valid only on one
 * side is not compared.
 */
export const planFindings = ({ head, base, config }: Subject): Finding[] => {
  const shares = trafficShares(head.revision.operations);
  const sameGraph = base !== null && base.supergraphSdl === head.supergraphSdl;
  return head.revision.operations.operations.flatMap((operation): Finding[] => {
    if (!isValid(head.api, operation)) return [];
    const answer = planOf(operation, head);
    const share = shares.get(operation.id);
    const facts = factsOf(operation, share);
    if (answer.kind === "refused")
      return [
        finding("OPERATION_NOT_PLANNED", {
          ...facts,
          message: `${operation.id} is refused by the planner.`,
          details: [answer.reason],
        }),
      ];
    if (base === null || sameGraph || !isValid(base.api, operation)) return [];
    const before = planCostOf(operation, base, config);
    const after = costOfPlan(answer, operation, head, config);
    return before.kind === "refused" || after.kind === "refused"
      ? []
      : compare(before.cost, after.cost, facts, operation.id, {
          minEntityGrowth: config.plans.minEntityGrowth,
          // Less than a list is not worth a word.
          minMoreEntities: config.plans.listSize,
          isMuchAsked: share !== undefined && share >= config.plans.blockingShare,
        });
  });
};

const factsOf = ({ id, path, definition }: KnownOperation, share: number | undefined) => ({
  coordinate: id,
  locations: [
    {
      path,
      line: definition.loc?.startToken.line ?? 1,
      column: definition.loc?.startToken.column ?? 1,
      side: "head" as const,
    },
  ],
  details: shareLine(share),
});

interface Thresholds {
  readonly minEntityGrowth: number;
  readonly minMoreEntities: number;
  readonly isMuchAsked: boolean;
}

/** What clients feel. */
const BLOCKING: ReadonlySet<FindingCode> = new Set(["PLAN_MORE_SEQUENTIAL_FETCHES", "PLAN_MORE_FETCHES"]);

const compare = (
  before: PlanCost,
  after: PlanCost,
  facts: Omit<FindingFacts, "message"> & { readonly details: readonly string[] },
  id: string,
  { minEntityGrowth, minMoreEntities, isMuchAsked }: Thresholds,
): Finding[] => {
  const findings: Finding[] = [];
  const subgraphs = after.subgraphs.filter((name) => !before.subgraphs.includes(name));
  const details = [...facts.details, `before: ${describe(before)}`, `after: ${describe(after)}`];
  const more = (code: FindingCode, message: string): void => {
    const blocks = isMuchAsked && BLOCKING.has(code);
    findings.push(
      finding(code, {
        ...facts,
        ...(blocks ? { severity: "error" } : {}),
        message: `${id} ${message}`,
        details,
        subgraphs: newSteps(before, after),
      }),
    );
  };
  // The worst of it only: more steps are more fetches, too.
  if (after.depth > before.depth)
    more(
      "PLAN_MORE_SEQUENTIAL_FETCHES",
      `waits for ${after.depth} fetches one after the other, for ${before.depth} before.`,
    );
  else if (after.fetches > before.fetches)
    more("PLAN_MORE_FETCHES", `takes ${after.fetches} fetches, ${before.fetches} before.`);
  if (after.entities > before.entities * minEntityGrowth && after.entities - before.entities >= minMoreEntities)
    more("PLAN_MORE_ENTITIES", `resolves about ${after.entities} entities, ${before.entities} before.`);
  if (subgraphs.length > 0) more("PLAN_MORE_SUBGRAPHS", `needs ${subgraphs.join(" and ")}, which it did not before.`);
  return findings;
};

/** The subgraphs that are asked more often than before. */
const newSteps = (before: PlanCost, after: PlanCost): string[] => {
  const count = (cost: PlanCost, subgraph: string) => cost.steps.filter((step) => step.subgraph === subgraph).length;
  return after.subgraphs.filter((subgraph) => count(after, subgraph) > count(before, subgraph));
};

const describe = ({ steps }: PlanCost): string => {
  const bySteps = new Map<number, FetchStep[]>();
  for (const step of steps) bySteps.set(step.step, [...(bySteps.get(step.step) ?? []), step]);
  return [...bySteps.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, together]) =>
      together.map(({ subgraph, path }) => (path === null ? subgraph : `${subgraph} (${path})`)).join(" + "),
    )
    .join(" → ");
};
