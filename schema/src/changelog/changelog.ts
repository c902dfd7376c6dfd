import type { Finding, Severity } from "../findings/finding.ts";
import type { Revision } from "../revisions/revision.ts";

/** What a change means to those who use the graph already. */
export const CHANGE_KINDS = ["breaking", "dangerous", "safe"] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What changed between two states, for people: by whom it is owned, the worst first. */
export interface Changelog {
  readonly base: string;
  readonly head: string;
  /** In the order of the graph, removed subgraphs last; then what no subgraph owns. Only those with something to tell. */
  readonly sections: readonly ChangelogSection[];
  /** Each change once, however many subgraphs it concerns. */
  readonly counts: Readonly<Record<ChangeKind, number>>;
}

export interface ChangelogSection {
  /** Null for what concerns the graph as a whole. */
  readonly subgraph: string | null;
  readonly status: "added" | "removed" | "kept";
  readonly changes: Readonly<Record<ChangeKind, readonly Finding[]>>;
}

export const kindOf = ({ severity }: { readonly severity: Severity }): ChangeKind =>
  ({ error: "breaking", warning: "dangerous", info: "safe" })[severity] as ChangeKind;

export const changelogOf = (base: Revision, head: Revision, findings: readonly Finding[]): Changelog => {
  const names = [...head.subgraphs, ...base.subgraphs].map(({ name }) => name);
  const owners: (string | null)[] = [...new Set([...names, ...findings.flatMap(({ subgraphs }) => subgraphs)]), null];
  const sections = owners.map((subgraph): ChangelogSection => {
    const its = findings.filter((one) =>
      subgraph === null ? one.subgraphs.length === 0 : one.subgraphs.includes(subgraph),
    );
    const [before, after] = [base, head].map(({ subgraphs }) => subgraphs.some(({ name }) => name === subgraph));
    return {
      subgraph,
      status: subgraph === null || (before && after) ? "kept" : before ? "removed" : "added",
      changes: byKind(its),
    };
  });
  const counted = byKind(findings);
  return {
    base: base.name,
    head: head.name,
    sections: sections.filter(isWorthTelling),
    counts: {
      breaking: counted.breaking.length,
      dangerous: counted.dangerous.length,
      safe: counted.safe.length,
    },
  };
};

const isWorthTelling = ({ status, changes }: ChangelogSection): boolean =>
  status !== "kept" || CHANGE_KINDS.some((kind) => changes[kind].length > 0);

const byKind = (findings: readonly Finding[]): Record<ChangeKind, Finding[]> => {
  const of = (kind: ChangeKind): Finding[] =>
    findings
      .filter((one) => kindOf(one) === kind)
      .sort((a, b) => compare(a.coordinate ?? "", b.coordinate ?? "") || compare(a.message, b.message));
  return { breaking: of("breaking"), dangerous: of("dangerous"), safe: of("safe") };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
