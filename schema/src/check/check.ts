import { type Approval, judge } from "../approvals/approvals.ts";
import { apiFindings } from "../changes/api.ts";
import { costFindings } from "../changes/cost.ts";
import { federationFindings } from "../changes/federation.ts";
import { securityFindings } from "../changes/security.ts";
import { contractFindings } from "../contracts/findings.ts";
import { type CommittedFile, driftFindings } from "../drift/drift.ts";
import { eventFindings } from "../events/findings.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import { type Finding, finding } from "../findings/finding.ts";
import { STAGES, type Stage, UNAPPROVABLE } from "../findings/stages.ts";
import { lintFindings } from "../lint/lint.ts";
import { planFindings } from "../operations/plans.ts";
import { usageFindings } from "../operations/usage.ts";
import type { Revision } from "../revisions/revision.ts";
import type { Comparison } from "./comparison.ts";
import type { CheckConfig } from "./config.ts";
import { countsOf, inOrder, type Report, verdictOf } from "./report.ts";
import { type CompositionCache, loadState, openState, parseState, type ServableState, type State } from "./state.ts";

export interface CheckInput {
  readonly head: Revision;
  /** What `head` is held against; null where there is nothing. */
  readonly base: Revision | null;
  readonly config: CheckConfig;
  readonly approvals: readonly Approval[];
  /** The files that `config` wants to be up to date. */
  readonly committed: readonly CommittedFile[];
  readonly cache: CompositionCache | null;
  readonly now: Date;
}

/** Says what a change does, in the order of {@link STAGES}. Never rejects for what is wrong with a graph. */
export const check = async ({ head, base, config, approvals, committed, cache, now }: CheckInput): Promise<Report> => {
  const timings: Partial<Record<Stage, number>> = {};
  const findings: Finding[] = [];
  const skipped: { stage: Stage; because: string }[] = [];
  // Not spread: hundreds of thousands of arguments are more than a call takes.
  const add = (more: readonly Finding[]): void => {
    for (const one of more) findings.push(one);
  };
  const run = async (stage: Stage, give: () => readonly Finding[] | Promise<readonly Finding[]>): Promise<void> => {
    const began = performance.now();
    add(await give());
    timings[stage] = performance.now() - began;
  };
  const skip = (stages: readonly Stage[], because: string): void => {
    skipped.push(...stages.map((stage) => ({ stage, because })));
  };

  const parsed = parseState(head, "head");
  // A large base composes beside the head.
  const unneeded = new AbortController();
  const opening =
    base === null || sameSubgraphs(head, base) ? null : openState(base, "base", { cache, aside: unneeded.signal });
  opening?.catch(() => undefined);
  let state: State = parsed.kind === "unparsed" ? parsed : { kind: "unparsed", findings: [] };
  if (parsed.kind === "parsed") {
    await run("lint", () => lintFindings(parsed.subgraphs, parsed.definitions, config));
    await run("compose", async () => {
      state = await loadState(parsed, { cache });
      return state.findings;
    });
  } else add(state.findings);

  const servable = state.kind === "servable" ? state.state : null;
  if (!servable) {
    unneeded.abort();
    skip(AFTER_LOAD, "the proposed subgraphs cannot be composed and loaded");
  } else {
    await run("drift", () => driftFindings(servable, committed));
    const before = await openedBase(base, opening, servable, (finding) => findings.push(finding));
    await run("operations", () => usageFindings({ head: servable, base: before, config }));
    await run("plans", () => planFindings({ head: servable, base: before, config }, cache));
    await run("contracts", () => contractFindings({ head: servable, base: before, config }));
    await run("events", () => eventFindings(head, base, config));
    if (before === null)
      skip(COMPARING, base === null ? "there is no base to compare with" : "the base does not compose");
    else {
      const comparison: Comparison = { head: servable, base: before, config };
      await run("api", () => apiFindings(comparison));
      await run("federation", () => federationFindings(comparison));
      await run("security", () => securityFindings(comparison));
      await run("cost", () => costFindings(comparison));
    }
  }

  const isComplete = skipped.length === 0;
  const judged = inOrder(judge(bySeverity(findings, config), approvals, { now, isComplete }));
  return {
    verdict: verdictOf(judged),
    head: head.name,
    base: base?.name ?? null,
    findings: judged,
    counts: countsOf(judged),
    isComplete,
    facts: {
      subgraphs: head.subgraphs.length,
      types: servable ? Object.keys(servable.api.getTypeMap()).filter((name) => !name.startsWith("__")).length : 0,
      operations: head.operations.operations.length,
      clients: new Set(head.operations.operations.map(({ client }) => client)).size,
      skipped,
    },
    timings,
  };
};

const COMPARING: readonly Stage[] = ["api", "federation", "security", "cost"];
const AFTER_LOAD: readonly Stage[] = STAGES.slice(STAGES.indexOf("drift"), STAGES.indexOf("approvals"));

/** Null where there is none that could be served. The same subgraphs need not be opened twice. */
const openedBase = async (
  base: Revision | null,
  opening: Promise<State> | null,
  servable: ServableState,
  report: (finding: Finding) => void,
): Promise<ServableState | null> => {
  if (base === null) return null;
  if (opening === null) return { ...servable, side: "base", revision: base };
  const state = await opening;
  if (state.kind === "servable") return state.state;
  const [first] = state.findings;
  report(
    finding("BASE_DOES_NOT_COMPOSE", {
      message: `${base.name} cannot be composed and loaded.`,
      details: first ? [`${first.code}: ${first.message}`] : [],
      subgraphs: first?.subgraphs ?? [],
      locations: first?.locations.map((location) => ({ ...location, side: "base" as const })) ?? [],
    }),
  );
  return null;
};

const sameSubgraphs = (head: Revision, base: Revision): boolean =>
  head.subgraphs.length === base.subgraphs.length &&
  head.subgraphs.every((subgraph) =>
    base.subgraphs.some(
      ({ name, sdl, url, path }) =>
        name === subgraph.name && sdl === subgraph.sdl && url === subgraph.url && path === subgraph.path,
    ),
  );

const bySeverity = (findings: readonly Finding[], { severities }: CheckConfig): Finding[] =>
  findings.flatMap((one) => {
    const severity = severities[one.code];
    if (severity === undefined || UNAPPROVABLE.has(CATALOGUE[one.code].stage)) return [one];
    return severity === "off" ? [] : [{ ...one, severity }];
  });
