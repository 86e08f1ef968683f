import type { LossChange } from '../../../config/training.js';

/** Losses of one set by record; null stands for NaN or infinity. */
export type ItemLosses = Readonly<Record<string, number | null>>;

/**
 * Mean of after - before over the records that have both, with its standard error: what is hard or easy about a record is
 * the same on both sides and drops out (methods M7). null below two such records. A record without a finite loss on either
 * side makes it unknown, as it makes the set's mean unknown. Records are taken as independent.
 */
export function pairedLosses(before: ItemLosses, after: ItemLosses): LossChange | null {
  const ids = Object.keys(before).filter((id) => id in after);
  const differences = ids.map((id) => (after[id] ?? Number.NaN) - (before[id] ?? Number.NaN));
  const n = differences.length;
  if (n < 2 || !differences.every(Number.isFinite)) return null;
  const mean = differences.reduce((sum, each) => sum + each, 0) / n;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  return { mean, standardError: Math.sqrt(variance / n), n };
}
