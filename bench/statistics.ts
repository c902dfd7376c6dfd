/** Of an even number of values the upper of the two in the middle: one that was measured. NaN of none. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value below which the part `share` (0 to 1) of `sorted` lies. NaN of none. */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

/** Of the line through the points that fits best by least squares: y for each x. NaN of fewer than two. */
export const slope = (points: readonly { readonly x: number; readonly y: number }[]): number => {
  const middleX = mean(points.map(({ x }) => x));
  const middleY = mean(points.map(({ y }) => y));
  const together = points.reduce((sum, { x, y }) => sum + (x - middleX) * (y - middleY), 0);
  return together / points.reduce((sum, { x }) => sum + (x - middleX) ** 2, 0);
};
