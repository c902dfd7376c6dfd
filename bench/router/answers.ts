import { isDeepStrictEqual } from "node:util";

/** Whether gateways answer the same, by the name of each. */
export type Agreement =
  | {
      readonly kind: "same";
      /** Whose bytes are others' too, but for white space around tokens and for extensions. Others write fields in another order. */
      readonly sameBytes: boolean;
      readonly otherOrder: readonly string[];
    }
  | { readonly kind: "different"; readonly gateways: readonly [string, string]; readonly where: string };

/**
 * Compares data and errors of answers, all with the first one's. Extensions are the gateway's own affair, as is the order of
 * fields in an object, but that is told.
 * @param answers JSON texts.
 */
export const compareAnswers = (answers: ReadonlyMap<string, string>): Agreement => {
  const [first, ...others] = [...answers].map(([name, text]) => ({ name, answer: answerOf(text) }));
  if (!first) return { kind: "same", sameBytes: true, otherOrder: [] };
  const otherOrder: string[] = [];
  for (const { name, answer } of others) {
    if (!isDeepStrictEqual(answer, first.answer))
      return {
        kind: "different",
        gateways: [first.name, name],
        where: firstDifference(first.answer, answer, "") ?? "the answer",
      };
    if (JSON.stringify(answer) !== JSON.stringify(first.answer)) otherOrder.push(name);
  }
  return { kind: "same", sameBytes: otherOrder.length === 0, otherOrder };
};

const answerOf = (text: string): { data: unknown; errors: unknown } => {
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
  return { data, errors };
};

const firstDifference = (expected: unknown, got: unknown, path: string): string | null => {
  if (isDeepStrictEqual(expected, got)) return null;
  if (isComposite(expected) && isComposite(got) && Array.isArray(expected) === Array.isArray(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const found = firstDifference(expected[key], got[key], path === "" ? key : `${path}.${key}`);
      if (found) return found;
    }
  }
  return `${path}: ${shortened(expected)} and ${shortened(got)}`;
};

const isComposite = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const shortened = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 120);
