/** Trend and noise of short series, without assuming a distribution. */

/** Middle value; of an even number the mean of the middle two; of none 0. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

/** Mann-Kendall's S: pairs that rise minus pairs that fall. */
export function mannKendall(values: readonly number[]): number {
  let score = 0;
  for (const [i, earlier] of values.entries())
    for (let j = i + 1; j < values.length; j++) score += Math.sign((values[j] ?? earlier) - earlier);
  return score;
}

/** Theil and Sen's slope for each step between neighbours: the median over all pairs. Fewer than two values: 0. */
export function theilSen(values: readonly number[]): number {
  const slopes: number[] = [];
  for (const [i, earlier] of values.entries())
    for (let j = i + 1; j < values.length; j++) slopes.push(((values[j] ?? earlier) - earlier) / (j - i));
  return median(slopes);
}

/** S at which a series of this length rises, exact and one-sided: p .028, .015 and .031 (methods M7). */
const risingScores: Record<number, number> = { 6: 11, 7: 15, 8: 16 };
/** Shorter series have no trend beyond chance. */
export const fewestForTrend = 6;

/** Whether a series of 6, 7 or 8 values rises beyond chance; other lengths have no bound here and never do. */
export function isRising(values: readonly number[]): boolean {
  return mannKendall(values) >= (risingScores[values.length] ?? Number.POSITIVE_INFINITY);
}

/** Whether it falls beyond chance, by the same bounds. */
export function isFalling(values: readonly number[]): boolean {
  return isRising(values.map((value) => -value));
}

/**
 * Noise of one point of a smooth series, from second differences, times 1.5 since neighbours correlate and the
 * estimator then reads low (methods M7). A series without variation gets 1e-4 rather than certainty.
 */
export function noiseOf(values: readonly number[]): number {
  const bends = values.slice(2).map((x, i) => Math.abs(x - 2 * (values[i + 1] ?? x) + (values[i] ?? x)));
  return Math.max(1e-4, (1.5 * 1.4826 * median(bends)) / Math.sqrt(6));
}
