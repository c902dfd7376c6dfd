import type { JudgedFinding } from "../approvals/approvals.ts";
import type { Report } from "../check/report.ts";
import { CATALOGUE, type FindingCode } from "../findings/catalogue.ts";
import type { Severity } from "../findings/finding.ts";
import { type Stage, UNAPPROVABLE } from "../findings/stages.ts";
import { counted, plain, sentence } from "./text.ts";

/** How a report is laid out: by what a finding asks of its reader. */
export type Section = Severity | "approved";

export const SECTIONS: readonly Section[] = ["error", "warning", "info", "approved"];

export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  error: "Errors",
  warning: "Warnings",
  info: "Information",
  approved: "Approved",
};

/** What findings come with: those of a composition alone were never judged. */
export type ShownFinding = Omit<JudgedFinding, "fingerprint" | "approval"> & Partial<JudgedFinding>;

export const sectionOf = ({ severity, approval }: ShownFinding): Section => (approval ? "approved" : severity);

/** Neither what serves nobody, nor what is said of approvals themselves. */
export const isApprovable = ({ code }: ShownFinding): boolean => {
  const { stage } = CATALOGUE[code];
  return !UNAPPROVABLE.has(stage) && stage !== "approvals";
};

/** Findings of one code, in the order in which they came. */
export interface Group<F> {
  readonly code: FindingCode;
  readonly findings: readonly [F, ...F[]];
}

export const byCode = <F extends ShownFinding>(findings: readonly F[]): readonly Group<F>[] => {
  const groups = new Map<FindingCode, [F, ...F[]]>();
  for (const one of findings) {
    const group = groups.get(one.code);
    if (group) group.push(one);
    else groups.set(one.code, [one]);
  }
  return [...groups].map(([code, group]) => ({ code, findings: group }));
};

export const VERDICT_WORDS = { pass: "Passes", blocked: "Blocked", broken: "Broken" } as const;

/** How it ended and why, without the word of the verdict: `2 errors that nobody has approved.` */
export const reasonOf = ({ verdict, counts, findings }: Report): string => {
  if (verdict === "blocked")
    return counts.error === 1
      ? "1 error that nobody has approved."
      : `${counts.error} errors that nobody has approved.`;
  if (verdict === "broken") return `${BROKEN[brokenAt(findings) ?? "load"]}.`;
  if (findings.length === 0) return "nothing was found.";
  const rest = [
    ...(counts.warning > 0 ? [counted(counts.warning, "warning")] : []),
    ...(counts.approved > 0 ? [`${counts.approved} approved`] : []),
  ];
  return rest.length === 0 ? "nothing blocks." : `nothing blocks; see ${sentence(rest)}.`;
};

/** `2 errors, 1 warning, 3 informational, 1 approved`, without those that there are none of. */
export const countsSentence = ({ counts }: Report): string => {
  const parts = [
    counts.error > 0 ? counted(counts.error, "error") : "",
    counts.warning > 0 ? counted(counts.warning, "warning") : "",
    counts.info > 0 ? `${counts.info} informational` : "",
    counts.approved > 0 ? `${counts.approved} approved` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "no findings" : parts.join(", ");
};

export const comparedSentence = ({ head, base }: Report): string =>
  base === null ? `${plain(head)}, with nothing (no --base)` : `${plain(head)} with ${plain(base)}`;

export const lookedAtSentence = ({ facts }: Report): string =>
  sentence([
    counted(facts.subgraphs, "subgraph"),
    ...(facts.types > 0 ? [counted(facts.types, "type")] : []),
    facts.operations === 0
      ? "no operations of clients"
      : `${counted(facts.operations, "operation")} of ${counted(facts.clients, "client")}`,
  ]);

/** The stages that were not run, or not reached, in their order. */
export const skippedStages = ({ facts, findings }: Report): Report["facts"]["skipped"] => {
  const at = brokenAt(findings);
  if (at === undefined) return facts.skipped;
  // Linting needs no composition, only texts that are GraphQL.
  const notReached = [...(at === "parse" ? ["lint" as const] : []), ...WAY_IN.slice(WAY_IN.indexOf(at) + 1)];
  return [...notReached.map((stage) => ({ stage, because: BROKEN[at] ?? "" })), ...facts.skipped];
};

const brokenAt = (findings: Report["findings"]): Stage | undefined => {
  const stages = new Set(findings.map(({ code }) => CATALOGUE[code].stage));
  return WAY_IN.find((stage) => stage in BROKEN && stages.has(stage));
};

/** Each needs the one before. */
const WAY_IN: readonly Stage[] = ["parse", "compose", "hints", "load"];

/** Where it cannot go on. */
const BROKEN: Partial<Readonly<Record<Stage, string>>> = {
  parse: "the subgraphs cannot be read",
  compose: "the subgraphs do not compose",
  load: "the router cannot load the supergraph",
};

/** What was not done, by the reason for it. */
export const skippedSentences = (report: Report): string[] => {
  const stages = new Map<string, Stage[]>();
  for (const { stage, because } of skippedStages(report)) stages.set(because, [...(stages.get(because) ?? []), stage]);
  return [...stages].map(([because, its]) => `${sentence(its)}: ${plain(because)}`);
};

/** In milliseconds. */
export const tookOf = ({ timings }: Report): number => Object.values(timings).reduce((sum, ms) => sum + ms, 0);

export const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** `products (ask @catalog-team)` for each subgraph. */
export const concerned = ({ subgraphs }: ShownFinding, owners: Readonly<Record<string, string>>): string[] =>
  subgraphs.map((subgraph) => {
    const owner = ownerOf(subgraph, owners);
    return owner === null ? plain(subgraph) : `${plain(subgraph)} (ask ${plain(owner)})`;
  });

export const ownerOf = (name: string, owners: Readonly<Record<string, string>>): string | null =>
  Object.hasOwn(owners, name) ? (owners[name] ?? null) : null;

export const approvalSentence = ({ approval }: ShownFinding): string | null =>
  approval ? `Approved by ${plain(approval.approver)} until ${approval.expires}: ${plain(approval.reason)}` : null;

/** To be copied. */
export const approveCommandOf = (fingerprint: string, base: string | null): string =>
  `npm run schema -- approve ${fingerprint}${base === null ? "" : ` --base ${shellWord(plain(base))}`} --reason "…"`;

const shellWord = (text: string): string => (/^[\w:./@^~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
