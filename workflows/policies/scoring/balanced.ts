import type { Interval } from '../../../config/decisions.js';

/** Above this share of one class, always naming it looks like knowledge: recall by class counts instead (methods M1). */
export const imbalancedAbove = 0.6;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * Mean recall by class with its 95 % interval, where the largest class holds over 60 %; otherwise nulls. Each class adds
 * the variance of a share smoothed by one right and one wrong answer, so that a class of one item stays wide.
 */
export function balancedRecall(
  classes: readonly (readonly number[])[],
  largestShare: number,
): { balanced: number | null; balancedInterval: Interval | null } {
  if (!(largestShare > imbalancedAbove) || classes.length < 2) return { balanced: null, balancedInterval: null };
  const mean = sum(classes.map((scores) => sum(scores) / scores.length)) / classes.length;
  const variances = classes.map((scores) => {
    const smoothed = (sum(scores) + 1) / (scores.length + 2);
    return (smoothed * (1 - smoothed)) / scores.length;
  });
  const half = (1.96 * Math.sqrt(sum(variances))) / classes.length;
  const n = sum(classes.map((scores) => scores.length));
  const bounds = { lower: Math.max(0, mean - half), upper: Math.min(1, mean + half) };
  return { balanced: mean, balancedInterval: { mean, ...bounds, n, groups: classes.length } };
}
