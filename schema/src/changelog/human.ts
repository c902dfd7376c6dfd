import picocolors from "picocolors";
import { wrap } from "../explain/tree-lines.ts";
import type { Finding } from "../findings/finding.ts";
import { plain } from "../formats/text.ts";
import type { Shell } from "../program.ts";
import { CHANGE_KINDS, type ChangeKind, type Changelog } from "./changelog.ts";
import { countsOf, othersOf, placeOf, shownPlace, titleOf } from "./sentences.ts";

type Colors = ReturnType<typeof picocolors.createColors>;

/** For people at a terminal. Ends with a line break. */
export const humanChangelog = (log: Changelog, shell: Pick<Shell, "isTerminal" | "width" | "env">): string => {
  const colors = picocolors.createColors(shell.isTerminal && (shell.env.NO_COLOR ?? "") === "");
  const width = Math.max(40, Math.min(shell.width, MAX_WIDTH));
  const sections = log.sections.flatMap((section) => [
    "",
    colors.bold(colors.cyan(section.subgraph ?? "the whole graph")),
    ...CHANGE_KINDS.flatMap((kind) =>
      section.changes[kind].flatMap((one) => changeLines(one, kind, section.subgraph, width, colors)),
    ),
  ]);
  const lines = [colors.bold(titleOf(log, plain)), ...sections, "", countsOf(log) ?? "Nothing that concerns anybody."];
  return `${lines.join("\n")}\n`;
};

/** Wider than this, the eye does not find the next line. */
const MAX_WIDTH = 112;

const MARKS: Readonly<Record<ChangeKind, string>> = { breaking: "✖", dangerous: "▲", safe: "●" };

const changeLines = (
  change: Finding,
  kind: ChangeKind,
  subgraph: string | null,
  width: number,
  colors: Colors,
): string[] => {
  const color = { breaking: colors.red, dangerous: colors.yellow, safe: colors.blue }[kind];
  const indent = " ".repeat(LABEL_WIDTH);
  const [first = "", ...rest] = wrap(plain(change.message), width - LABEL_WIDTH);
  const place = placeOf(change);
  const others = othersOf(change, subgraph);
  return [
    `  ${color(`${MARKS[kind]} ${kind.padEnd(LABEL_WIDTH - 4)}`)}${first}`,
    ...rest.map((line) => indent + line),
    ...change.details.map((detail) => indent + colors.dim(plain(detail))),
    ...(place ? [indent + colors.dim(shownPlace(place))] : []),
    ...(others.length > 0 ? [indent + colors.dim(`also concerns ${others.join(", ")}`)] : []),
  ];
};

const LABEL_WIDTH = 14;
