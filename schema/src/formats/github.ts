import type { JudgedFinding } from "../approvals/approvals.ts";
import type { Report } from "../check/report.ts";
import type { FormatOptions } from "./formats.ts";
import {
  approvalSentence,
  comparedSentence,
  concerned,
  countsSentence,
  isApprovable,
  reasonOf,
  sectionOf,
  VERDICT_WORDS,
} from "./summary.ts";
import { placeWithSide, plain, plainLines } from "./text.ts";

/** Commands of GitHub Actions' log, which annotate the lines of a pull request; what it comes to last. */
export const githubReport = (report: Report, { owners }: FormatOptions): string =>
  [
    ...report.findings.map((one) => command(one, report.base, owners)),
    `Schema check: ${VERDICT_WORDS[report.verdict].toLowerCase()}: ${reasonOf(report)} Compared ${comparedSentence(report)}: ${countsSentence(report)}.`,
  ]
    .map((line) => `${line}\n`)
    .join("");

const LEVELS = { error: "error", warning: "warning", info: "notice", approved: "notice" } as const;

const command = (one: JudgedFinding, base: string | null, owners: Readonly<Record<string, string>>): string => {
  // Lines of the base are not those of what is proposed: there is nothing to annotate.
  const place = one.locations.find(({ side }) => side === "head");
  const others = one.locations.filter((location) => location !== place);
  const approval = approvalSentence(one);
  const title = one.coordinate === null ? one.code : `${one.code} ${plain(one.coordinate)}`;
  const properties = [
    ...(place
      ? [["file", plain(place.path)] as const, ["line", `${place.line}`] as const, ["col", `${place.column}`] as const]
      : []),
    ["title", title] as const,
  ].map(([name, value]) => `${name}=${escapeProperty(value)}`);
  const lines = [
    ...plainLines(one.message),
    ...others.map((location) => `at ${placeWithSide(location, base)}`),
    ...one.details.flatMap((detail) => plainLines(detail)).map((detail) => `- ${detail}`),
    ...(plain(one.remedy) === "" ? [] : [`→ ${plain(one.remedy)}`]),
    ...(approval === null ? [] : [approval]),
    ...(one.subgraphs.length === 0 ? [] : [concerned(one, owners).join(", ")]),
    ...(approval === null && isApprovable(one) ? [`Fingerprint, to approve it: ${one.fingerprint}`] : []),
  ];
  return `::${LEVELS[sectionOf(one)]} ${properties.join(",")}::${escapeData(lines.join("\n"))}`;
};

const escapeData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const escapeProperty = (text: string): string => escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
