import type { Approval } from "../approvals/approvals.ts";
import { EXIT_CODES, type Report, type ReportFacts, type Verdict } from "../check/report.ts";
import { CATALOGUE, type FindingCode } from "../findings/catalogue.ts";
import type { Location, Severity } from "../findings/finding.ts";
import type { FindingKind, Stage } from "../findings/stages.ts";
import type { FormatOptions } from "./formats.ts";
import { isApprovable, ownerOf, skippedStages } from "./summary.ts";
import { spelt, UNSEEN } from "./text.ts";

/** For tools. Within a version fields are added, never taken away nor changed. Paths are relative to the repository's root. */
export interface JsonReport {
  readonly version: 1;
  readonly verdict: Verdict;
  /** What the command ends with: 0 pass, 1 blocked, 2 broken. */
  readonly exitCode: number;
  readonly head: string;
  /** Null where there was nothing to compare with. */
  readonly base: string | null;
  /** Approved ones count as nothing else. */
  readonly counts: Readonly<Record<Severity | "approved", number>>;
  /** Whether every stage was run. */
  readonly isComplete: boolean;
  /** Errors first, approved ones last; then in the order of stages. */
  readonly findings: readonly JsonFinding[];
  /** What is to be known of the codes that `findings` have. */
  readonly kinds: Readonly<Partial<Record<FindingCode, Pick<FindingKind, "stage" | "title" | "meaning">>>>;
  readonly lookedAt: Omit<ReportFacts, "skipped">;
  /** Stages that were not run, with the reason. */
  readonly skipped: ReportFacts["skipped"];
  /** In milliseconds, by stage. */
  readonly timings: Report["timings"];
}

export interface JsonFinding {
  /** 12 hexadecimal digits: what it is approved by, and the same in every check. */
  readonly fingerprint: string;
  readonly code: FindingCode;
  readonly stage: Stage;
  readonly severity: Severity;
  /** `Product`, `Product.price`, `Query.products(first:)`, `@cost(weight:)`; null where it is about none. */
  readonly coordinate: string | null;
  readonly subgraphs: readonly { readonly name: string; readonly owner: string | null }[];
  readonly message: string;
  readonly details: readonly string[];
  /** Empty where there is nothing more to say than the message does. */
  readonly remedy: string;
  /** Most telling first. Lines and columns from 1, columns in UTF-16 units; `side` is `base` for places of the base's files. */
  readonly locations: readonly Location[];
  readonly approvable: boolean;
  readonly approval: Pick<Approval, "approver" | "reason" | "expires" | "location"> | null;
}

export const jsonReport = (report: Report, { owners }: FormatOptions): string => {
  const { verdict, head, base, counts, isComplete, facts, timings } = report;
  const { skipped: _, ...lookedAt } = facts;
  const json: JsonReport = {
    version: 1,
    verdict,
    exitCode: EXIT_CODES[verdict],
    head,
    base,
    counts,
    isComplete,
    findings: report.findings.map((one) => ({
      fingerprint: one.fingerprint,
      code: one.code,
      stage: CATALOGUE[one.code].stage,
      severity: one.severity,
      coordinate: one.coordinate,
      subgraphs: one.subgraphs.map((name) => ({ name, owner: ownerOf(name, owners) })),
      message: one.message,
      details: one.details,
      remedy: one.remedy,
      locations: one.locations,
      approvable: isApprovable(one),
      approval: one.approval && {
        approver: one.approval.approver,
        reason: one.approval.reason,
        expires: one.approval.expires,
        location: one.approval.location,
      },
    })),
    kinds: Object.fromEntries(
      [...new Set(report.findings.map(({ code }) => code))].sort().map((code) => {
        const { stage, title, meaning } = CATALOGUE[code];
        return [code, { stage, title, meaning }];
      }),
    ),
    lookedAt,
    skipped: skippedStages(report),
    timings: Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10])),
  };
  return jsonText(json);
};

/**
 * JSON that says the same to a parser and nothing to a terminal that it is printed to, nor to a build server that reads its log:
 * what they would obey is spelt by escapes.
 */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, null, 2)
    .replace(UNSEEN, (unseen) => (unseen === "\n" ? unseen : spelt(unseen)))
    .replaceAll("##", "#\\u0023")}\n`;
