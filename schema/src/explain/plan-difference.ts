export interface LineChange {
  readonly kind: "same" | "removed" | "added";
  readonly line: string;
}

/** What has to be taken out of `before` and put in to have `after`: as few lines as possible. */
export const differenceOf = (before: readonly string[], after: readonly string[]): LineChange[] => {
  // Of each pair of ends, how many lines they have in common, in order.
  const common: number[][] = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i -= 1)
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = common[i];
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const changes: LineChange[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      changes.push({ kind: "same", line: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      changes.push({ kind: "removed", line: old });
      i += 1;
    } else if (fresh !== undefined) {
      changes.push({ kind: "added", line: fresh });
      j += 1;
    }
  }
  return changes;
};
