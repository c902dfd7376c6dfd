import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { CATALOGUE } from "../findings/catalogue.ts";
import { type Finding, finding, fingerprintOf, type Location } from "../findings/finding.ts";
import { UNAPPROVABLE } from "../findings/stages.ts";
import { UsageError } from "../usage-error.ts";

/** Somebody takes responsibility for a finding, for a time. */
export interface Approval {
  readonly fingerprint: string;
  readonly code: string;
  readonly coordinate: string | null;
  readonly reason: string;
  readonly approver: string;
  /** The last day on which it holds, as `2026-12-31`. */
  readonly expires: string;
  readonly location: Location;
}

const Entry = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{12}$/, "expected the 12 hexadecimal digits that a check shows"),
  code: z.string().min(1),
  coordinate: z.string().nullable().default(null),
  reason: z.string().trim().min(1, "expected why this is right"),
  approver: z.string().trim().min(1, "expected who approves"),
  expires: z.iso.date("expected a date, such as 2026-12-31"),
});

/**
 * Reads `approvals.yaml`: a list of approvals; null, or nothing in it, is none.
 * @throws UsageError naming line and column of what is wrong.
 */
export const readApprovals = (text: string | null, path: string): Approval[] => {
  if (text === null) return [];
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const fail = (problems: readonly { offset: number; message: string }[]): never => {
    const told = problems.map(({ offset, message }) => {
      const { line, column } = at(offset);
      return `${path}:${line}:${column}: ${message}`;
    });
    throw new UsageError(told.join("\n"));
  };
  if (document.errors.length > 0) return fail(document.errors.map(({ message, pos }) => ({ offset: pos[0], message })));
  const parsed = z.array(Entry).nullable().safeParse(document.toJS());
  const offsetOf = (at: readonly PropertyKey[]): number => {
    for (let length = at.length; length > 0; length -= 1) {
      const node: unknown = document.getIn(at.slice(0, length), true);
      if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range))
        return Number(node.range[0]);
    }
    return 0;
  };
  if (!parsed.success)
    return fail(
      parsed.error.issues.map((issue) => ({
        offset: offsetOf(issue.path),
        message: `${issue.path.map(String).join(".")}: ${issue.message}`,
      })),
    );
  return (parsed.data ?? []).map((entry, index) => ({
    ...entry,
    location: { path, ...at(offsetOf([index])), side: "head" },
  }));
};

/** A finding with what approves it. */
export interface JudgedFinding extends Finding {
  readonly fingerprint: string;
  readonly approval: Approval | null;
}

/**
 * Approvals that do nothing: expired ones and, where everything was looked at, those without a finding. What is found by comparing is
 * not found without a base.
 */
export const idleApprovals = (
  approvals: readonly Approval[],
  { findings, isComplete }: { readonly findings: readonly JudgedFinding[]; readonly isComplete: boolean },
  now: Date,
): Approval[] => {
  const found = new Set(findings.map(({ fingerprint }) => fingerprint));
  return approvals.filter(
    ({ expires, fingerprint }) => expires < dayOf(now) || (isComplete && !found.has(fingerprint)),
  );
};

/** Approvals hold until the end of a day in UTC. */
const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

/**
 * Lays approvals over findings, and adds what is to be said of the approvals themselves: expired, of what nobody can approve and,
 * where everything was looked at (`isComplete`), unused.
 */
export const judge = (
  findings: readonly Finding[],
  approvals: readonly Approval[],
  { now, isComplete }: { readonly now: Date; readonly isComplete: boolean },
): JudgedFinding[] => {
  const today = dayOf(now);
  const approvalOf = new Map(approvals.map((approval) => [approval.fingerprint, approval]));
  const judged = findings.map((one): JudgedFinding => {
    const fingerprint = fingerprintOf(one);
    const approval = approvalOf.get(fingerprint);
    const holds = approval !== undefined && approval.expires >= today && !UNAPPROVABLE.has(CATALOGUE[one.code].stage);
    return { ...one, fingerprint, approval: holds ? approval : null };
  });
  const unapprovable = new Set(
    judged.filter(({ code }) => UNAPPROVABLE.has(CATALOGUE[code].stage)).map(({ fingerprint }) => fingerprint),
  );
  const idle = new Set(idleApprovals(approvals, { findings: judged, isComplete }, now));
  const own = approvals.flatMap((approval) => {
    const { fingerprint, code, coordinate, approver, expires, location } = approval;
    const what = `${code}${coordinate === null ? "" : ` of ${coordinate}`} (${fingerprint})`;
    const facts = { coordinate, locations: [location] };
    if (unapprovable.has(fingerprint))
      return finding("APPROVAL_NOT_POSSIBLE", {
        ...facts,
        message: `${approver} approved ${what}, which nobody can approve.`,
      });
    if (expires < today)
      return finding("APPROVAL_EXPIRED", {
        ...facts,
        message: `The approval of ${what} by ${approver} held until ${expires}.`,
      });
    return !idle.has(approval)
      ? []
      : finding("APPROVAL_UNUSED", { ...facts, message: `${approver} approved ${what}: there is no such finding.` });
  });
  return [...judged, ...own.map((one) => ({ ...one, fingerprint: fingerprintOf(one), approval: null }))];
};
