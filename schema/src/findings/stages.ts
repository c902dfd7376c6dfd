import type { Severity } from "./finding.ts";

/** What a check does, in its order. */
export const STAGES = [
  "parse",
  "lint",
  "compose",
  "hints",
  "load",
  "drift",
  "api",
  "federation",
  "security",
  "cost",
  "operations",
  "plans",
  "contracts",
  "events",
  "approvals",
] as const;

export type Stage = (typeof STAGES)[number];

/** What is to be known of all findings of one code; `docs` and every report tell it. */
export interface FindingKind {
  readonly stage: Stage;
  /** Unless `check.config.ts` or the finding itself says otherwise. */
  readonly severity: Severity;
  /** A few words, as a heading. */
  readonly title: string;
  /** Why it matters, to whom. */
  readonly meaning: string;
  /** What to do. */
  readonly remedy: string;
}

/** What cannot be read, composed or loaded serves nobody: there is nothing to approve. */
export const UNAPPROVABLE: ReadonlySet<Stage> = new Set(["parse", "compose", "load"]);

/** Types a part of the catalogue: its codes stay literal. */
export const kinds = <Code extends string>(
  part: Readonly<Record<Code, FindingKind>>,
): Readonly<Record<Code, FindingKind>> => part;
