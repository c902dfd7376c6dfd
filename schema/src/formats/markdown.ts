import type { JudgedFinding } from "../approvals/approvals.ts";
import type { Report } from "../check/report.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import type { Location } from "../findings/finding.ts";
import type { Shell } from "../program.ts";
import type { FormatOptions } from "./formats.ts";
import { codeSpan, markdownText } from "./markdown-text.ts";
import {
  approveCommandOf,
  byCode,
  comparedSentence,
  isApprovable,
  lookedAtSentence,
  ownerOf,
  reasonOf,
  SECTION_TITLES,
  SECTIONS,
  type Section,
  sectionOf,
  skippedSentences,
  VERDICT_WORDS,
} from "./summary.ts";
import { counted, placeOf, placeWithSide, sentence, uriOf } from "./text.ts";

/** By which a comment is found again, so that there is one of them however often a pull request is pushed to. */
export const STICKY_MARKER = "<!-- supergraph-schema-check -->";

/** Of a comment on GitHub, in characters. */
export const MAX_COMMENT_LENGTH = 65_536;

/** A pull request's comment. What does not fit is left out and counted: what only informs first, errors last. */
export const markdownReport = (report: Report, { shell, owners }: FormatOptions): string => {
  const byImportance = IMPORTANCE.flatMap((section) => report.findings.filter((one) => sectionOf(one) === section));
  const draw = (kept: number): string =>
    comment(report, new Set(byImportance.slice(0, kept)), { owners, linkTo: linkToFile(shell.env), base: report.base });
  let fits = 0;
  let tooMany = Math.min(byImportance.length, MAX_COMMENT_LENGTH / LEAST_FINDING_LENGTH) + 1;
  while (tooMany - fits > 1) {
    const half = Math.floor((fits + tooMany) / 2);
    if (draw(half).length <= MAX_COMMENT_LENGTH) fits = half;
    else tooMany = half;
  }
  return draw(fits);
};

/** `- x`, and its fingerprint. */
const LEAST_FINDING_LENGTH = 32;

const IMPORTANCE: readonly Section[] = ["error", "warning", "approved", "info"];

interface Context {
  readonly base: string | null;
  readonly owners: Readonly<Record<string, string>>;
  readonly linkTo: ((location: Location) => string) | null;
}

const MARKS = { pass: "✅", blocked: "❌", broken: "❌" } as const;

const comment = (report: Report, kept: ReadonlySet<JudgedFinding>, context: Context): string => {
  const { counts, verdict } = report;
  const approvable = report.findings.some((one) => sectionOf(one) === "error" && isApprovable(one));
  return [
    STICKY_MARKER,
    `## ${MARKS[verdict]} Schema check: ${VERDICT_WORDS[verdict].toLowerCase()}`,
    "",
    upperFirst(reasonOf(report)),
    "",
    ...(report.findings.length === 0
      ? []
      : [
          `| ${SECTIONS.map((section) => SECTION_TITLES[section]).join(" | ")} |`,
          `| ${SECTIONS.map(() => ":-:").join(" | ")} |`,
          `| ${SECTIONS.map((section) => counts[section]).join(" | ")} |`,
          "",
        ]),
    ...SECTIONS.flatMap((section) =>
      sectionLines(
        section,
        report.findings.filter((one) => sectionOf(one) === section),
        kept,
        context,
      ),
    ),
    ...(approvable
      ? [
          `To approve what is meant to be so: ${codeSpan(approveCommandOf("<fingerprint>", report.base))}, and commit what it writes.`,
          "",
        ]
      : []),
    "---",
    `Compared ${markdownText(comparedSentence(report))}. Looked at ${lookedAtSentence(report)}.`,
    ...skippedSentences(report).map((skipped) => `Skipped ${markdownText(skipped)}.`),
    "",
  ].join("\n");
};

const sectionLines = (
  section: Section,
  findings: readonly JudgedFinding[],
  kept: ReadonlySet<JudgedFinding>,
  context: Context,
): string[] => {
  if (findings.length === 0) return [];
  const shown = findings.filter((one) => kept.has(one));
  const left = findings.length - shown.length;
  return [
    section === "error" ? "<details open>" : "<details>",
    `<summary><b>${SECTION_TITLES[section]} (${findings.length})</b></summary>`,
    "",
    ...byCode(shown).flatMap((group) => groupLines(group.findings, context)),
    ...(left > 0
      ? [
          `_${shown.length === 0 ? left : `${left} more`} not shown: a comment has no room for ${left === 1 ? "it" : "them"}._`,
          "",
        ]
      : []),
    "</details>",
    "",
  ];
};

