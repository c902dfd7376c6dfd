import picocolors from "picocolors";
import { plain } from "../formats/text.ts";
import type { PlanCost } from "../operations/plan-cost.ts";
import type { Shell } from "../program.ts";
import type { Explained, Explanation } from "./explanation.ts";
import { differenceOf } from "./plan-difference.ts";
import type { OperationMistake, Subject } from "./subject.ts";
import { type TreeStyle, treeLines } from "./tree-lines.ts";

type ShellStyle = Pick<Shell, "isTerminal" | "width" | "env">;

/** What the plan was at another state. */
export interface Before {
  readonly name: string;
  readonly explanation: Explanation;
}

/** For people at a terminal. */
export const humanExplanation = (
  subject: Subject,
  explained: Explained,
  before: Before | null,
  shell: ShellStyle,
): string => {
  const style = styleOf(shell);
  const { colors } = style;
  const { tree, marks, cost, savings } = explained;
  const name = plain(subject.id ?? (subject.name || "(anonymous)"));
  const lines = [
    `${colors.bold(name)}  ${colors.dim(`${subject.definition.operation} · ${plain(subject.path)}`)}`,
    "",
    ...treeLines(tree, marks, style).map((line) => `  ${line}`),
    "",
    `${summaryOf(cost)}${marks.length > 0 ? colors.red(` · ${count(marks.length, "costly mark")}`) : ""}`,
    ...(savings.length > 0 ? ["", "What could save a step:", ...savings.map((text) => `  • ${text}`)] : []),
    ...(before ? ["", ...comparison(before, explained, style)] : []),
  ];
  return `${lines.join("\n")}\n`;
};

export const humanMistakes = (mistakes: readonly OperationMistake[], shell: ShellStyle): string => {
  const { colors } = styleOf(shell);
  const lines = mistakes.map(
    ({ message, path, line, column }) => `${colors.red("error")} ${plain(path)}:${line}:${column}: ${plain(message)}\n`,
  );
  return lines.join("");
};

export const summaryOf = ({ fetches, depth, subgraphs, entities }: PlanCost): string =>
  `${count(fetches, "fetch", "fetches")} of ${count(subgraphs.length, "subgraph")} (${subgraphs.join(", ")}), depth ${depth}${entities > 0 ? `, ~${count(entities, "entity", "entities")}` : ""}`;

const styleOf = ({ isTerminal, width, env }: ShellStyle): TreeStyle => ({
  colors: picocolors.createColors(isTerminal && (env.NO_COLOR ?? "") === ""),
  width: Math.max(40, width - 2),
});

const comparison = ({ name, explanation }: Before, after: Explained, { colors, width }: TreeStyle): string[] => {
  if (explanation.kind === "refused") return [`${name}: the planner refuses this operation (${explanation.reason}).`];
  if (explanation.kind === "invalid")
    return [
      `${name} cannot answer this operation:`,
      ...explanation.mistakes.map(
        ({ message, path, line, column }) => `  ${plain(path)}:${line}:${column}: ${plain(message)}`,
      ),
    ];
  const unstyled: TreeStyle = { colors: picocolors.createColors(false), width };
  const changes = differenceOf(
    treeLines(explanation.tree, explanation.marks, unstyled),
    treeLines(after.tree, after.marks, unstyled),
  );
  if (changes.every(({ kind }) => kind === "same")) return [`The plan is the same as in ${name}.`];
  return [
    `What changes from ${name}: ${metricChanges(explanation.cost, after.cost) || "the plan, at no other cost"}`,
    "",
    ...changes.map(({ kind, line }) => {
      if (kind === "same") return `    ${colors.dim(line)}`;
      return kind === "added" ? colors.green(`  + ${line}`) : colors.red(`  - ${line}`);
    }),
  ];
};

const metricChanges = (before: PlanCost, after: PlanCost): string =>
  (["fetches", "depth", "entities"] as const)
    .filter((metric) => before[metric] !== after[metric])
    .map((metric) => `${metric} ${before[metric]} → ${after[metric]}`)
    .join(", ");

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;
