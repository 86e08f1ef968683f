/** What a model could answer if it chose the best of its own answers (methods M10). */
import { type PairedDifference, pairedDifference } from '../statistics/paired.js';

/** One item asked several times at a temperature above 0. */
export interface SampledItem {
  group: string;
  right: number;
  asked: number;
}

/** Chance that at least one of `k` answers is right, unbiased from `asked` ≥ k answers (Chen et al. 2021, 2107.03374). */
export function passAt(k: number, { right, asked }: Pick<SampledItem, 'right' | 'asked'>): number {
  if (!(asked >= k) || k < 1) return Number.NaN;
  let allWrong = 1;
  for (let drawn = 0; drawn < k; drawn++) allWrong *= Math.max(0, asked - right - drawn) / (asked - drawn);
  return 1 - allWrong;
}

export interface Headroom {
  /** Share right at the first try, and at least once in `k` tries. */
  one: number;
  many: number;
  /** many - one over the same items, clustered by group. */
  gain: PairedDifference;
  groups: number;
}

/** How far right answers are in reach: pass@k against pass@1 of the same items; those asked less than k times are left out. */
export function headroom(items: readonly SampledItem[], k: number): Headroom {
  const asked = items.filter((item) => item.asked >= k);
  const pairs = asked.map((item) => ({ group: item.group, before: passAt(1, item), after: passAt(k, item) }));
  const mean = (side: 'before' | 'after') => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
  return {
    one: mean('before'),
    many: mean('after'),
    gain: pairedDifference(pairs),
    groups: new Set(asked.map(({ group }) => group)).size,
  };
}
