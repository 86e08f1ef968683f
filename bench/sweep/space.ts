import type { Outcome } from '../../workflows/policies/sweep/outcome.js';

/** The space of all searches: rates on a log scale, and batches. */
export const space = { lowest: 1e-4, highest: 1e-2, batchSizes: [8, 16, 32] };

/** Passes over the business data that a search took. */
export function passesOf(table: readonly Outcome[]): number {
  return table.reduce((sum, { addedEpochs }) => sum + addedEpochs, 0);
}

/** Rates from the lowest to the highest, evenly on a log scale. */
export function logGrid(count: number): number[] {
  const ratio = (space.highest / space.lowest) ** (1 / Math.max(1, count - 1));
  return Array.from({ length: count }, (_, index) => Number((space.lowest * ratio ** index).toPrecision(3)));
}
