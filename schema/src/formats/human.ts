import pc from "picocolors";
import type { Report } from "../check/report.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import type { Shell } from "../program.ts";
import type { FormatOptions } from "./formats.ts";
import { paragraph } from "./paragraph.ts";
import {
  approvalSentence,
  approveCommandOf,
  byCode,
  comparedSentence,
  concerned,
  countsSentence,
  type Group,
  isApprovable,
  lookedAtSentence,
  reasonOf,
  SECTION_TITLES,
  SECTIONS,
  type Section,
  type ShownFinding,
  seconds,
  sectionOf,
  skippedSentences,
  tookOf,
  VERDICT_WORDS,
} from "./summary.ts";
import { placeWithSide, plain, plainLines } from "./text.ts";

type Terminal = Pick<Shell, "isTerminal" | "width" | "env">;

/**
 * For people at a terminal: findings by severity and code, then what it comes to. What is worst stands nearest to that: the end is
 * where a terminal is read first.
 */
export const humanReport = (report: Report, { shell, owners }: FormatOptions): string =>
  `${renderFindings(report.findings, shell, { base: report.base, owners })}${summary(report, penOf(shell))}`;

/** Findings alone, with a line break at the end; nothing where there are none. */
export const renderFindings = (
  findings: readonly ShownFinding[],
  shell: Terminal,
  context: Partial<Context> = {},
): string => {
  const pen = penOf(shell);
  const lines = SECTIONS.toReversed().flatMap((section) => {
    const its = findings.filter((one) => sectionOf(one) === section);
    return its.length === 0 ? [] : sectionLines(section, its, { base: null, owners: {}, ...context }, pen);
  });
  // Sections are two lines apart; the first is so from nothing.
  return lines
    .slice(1)
    .map((line) => `${line}\n`)
    .join("");
};

interface Context {
  readonly base: string | null;
  readonly owners: Readonly<Record<string, string>>;
}

interface Pen {
  readonly colors: ReturnType<typeof pc.createColors>;
  readonly width: number;
}

/** Wider than this, the eye does not find the next line. */
const MAX_WIDTH = 112;

/** More details than this hide the next finding. */
const MAX_DETAILS = 20;

const penOf = ({ isTerminal, width, env }: Terminal): Pen => ({
  colors: pc.createColors(wantsColor(isTerminal, env)),
  width: Math.min(width, MAX_WIDTH),
});

/** By the customs of NO_COLOR and FORCE_COLOR; who wants none has the last word. */
const wantsColor = (isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: Shell["env"]): boolean => {
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTerminal && TERM !== "dumb";
};

const MARKS: Readonly<Record<Section, string>> = { error: "✖", warning: "▲", info: "●", approved: "✔" };

const colorOf = (section: Section, { colors }: Pen): ((text: string) => string) =>
  ({ error: colors.red, warning: colors.yellow, info: colors.blue, approved: colors.green })[section];

const sectionLines = (section: Section, findings: readonly ShownFinding[], context: Context, pen: Pen): string[] => [
  "",
  "",
  `${colorOf(section, pen)(pen.colors.bold(SECTION_TITLES[section]))} ${pen.colors.dim(`(${findings.length})`)}`,
  ...byCode(findings).flatMap((group) => groupLines(section, group, context, pen)),
];

const groupLines = (
  section: Section,
  { code, findings }: Group<ShownFinding>,
  context: Context,
  pen: Pen,
): string[] => {
  const { colors, width } = pen;
  const { title, meaning } = CATALOGUE[code];
  const [{ remedy }] = findings;
  const shared = findings.length > 1 && findings.every((one) => one.remedy === remedy);
  return [
    "",
    ...heading(section, plain(title), code, pen),
    ...paragraph(plain(meaning), width, "  ").map(colors.dim),
    ...findings.flatMap((one, at) => [
      ...(at === 0 || !shared || one.details.length > 0 ? [""] : []),
      ...findingLines(one, !shared, context, pen),
    ]),
    ...(shared && section !== "approved" ? ["", ...remedyLines(remedy, "  ", pen)] : []),
  ];
};

const heading = (section: Section, title: string, code: string, pen: Pen): string[] => {
  const { colors, width } = pen;
  const mark = colorOf(section, pen)(MARKS[section]);
  if (2 + title.length + 2 + code.length <= width) return [`${mark} ${colors.bold(title)}  ${colors.dim(code)}`];
  const [first = "", ...more] = paragraph(title, width, "  ");
  return [`${mark} ${colors.bold(first.trimStart())}`, ...more.map(colors.bold), `  ${colors.dim(code)}`];
};

