import { Document, isNode, isSeq, parseDocument } from "yaml";
import type { JudgedFinding } from "./approvals.ts";

const HEADING = ` What somebody takes responsibility for, for a time. Written by \`npm run schema -- approve\`; an entry that is
 expired or approves nothing any more is reported, and \`--prune\` takes it out.`;

export interface NewApproval {
  readonly reason: string;
  readonly approver: string;
  /** As `2026-12-31`. */
  readonly expires: string;
}

/**
 * The text of an approvals file with more approvals; those of the same findings are replaced. Comments and order are kept.
 * `text` is null where there is no file yet, and must be valid otherwise.
 */
export const withApprovals = (
  text: string | null,
  findings: readonly JudgedFinding[],
  { reason, approver, expires }: NewApproval,
): string => {
  const document = open(text);
  const approved = new Set(findings.map(({ fingerprint }) => fingerprint));
  removeFrom(document, (fingerprint) => approved.has(fingerprint));
  for (const { fingerprint, code, coordinate, message } of findings) {
    const entry = document.createNode({ fingerprint, code, coordinate, reason, approver, expires });
    entry.commentBefore = ` ${message.replaceAll(/\s+/g, " ")}`;
    document.add(entry);
  }
  return document.toString({ lineWidth: 0 });
};

/** The text without the approvals of these fingerprints. */
export const withoutApprovals = (text: string, fingerprints: ReadonlySet<string>): string => {
  const document = open(text);
  removeFrom(document, (fingerprint) => fingerprints.has(fingerprint));
  return document.toString({ lineWidth: 0 });
};

const open = (text: string | null): Document => {
  const document = text === null ? new Document([]) : (parseDocument(text) as unknown as Document);
  if (text === null) document.commentBefore = HEADING;
  if (!isSeq(document.contents)) document.contents = document.createNode([]) as typeof document.contents;
  keepHeading(document);
  // An empty list is written as `[]`, a full one as lines.
  if (isSeq(document.contents)) document.contents.flow = false;
  return document;
};

/** A parser takes the heading of a file for a comment on its list, or on the first entry, with which it would go. */
const keepHeading = (document: Document): void => {
  const { contents } = document;
  if (!isSeq(contents) || document.commentBefore != null) return;
  const [first] = contents.items;
  const above = contents.commentBefore ?? (isNode(first) ? first.commentBefore : null) ?? "";
  const end = contents.commentBefore == null ? above.lastIndexOf("\n\n") : above.length;
  if (end < 0) return;
  document.commentBefore = above.slice(0, end);
  if (contents.commentBefore != null) contents.commentBefore = undefined;
  else if (isNode(first)) first.commentBefore = above.slice(end + 2);
};

const removeFrom = ({ contents }: Document, matches: (fingerprint: string) => boolean): void => {
  if (!isSeq(contents)) return;
  contents.items = contents.items.filter((item) => {
    const { fingerprint } = (item as { toJSON(): { fingerprint?: unknown } }).toJSON();
    return typeof fingerprint !== "string" || !matches(fingerprint);
  });
};
