import type { Subject } from "../check/comparison.ts";
import type { CompositionCache, ServableState } from "../check/state.ts";
import type { FindingCode } from "../findings/catalogue.ts";
import { type Finding, type FindingFacts, finding } from "../findings/finding.ts";
import type { KnownOperation } from "../revisions/operations.ts";
import type { FetchStep, PlanCost } from "./plan-cost.ts";
import { costKeyOf, type PlannedCost, planCostOf } from "./planned.ts";
import { shareLine, trafficShares } from "./traffic.ts";
import { isValid } from "./validity.ts";

/**
 * Plans what clients are known to send, before and after: an API that has not changed can cost more to answer. What is valid only on one
 * side is not compared. What a plan costs is kept, so that a base that was a head before is not planned again.
 */
export const planFindings = async (
  { head, base, config }: Subject,
  cache: CompositionCache | null,
): Promise<Finding[]> => {
  const shares = trafficShares(head.revision.operations);
  const compared = base !== null && base.supergraphSdl !== head.supergraphSdl ? base : null;
  const before = await keptCosts(compared, cache);
  const after = await keptCosts(head, cache);
  const findings = head.revision.operations.operations.flatMap((operation): Finding[] => {
    if (!isValid(head.api, operation)) return [];
    const key = costKeyOf(operation, config);
    const cost = after.of(key, () => planCostOf(operation, head, config));
    const share = shares.get(operation.id);
    const facts = factsOf(operation, share);
    if (cost.kind === "refused")
      return [
        finding("OPERATION_NOT_PLANNED", {
          ...facts,
          message: `${operation.id} is refused by the planner.`,
          details: [cost.reason],
        }),
      ];
    if (compared === null || !isValid(compared.api, operation)) return [];
    const former = before.of(key, () => planCostOf(operation, compared, config));
    return former.kind === "refused"
      ? []
      : compare(former.cost, cost.cost, facts, operation.id, {
          minEntityGrowth: config.plans.minEntityGrowth,
          // Less than a list is not worth a word.
          minMoreEntities: config.plans.listSize,
          isMuchAsked: share !== undefined && share >= config.plans.blockingShare,
        });
  });
  await Promise.all([before.keep(), after.keep()]);
  return findings;
};

/** The costs of a state that are kept, and those that are found out. */
const keptCosts = async (state: ServableState | null, cache: CompositionCache | null) => {
  const kept = (state && (await cache?.costs(state.subgraphs))) ?? new Map<string, PlannedCost>();
  const found = new Map<string, PlannedCost>();
  return {
    of(key: string, find: () => PlannedCost): PlannedCost {
      const cost = kept.get(key) ?? found.get(key) ?? find();
      if (!kept.has(key)) found.set(key, cost);
      return cost;
    },
    async keep(): Promise<void> {
      if (state && found.size > 0) await cache?.putCosts(state.subgraphs, new Map([...kept, ...found]));
    },
  };
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
