/** Two models' answers to the same items, item by item. */
import type { AnswerRow } from '../../config/evaluation.js';
import { type PairedDifference, pairedDifference } from '../../workflows/policies/statistics/paired.js';

export interface Compared extends PairedDifference {
  /** Mean scores over the items that both answered. */
  before: number;
  after: number;
}

/** After less before, with its 95 % interval over independent items (methods M1). Items excluded on either side are left out. */
export function compare(before: readonly AnswerRow[], after: readonly AnswerRow[]): Compared {
  const scored = (rows: readonly AnswerRow[]) => rows.filter(({ outcome }) => outcome !== 'excluded');
  const first = new Map(scored(before).map((row) => [row.id, row.score]));
  const pairs = scored(after).flatMap(({ id, group, score }) => {
    const earlier = first.get(id);
    return earlier === undefined ? [] : [{ group, before: earlier, after: score }];
  });
  const mean = (side: 'before' | 'after') =>
    pairs.reduce((sum, pair) => sum + pair[side], 0) / Math.max(1, pairs.length);
  return { ...pairedDifference(pairs), before: mean('before'), after: mean('after') };
}

/** The share of `before` that is left, with the interval of the difference. */
export function shareLeft({ before, mean, lower, upper }: Compared): { mean: number; lower: number; upper: number } {
  const left = (difference: number) => (before > 0 ? (before + difference) / before : 1);
  return { mean: left(mean), lower: left(lower), upper: left(upper) };
}