const findingLines = (one: ShownFinding, withRemedy: boolean, { base, owners }: Context, pen: Pen): string[] => {
  const { colors, width } = pen;
  const approval = approvalSentence(one);
  const hidden = one.details.length - MAX_DETAILS;
  const whom = concerned(one, owners).join(", ");
  return [
    ...headline(one, pen),
    ...one.locations.map((location) => `    ${colors.cyan(placeWithSide(location, base))}`),
    ...(hidden > 1 ? one.details.slice(0, MAX_DETAILS) : one.details)
      .flatMap((detail) => plainLines(detail))
      .flatMap((detail) => paragraph(detail, width, "      ", `    ${colors.dim("·")} `)),
    ...(hidden > 1 ? [`    ${colors.dim(`· and ${hidden} more, which --format json tells`)}`] : []),
    ...(approval === null
      ? withRemedy
        ? remedyLines(one.remedy, "    ", pen)
        : []
      : paragraph(approval, width, "      ", `    ${colors.green("✔")} `)),
    ...whomAndHow(whom, howToApprove(one), pen),
  ];
};

/** On one line if there is room: what is to be copied stays whole. */
const whomAndHow = (whom: string, how: string, { colors, width }: Pen): string[] => {
  if (whom === "" || how === "")
    return [whom === "" ? colors.dim(how) : whom].filter((part) => part !== "").map((part) => `    ${part}`);
  const [first = "", ...more] = paragraph(whom, width, "    ");
  return more.length === 0 && first.length + SEPARATOR.length + how.length <= width
    ? [`${first}${SEPARATOR}${colors.dim(how)}`]
    : [first, ...more, `    ${colors.dim(how)}`];
};

const SEPARATOR = " · ";

const howToApprove = (one: ShownFinding): string => {
  if (one.fingerprint === undefined) return "";
  return !one.approval && one.severity !== "info" && isApprovable(one) ? `approve ${one.fingerprint}` : one.fingerprint;
};

/** The message with its coordinate in bold, before it where it does not name it. */
const headline = ({ coordinate, message }: ShownFinding, { colors, width }: Pen): string[] => {
  const lines = plainLines(message);
  if (coordinate === null) return lines.flatMap((line) => paragraph(line, width, "  "));
  const name = plain(coordinate);
  const [first, ...more] = lines;
  const named = positionOf(name, first) === null ? `${name}: ${first}` : first;
  let bold = false;
  return [named, ...more]
    .flatMap((line) => paragraph(line, width, "  "))
    .map((line) => {
      const at = bold ? null : positionOf(name, line);
      if (at === null) return line;
      bold = true;
      return `${line.slice(0, at)}${colors.bold(name)}${line.slice(at + name.length)}`;
    });
};

/** Where a coordinate stands by itself, not within a longer one. */
const positionOf = (name: string, line: string): number | null => {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    const before = line.slice(0, at);
    const after = line.slice(at + name.length);
    if (!/[\w.@]$/.test(before) && !/^(\w|\.\w|\()/.test(after)) return at;
  }
  return null;
};

const remedyLines = (remedy: string, indent: string, { colors, width }: Pen): string[] =>
  plain(remedy) === "" ? [] : paragraph(plain(remedy), width, `${indent}  `, `${indent}${colors.green("→")} `);

const summary = (report: Report, pen: Pen): string => {
  const { colors, width } = pen;
  const verdict = colors.bold(VERDICT_WORDS[report.verdict]);
  const passed = report.verdict === "pass";
  const fact = (name: string, text: string): string[] =>
    paragraph(text, width, " ".repeat(FACT_WIDTH + 2), `  ${colors.dim(name.padEnd(FACT_WIDTH))}`);
  const approvable = report.findings.find((one) => sectionOf(one) === "error" && isApprovable(one));
  return [
    "",
    colors.dim("─".repeat(Math.min(width, RULE_WIDTH))),
    `${passed ? colors.green("✔") : colors.red("✖")} ${passed ? colors.green(verdict) : colors.red(verdict)}: ${reasonOf(report)}`,
    "",
    ...(report.findings.length > 0 ? fact("found", countsSentence(report)) : []),
    ...fact("compared", comparedSentence(report)),
    ...fact("looked at", lookedAtSentence(report)),
    ...skippedSentences(report).flatMap((skipped) => fact("skipped", skipped)),
    ...fact("took", tookSentence(report)),
    ...(approvable
      ? [
          ...fact("approve", "what is meant to be so:"),
          `${" ".repeat(FACT_WIDTH + 2)}${approveCommandOf(approvable.fingerprint, report.base)}`,
        ]
      : []),
    "",
  ]
    .map((line) => `${line}\n`)
    .join("");
};

const FACT_WIDTH = 11;
const RULE_WIDTH = 60;

/** The whole, and what took most of it where that is worth knowing. */
const tookSentence = (report: Report): string => {
  const whole = tookOf(report);
  const most = Object.entries(report.timings)
    .filter(([, ms]) => ms >= 100 && ms >= whole / 5)
    .sort(([, a], [, b]) => b - a)
    .map(([stage, ms]) => `${stage} ${seconds(ms)}`);
  return most.length === 0 ? seconds(whole) : `${seconds(whole)} (${most.join(", ")})`;
};
