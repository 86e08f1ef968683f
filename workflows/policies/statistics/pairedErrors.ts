import type { EvaluationPoint } from '../../../config/training.js';
import { type ItemLosses, pairedLosses } from './pairedLosses.js';

/** Losses of one evaluation by set and record; null where they were not kept. */
export type PointItems = Readonly<Record<string, ItemLosses>> | null;

/** Digits of an error: it is compared, never added up, and points travel many times. */
const digits = 4;

/**
 * Standard errors, by item, of how each set's loss changed until a point: since the first one, and since the earlier one of
 * the lowest loss (methods M7). null where the point has no items, and at the first point, which is no change.
 */
export function pairedErrorsAt(
  points: readonly Pick<EvaluationPoint, 'losses'>[],
  items: readonly PointItems[],
  index: number,
): EvaluationPoint['pairedErrors'] | null {
  const own = items[index];
  if (!own || index === 0) return null;
  const since = (earlier: (set: string) => number) =>
    Object.fromEntries(
      Object.entries(own).map(([set, losses]) => [set, errorBetween(items[earlier(set)]?.[set], losses)]),
    );
  return { sinceFirst: since(() => 0), sinceBest: since((set) => lowestBefore(points, index, set)) };
}

function errorBetween(before: ItemLosses | undefined, after: ItemLosses): number | null {
  const error = pairedLosses(before ?? {}, after)?.standardError;
  return error === undefined ? null : Number(error.toPrecision(digits));
}

/** Index of the earlier point with the lowest loss of a set; of equal ones the first. */
function lowestBefore(points: readonly Pick<EvaluationPoint, 'losses'>[], index: number, set: string): number {
  const losses = points.slice(0, index).map((point) => point.losses[set] ?? Number.POSITIVE_INFINITY);
  return losses.indexOf(Math.min(...losses));
}
