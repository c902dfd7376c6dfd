const SHOWN = 10;

/**
 * A few lines that tell how two SDL texts differ: the lines that only one of them has, with their numbers. Enough to see
 * what happened; the whole difference is for `git diff`.
 */
export const describeDifference = (before: string, after: string): string[] => {
  const removed = linesMissingIn(before, after);
  const added = linesMissingIn(after, before);
  if (removed.length + added.length === 0) return ["the same lines in another order"];
  return [...shown("-", removed), ...shown("+", added), `${removed.length} line(s) gone, ${added.length} line(s) new`];
};

const linesMissingIn = (text: string, other: string): string[] => {
  const counts = new Map<string, number>();
  for (const line of other.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return text.split("\n").flatMap((line, index) => {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    return left > 0 || line.trim() === "" ? [] : [`${index + 1}: ${line.trim()}`];
  });
};

const shown = (sign: "+" | "-", lines: readonly string[]): string[] => [
  ...lines.slice(0, SHOWN).map((line) => `${sign} ${line}`),
  ...(lines.length > SHOWN ? [`${sign} … and ${lines.length - SHOWN} more`] : []),
];
