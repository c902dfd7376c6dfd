import type { JudgedFinding } from "../approvals/approvals.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import type { Severity } from "../findings/finding.ts";
import { STAGES, type Stage, UNAPPROVABLE } from "../findings/stages.ts";

/** `pass`: merge it. `blocked`: an error that nobody approved. `broken`: it cannot be read, composed or loaded. */
export type Verdict = "pass" | "blocked" | "broken";

export interface Report {
  readonly verdict: Verdict;
  readonly head: string;
  /** Null where there was nothing to compare with. */
  readonly base: string | null;
  /** Errors first, approved ones last; then in the order of stages. */
  readonly findings: readonly JudgedFinding[];
  readonly counts: Readonly<Record<Severity | "approved", number>>;
  /** Whether every stage was run. */
  readonly isComplete: boolean;
  /** What was looked at. */
  readonly facts: ReportFacts;
  /** What it took, in milliseconds, by stage. */
  readonly timings: Readonly<Partial<Record<Stage | "read", number>>>;
}

export interface ReportFacts {
  readonly subgraphs: number;
  /** Of the API. */
  readonly types: number;
  readonly operations: number;
  readonly clients: number;
  /** Stages that were not run, with the reason. */
  readonly skipped: readonly { readonly stage: Stage; readonly because: string }[];
}

export const EXIT_CODES = { pass: 0, blocked: 1, broken: 2, usage: 3 } as const;

export const verdictOf = (findings: readonly JudgedFinding[]): Verdict => {
  const blocking = findings.filter(({ severity, approval }) => severity === "error" && approval === null);
  if (blocking.some(({ code }) => UNAPPROVABLE.has(CATALOGUE[code].stage))) return "broken";
  return blocking.length > 0 ? "blocked" : "pass";
};

export const countsOf = (findings: readonly JudgedFinding[]): Report["counts"] => {
  const counts = { error: 0, warning: 0, info: 0, approved: 0 };
  for (const { severity, approval } of findings) counts[approval ? "approved" : severity] += 1;
  return counts;
};

const SEVERITY_ORDER: readonly Severity[] = ["error", "warning", "info"];

export const inOrder = (findings: readonly JudgedFinding[]): JudgedFinding[] =>
  [...findings].sort((a, b) => rank(a) - rank(b) || compare(a.coordinate ?? "", b.coordinate ?? ""));

const rank = ({ severity, approval, code }: JudgedFinding): number =>
  (approval ? 10_000 : 0) + SEVERITY_ORDER.indexOf(severity) * 100 + STAGES.indexOf(CATALOGUE[code].stage);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