const groupLines = (findings: readonly [JudgedFinding, ...JudgedFinding[]], context: Context): string[] => {
  const [{ code, remedy }] = findings;
  const { title, meaning } = CATALOGUE[code];
  const shared = findings.length > 1 && findings.every((one) => one.remedy === remedy);
  return [
    `#### ${markdownText(title)} · ${codeSpan(code)}`,
    "",
    markdownText(meaning),
    "",
    ...findings.flatMap((one) => findingLines(one, !shared, context)),
    "",
    ...(shared && remedy !== "" ? [`→ ${markdownText(remedy)}`, ""] : []),
  ];
};

/** More than these, or longer, hide the next finding. */
const MAX_DETAILS = 20;
const MAX_LOCATIONS = 20;
const MAX_TEXT_LENGTH = 2_000;

const findingLines = (one: JudgedFinding, withRemedy: boolean, { base, owners, linkTo }: Context): string[] => {
  const { approval } = one;
  const whom = one.subgraphs.map((subgraph) => {
    const owner = ownerOf(subgraph, owners);
    return owner === null ? codeSpan(subgraph) : `${codeSpan(subgraph)} (ask ${codeSpan(owner)})`;
  });
  return [
    `- ${headline(one)}`,
    ...upTo(MAX_LOCATIONS, one.locations, (location) =>
      linkTo && location.side === "head"
        ? `[${codeSpan(placeOf(location))}](${linkTo(location)})`
        : codeSpan(placeWithSide(location, base)),
    ),
    ...upTo(MAX_DETAILS, one.details, (detail) => markdownText(cut(detail))),
    ...(withRemedy && one.remedy !== "" ? [`  - → ${markdownText(cut(one.remedy))}`] : []),
    ...(approval
      ? [
          `  - ✔ Approved by ${codeSpan(approval.approver)} until ${approval.expires}: ${markdownText(cut(approval.reason))}`,
        ]
      : []),
    `  - ${[...(whom.length > 0 ? [sentence(whom)] : []), `fingerprint ${codeSpan(one.fingerprint)}`].join(", ")}`,
  ];
};

/** The message with its coordinate in front, once. */
const headline = ({ coordinate, message }: JudgedFinding): string => {
  if (coordinate === null) return markdownText(cut(message));
  const rest = message.startsWith(coordinate) ? /^(:?)\s+(\S.*)$/s.exec(message.slice(coordinate.length)) : null;
  const name = `**${codeSpan(cut(coordinate))}**`;
  return rest ? `${name}${rest[1]} ${markdownText(cut(rest[2] ?? ""))}` : `${name}: ${markdownText(cut(message))}`;
};

const upTo = <T>(most: number, all: readonly T[], draw: (one: T) => string): string[] => {
  const hidden = all.length - most;
  const shown = hidden > 1 ? all.slice(0, most) : all;
  return [
    ...shown.map((one) => `  - ${draw(one)}`),
    ...(hidden > 1 ? [`  - and ${hidden} more, which \`--format json\` tells`] : []),
  ];
};

const cut = (text: string): string =>
  text.length <= MAX_TEXT_LENGTH
    ? text
    : `${text.slice(0, MAX_TEXT_LENGTH)}… (${counted(text.length - MAX_TEXT_LENGTH, "more character")})`;

/** Within GitHub Actions: the file as it was checked. */
const linkToFile = ({
  GITHUB_SERVER_URL: server = "",
  GITHUB_REPOSITORY: repository = "",
  GITHUB_SHA: sha = "",
}: Shell["env"]): Context["linkTo"] => {
  if (!/^https:\/\/[\w.:-]+$/.test(server) || !/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[0-9a-f]{40,64}$/.test(sha))
    return null;
  return ({ path, line }) => `${server}/${repository}/blob/${sha}/${uriOf(path)}#L${line}`;
};

const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
