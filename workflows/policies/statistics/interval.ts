import type { Interval } from '../../../config/decisions.js';
import { normalQuantile, studentQuantile } from './quantiles.js';

/** Below this many groups an interval carries no verdict (methods M1). */
export const minimumGroups = 10;

export interface Scored {
  /** What is independent of everything else: the picture, document or customer. */
  group: string;
  /** 0 to 1; anything that is not a number counts as 0. */
  score: number;
}

const clamp = (x: number) => Math.min(1, Math.max(0, x));

/** Wilson's interval around a share, for `n` independent items (may be fractional) and a two-sided quantile. */
function wilsonAround(share: number, n: number, quantile: number): { lower: number; upper: number } {
  if (!(n > 0) || !Number.isFinite(quantile)) return { lower: 0, upper: 1 };
  const z2 = quantile * quantile;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (quantile / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { lower: Math.min(share, clamp(middle - half)), upper: Math.max(share, clamp(middle + half)) };
}

/** Wilson's interval of a binomial share. With n = 0 nothing is known: 0 to 1. */
export function wilson(successes: number, n: number, level = 0.95): { mean: number; lower: number; upper: number } {
  const mean = n > 0 ? clamp(successes / n) : 0;
  return { mean, ...wilsonAround(mean, n, normalQuantile(0.5 + level / 2)) };
}

/** Sum and number of the values of every group. */
export function byGroup(items: readonly { group: string; value: number }[]): { sum: number; size: number }[] {
  const groups = new Map<string, { sum: number; size: number }>();
  for (const { group, value } of items) {
    const total = groups.get(group) ?? { sum: 0, size: 0 };
    groups.set(group, { sum: total.sum + value, size: total.size + 1 });
  }
  return [...groups.values()];
}

/** Variance of a mean whose items are alike within groups: G/(G-1) · Σ_g (Σ_i (x_i - mean))² / n² (methods M1). */
export function clusteredVariance(groups: readonly { sum: number; size: number }[], mean: number, n: number): number {
  const count = groups.length;
  if (count < 2) return Number.POSITIVE_INFINITY;
  const squares = groups.reduce((total, { sum, size }) => total + (sum - size * mean) ** 2, 0);
  return ((count / (count - 1)) * squares) / (n * n);
}

/**
 * 95 % interval of a mean score: Wilson on the effective n, quantile of t with groups - 1 degrees of freedom
 * (methods M1). All right or all wrong takes the mean group size as design effect, so that the width is never zero.
 * With fewer than `minimumGroups` groups callers answer cannotTell.
 */
export function intervalOf(items: readonly Scored[]): Interval {
  const n = items.length;
  const values = items.map(({ group, score }) => ({ group, value: Number.isFinite(score) ? clamp(score) : 0 }));
  const groups = byGroup(values);
  if (n === 0) return { mean: 0, lower: 0, upper: 1, n, groups: 0 };
  const mean = clamp(groups.reduce((total, { sum }) => total + sum, 0) / n);
  const clustered = clusteredVariance(groups, mean, n);
  const independent = (mean * (1 - mean)) / n;
  const flat = clustered <= 1e-15 || independent <= 1e-15;
  const designEffect = flat ? n / groups.length : Math.max(1, clustered / independent);
  const bounds = wilsonAround(mean, n / designEffect, studentQuantile(0.975, groups.length - 1));
  return { mean, ...bounds, n, groups: groups.length };
}
