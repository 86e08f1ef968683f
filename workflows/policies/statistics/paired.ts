import { byGroup, clusteredVariance } from './interval.js';
import { studentQuantile } from './quantiles.js';

export interface Pair {
  group: string;
  before: number;
  after: number;
}

export interface PairedDifference {
  mean: number;
  lower: number;
  upper: number;
  n: number;
}

/**
 * Mean of after - before over the same items, with its two-sided interval by clustered variance (methods M1).
 * Pairs with a missing figure are left out. When all differences are equal the half width is 3 / groups (rule of
 * three; more above a level of 95 %), since zero variance proves nothing; without two groups the interval says nothing, -1 to 1.
 */
export function pairedDifference(pairs: readonly Pair[], level = 0.95): PairedDifference {
  const differences = pairs
    .map(({ group, before, after }) => ({ group, value: after - before }))
    .filter(({ value }) => Number.isFinite(value));
  const n = differences.length;
  const groups = byGroup(differences);
  if (n === 0) return { mean: 0, lower: -1, upper: 1, n };
  const mean = groups.reduce((total, { sum }) => total + sum, 0) / n;
  if (groups.length < 2) return { mean, lower: Math.min(-1, mean), upper: Math.max(1, mean), n };
  const variance = clusteredVariance(groups, mean, n);
  const flat = variance <= 1e-15;
  const proven = Math.max(3, -Math.log(1 - level));
  const half = flat
    ? Math.min(1, proven / groups.length)
    : studentQuantile(0.5 + level / 2, groups.length - 1) * Math.sqrt(variance);
  return { mean, lower: mean - half, upper: mean + half, n };
}
