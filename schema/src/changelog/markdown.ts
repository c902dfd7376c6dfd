import type { Finding } from "../findings/finding.ts";
import { codeSpan, markdownText } from "../formats/markdown-text.ts";
import { CHANGE_KINDS, type ChangeKind, type Changelog } from "./changelog.ts";
import { countsOf, othersOf, placeOf, shownPlace, titleOf } from "./sentences.ts";

/** For release notes and pull requests. Ends with a line break. */
export const markdownChangelog = (log: Changelog): string => {
  const sections = log.sections.flatMap((section) => [
    `### ${section.subgraph === null ? "The whole graph" : codeSpan(section.subgraph)}`,
    "",
    ...CHANGE_KINDS.flatMap((kind) =>
      section.changes[kind].length === 0
        ? []
        : [`**${TITLES[kind]}**`, "", ...section.changes[kind].flatMap((one) => itemLines(one, section.subgraph)), ""],
    ),
  ]);
  return `${[`## ${titleOf(log, codeSpan)}`, "", `${upperFirst(countsOf(log) ?? "nothing that concerns anybody")}.`, "", ...sections].join("\n").trimEnd()}\n`;
};

const TITLES: Readonly<Record<ChangeKind, string>> = { breaking: "Breaking", dangerous: "Dangerous", safe: "Safe" };

const itemLines = (change: Finding, subgraph: string | null): string[] => {
  const place = placeOf(change);
  const others = othersOf(change, subgraph);
  return [
    `- ${markdownText(change.message)}${place ? ` (${codeSpan(shownPlace(place))})` : ""}`,
    ...change.details.map((detail) => `  - ${markdownText(detail)}`),
    ...(others.length > 0 ? [`  - also concerns ${others.map(codeSpan).join(", ")}`] : []),
  ];
};

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
