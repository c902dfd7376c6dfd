import { leavesOf, type Ownership } from "../composition/ownership.ts";
import type { PlanStep } from "./plan-tree.ts";

/** Why a step is dear. */
export interface CostMark {
  readonly step: number;
  readonly kind: "deep" | "nested lists" | "repeated";
  /** Completes a sentence about the step: `waits for a chain of 2 calls`. */
  readonly text: string;
}

/** From this depth on a client waits for three answers, one after another. */
const DEEP = 3;
/** Of lists within each other, entities multiply. */
const NESTED = 2;

export const marksOf = (steps: readonly PlanStep[]): CostMark[] =>
  steps.flatMap((step) => {
    const { number, depth, lists, entities, asksFor } = step;
    const marks: CostMark[] = [];
    if (depth >= DEEP) marks.push({ step: number, kind: "deep", text: `waits for a chain of ${depth - 1} calls` });
    if (lists >= NESTED && asksFor.length > 0)
      marks.push({
        step: number,
        kind: "nested lists",
        text: `is asked for entities under ${lists} nested lists, about ${entities}`,
      });
    const before = formerCallOf(step, steps);
    if (before) {
      const relation = chainOf(step, steps).has(before.number) ? "again, after" : "twice: also in";
      marks.push({ step: number, kind: "repeated", text: `asks ${step.subgraph} ${relation} step ${before.number}` });
    }
    return marks;
  });

/** Root fields of a mutation are run one after another, as they must be. */
const formerCallOf = (step: PlanStep, steps: readonly PlanStep[]): PlanStep | undefined =>
  step.asksFor.length === 0
    ? undefined
    : steps.find(({ number, subgraph }) => subgraph === step.subgraph && number < step.number);

/** All that has to be answered before it. */
const chainOf = ({ waitsFor }: PlanStep, steps: readonly PlanStep[]): ReadonlySet<number> =>
  new Set([
    ...waitsFor,
    ...steps.filter(({ number }) => waitsFor.includes(number)).flatMap((step) => [...chainOf(step, steps)]),
  ]);

const MAX_SAVINGS = 4;

/** What could save a step, most telling first: of dear steps, else of those that all else has to wait for. */
export const savingsOf = (steps: readonly PlanStep[], marks: readonly CostMark[], ownership: Ownership): string[] => {
  const marked = new Set(marks.map(({ step }) => step));
  const deepest = Math.max(0, ...steps.map(({ depth }) => depth));
  const looked = steps.filter(({ number, depth }) => marked.has(number) || (marked.size === 0 && depth === deepest));
  const found = [
    ...looked.flatMap((step) => requirementSavings(step, steps)),
    ...looked.flatMap((step) => keySavings(step, steps)),
    ...looked.flatMap((step) => repeatedSavings(step, steps)),
    ...looked.flatMap((step) => copySavings(step, steps, ownership)),
  ];
  return [...[...new Set(found)].slice(0, MAX_SAVINGS), ...listSavings(looked)];
};

/** A step that has to wait for what its fields `@requires`. */
const requirementSavings = (step: PlanStep, steps: readonly PlanStep[]): string[] =>
  step.asksFor.flatMap(({ type, requires }) =>
    requires.flatMap(({ field, selection }) => {
      const names = new Set(leavesOf(selection).map((leaf) => leaf.split(".")[0]));
      const giver = steps.find(
        ({ number, fields }) =>
          step.waitsFor.includes(number) && fields.some((one) => one.type === type && names.has(one.name)),
      );
      if (!giver) return [];
      return [
        `Step ${step.number} waits for step ${giver.number} because ${type}.${field} of ${step.subgraph} requires ${selection} of ${giver.subgraph}: a copy of it in ${step.subgraph}, or ${field} resolved in ${giver.subgraph}, saves the wait.`,
      ];
    }),
  );

/** A step before this one that does no more than to turn one key into another. */
const keySavings = (step: PlanStep, steps: readonly PlanStep[]): string[] =>
  step.asksFor.flatMap(({ type, key, requires }) => {
    if (requires.length > 0) return [];
    const tops = new Set(leavesOf(key).map((leaf) => leaf.split(".")[0]));
    const translator = steps.find(
      ({ number, asksFor, fields }) =>
        step.waitsFor.includes(number) &&
        asksFor.some((one) => one.type === type && one.key !== key) &&
        fields.length > 0 &&
        fields.every(({ name }) => tops.has(name)),
    );
    const has = translator?.asksFor.find((one) => one.type === type)?.key;
    if (!translator || has === undefined) return [];
    return [
      `Step ${translator.number} only looks up ${key} of ${type} for step ${step.number}: @key(fields: "${has}") on ${type} in ${step.subgraph} saves it.`,
    ];
  });

/** The same entities of the same subgraph at two places of the answer are two steps. */
const repeatedSavings = (step: PlanStep, steps: readonly PlanStep[]): string[] =>
  step.asksFor.flatMap(({ type }) => {
    const before = steps.find(
      ({ number, subgraph, path, asksFor }) =>
        number < step.number &&
        subgraph === step.subgraph &&
        path !== step.path &&
        asksFor.some((one) => one.type === type),
    );
    return before
      ? [
          `Steps ${before.number} and ${step.number} ask ${step.subgraph} for ${type} at two places of the answer (${before.path} and ${step.path}): asking it at one of them saves a step.`,
        ]
      : [];
  });

const MAX_COPIED = 2;

/** A few plain fields of an entity, which the subgraph that refers to it could have itself. */
const copySavings = (step: PlanStep, steps: readonly PlanStep[], ownership: Ownership): string[] => {
  const [asked, ...more] = step.asksFor;
  const from = steps.find(({ number }) => step.waitsFor.includes(number));
  if (!asked || more.length > 0 || asked.requires.length > 0 || !from || from.subgraph === step.subgraph) return [];
  if (step.fields.length > MAX_COPIED || /[{(]/.test(step.selection)) return [];
  const hasIt = ownership.types.get(asked.type)?.parts.some(({ subgraph }) => subgraph === from.subgraph) ?? false;
  if (!hasIt) return [];
  const coordinates = step.fields.map(({ name }) => `${asked.type}.${name}`).join(" and ");
  return [
    `Step ${step.number} asks ${step.subgraph} for no more than ${coordinates}: @provides where ${from.subgraph} refers to ${asked.type}, with @shareable in ${step.subgraph}, saves it.`,
  ];
};

/** Of all of them at once: it is the client who asks for less. */
const listSavings = (looked: readonly PlanStep[]): string[] => {
  const many = looked.filter(({ lists, asksFor }) => lists >= NESTED && asksFor.length > 0);
  if (many.length === 0) return [];
  const numbers = many.map(({ number }) => number).join(", ");
  const entities = many.reduce((sum, step) => sum + step.entities, 0);
  return [
    `${many.length === 1 ? `Step ${numbers} is` : `Steps ${numbers} are`} asked for about ${entities} entities: shorter lists (\`first:\`), or one list a request, cost less.`,
  ];
};
