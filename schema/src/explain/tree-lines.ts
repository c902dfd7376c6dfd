import type { Colors } from "picocolors/types.js";
import type { CostMark } from "./advice.ts";
import type { PlanStep, PlanTree } from "./plan-tree.ts";

export interface TreeStyle {
  readonly colors: Colors;
  /** In characters. */
  readonly width: number;
}

/** A plan as a tree of lines. */
export const treeLines = (tree: PlanTree, marks: readonly CostMark[], style: TreeStyle): string[] => {
  if (tree.kind === "nothing") return ["nothing is asked: the router answers this itself"];
  return linesOf(tree, marks, style.width, style.colors);
};

interface Branch {
  /** Before a child, such as `when $full`; empty for none. */
  readonly label: string;
  readonly tree: PlanTree;
}

const linesOf = (tree: PlanTree, marks: readonly CostMark[], width: number, colors: Colors): string[] => {
  if (tree.kind === "fetch") return stepLines(tree.step, marks, width, colors);
  const branches = branchesOf(tree);
  const [only, ...others] = branches;
  // One way alone needs no fork.
  if (tree.kind === "condition" && only && others.length === 0)
    return [colors.magenta(only.label), ...linesOf(only.tree, marks, width - 2, colors).map((line) => `  ${line}`)];
  const [heading, indent] = headingOf(tree);
  const lines = branches.flatMap(({ label, tree: child }, index) => {
    const isLast = index === branches.length - 1;
    const inner = linesOf(child, marks, width - indent, colors);
    const labelled = label === "" ? inner : [colors.magenta(label), ...inner.map((line) => `  ${line}`)];
    return labelled.map((line, at) => colors.dim(at === 0 ? (isLast ? "└─ " : "├─ ") : isLast ? "   " : "│  ") + line);
  });
  return [colors.dim(heading), ...lines];
};

const headingOf = (tree: PlanTree): readonly [heading: string, indent: number] => {
  switch (tree.kind) {
    case "sequence":
      return ["one after another", 3];
    case "parallel":
      return ["at the same time", 3];
    case "condition":
      return [`depending on $${tree.variable}`, 5];
    case "deferred":
      return [`deferred${tree.label === null ? "" : ` (${tree.label})`}`, 3];
    default:
      return ["", 0];
  }
};

const branchesOf = (tree: PlanTree): Branch[] => {
  switch (tree.kind) {
    case "sequence":
    case "parallel":
      return tree.nodes.map((node) => ({ label: "", tree: node }));
    case "condition":
      return [
        { label: `when $${tree.variable} is true`, tree: tree.whenTrue },
        { label: `when $${tree.variable} is false`, tree: tree.whenFalse },
      ].filter((branch) => branch.tree.kind !== "nothing");
    case "deferred":
      return [{ label: "", tree: tree.node }];
    default:
      return [];
  }
};

const stepLines = (step: PlanStep, marks: readonly CostMark[], width: number, colors: Colors): string[] => {
  const number = String(step.number);
  const margin = " ".repeat(number.length + 1);
  const costly = marks.filter((mark) => mark.step === step.number);
  const facts = [
    step.asksFor.length === 0
      ? step.operationKind
      : step.asksFor.map(({ type, key }) => `${type} by ${key}`).join(", "),
    ...(step.path === null ? [] : [`at ${step.path}`]),
    ...(step.entities > 0 ? [`~${step.entities} ${step.entities === 1 ? "entity" : "entities"}`] : []),
    ...(step.waitsFor.length > 0 ? [`after ${step.waitsFor.join(", ")}`] : []),
  ];
  // A path may be long: what does not fit is told on a line of its own.
  const isLong = `${number} ${step.subgraph}  ${facts.join(" · ")}`.length > width;
  const [first, rest] = isLong ? [facts.slice(0, 1), facts.slice(1)] : [facts, []];
  const requirements = step.asksFor.flatMap(({ requires }) =>
    requires.map(({ field, selection }) => `sends ${selection}, which ${field} requires`),
  );
  return [
    `${colors.bold(number)} ${colors.bold(colors.cyan(step.subgraph))}  ${first.join(colors.dim(" · "))}`,
    ...(rest.length > 0 ? [margin + rest.join(colors.dim(" · "))] : []),
    ...requirements.map((line) => margin + colors.yellow(line)),
    ...wrap(step.selection, Math.max(MIN_WIDTH, width - margin.length)).map((line) => margin + colors.dim(line)),
    ...costly.map(({ text }) => margin + colors.red(`▲ costly: ${text}`)),
  ];
};

const MIN_WIDTH = 30;

/** Broken at spaces; a word that is longer than a line has one of its own. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
};
