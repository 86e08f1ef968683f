import type { Preference } from './buildPairs.js';

type Texts = Pick<Preference, 'chosen' | 'rejected'>;

/** Mean length of the chosen answers over that of the rejected ones, in characters; 1 without pairs. */
export function lengthRatio(pairs: readonly Texts[]): number {
  const total = (side: keyof Texts) => pairs.reduce((sum, pair) => sum + pair[side].length, 0);
  return total('rejected') > 0 ? total('chosen') / total('rejected') : 1;
}

/**
 * Leaves out the pairs whose chosen answer is longest beside the rejected one, until its mean is longer by at most
 * `tolerance`: a model that is shown longer answers as the better ones learns to be long (methods M10). Shorter ones as the
 * better are left: that answers are too long is often what is to be mended. The order of the rest stays.
 */
export function balanceLengths<Pair extends Texts>(pairs: readonly Pair[], tolerance: number): Pair[] {
  const longestChosenFirst = pairs.toSorted(
    (a, b) => b.chosen.length - b.rejected.length - (a.chosen.length - a.rejected.length),
  );
  let chosen = pairs.reduce((sum, pair) => sum + pair.chosen.length, 0);
  let rejected = pairs.reduce((sum, pair) => sum + pair.rejected.length, 0);
  while (longestChosenFirst.length > 0 && chosen - rejected > tolerance * rejected) {
    const dropped = longestChosenFirst.shift();
    chosen -= dropped?.chosen.length ?? 0;
    rejected -= dropped?.rejected.length ?? 0;
  }
  const kept = new Set(longestChosenFirst);
  return pairs.filter((pair) => kept.has(pair));
}
