import { holm } from '../statistics/exact.js';
import { byGroup, clusteredVariance } from '../statistics/interval.js';
import type { Pair } from '../statistics/paired.js';
import { studentDistribution } from '../statistics/quantiles.js';

export interface HurtSlice {
  name: string;
  difference: number;
}

/** Slices of enough items that got worse by the margin and surely worse at all, Holm over those looked at (methods M13). */
export function hurtSlices(
  slices: Readonly<Record<string, readonly Pair[]>>,
  { sliceItems, sliceMargin, alpha }: { sliceItems: number; sliceMargin: number; alpha: number },
): HurtSlice[] {
  const large = Object.entries(slices).filter(([, pairs]) => pairs.length >= sliceItems);
  const judged = large.map(([name, pairs]) => ({ name, ...worse(pairs) }));
  const sure = holm(
    judged.map(({ p }) => p),
    alpha,
  );
  return judged
    .filter(({ difference }, index) => sure[index] === true && difference <= -sliceMargin)
    .map(({ name, difference }) => ({ name, difference }));
}

/** The mean difference, and the chance of one as low where nothing changed: one-sided t over groups. */
function worse(pairs: readonly Pair[]): { difference: number; p: number } {
  const groups = byGroup(pairs.map(({ group, before, after }) => ({ group, value: after - before })));
  const n = pairs.length;
  const difference = groups.reduce((sum, group) => sum + group.sum, 0) / n;
  const variance = clusteredVariance(groups, difference, n);
  if (!(variance > 0) || !Number.isFinite(variance))
    return { difference, p: difference < 0 && groups.length >= 10 ? 0 : 1 };
  return { difference, p: studentDistribution(difference / Math.sqrt(variance), groups.length - 1) };
}
