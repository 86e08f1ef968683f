import type { Interval } from '../../config/decisions.js';

/** A slice as volume advice sees it: how it scores, and how many training records it has. */
export interface SliceFigures {
  name: string;
  score: Interval;
  /** Null where it is not counted; then its share of the held-out items stands for it. */
  train: number | null;
}

const limits = {
  /** Below so many held-out items a slice is not judged (methods M2). */
  items: 20,
  /** Points under the whole from which a slice fails. */
  gap: 0.1,
  /** Share of what is collected that goes to failing slices; the rest keeps what is covered. */
  failingShare: 2 / 3,
  named: 5,
};

/**
 * How `missing` records are to be spread over the slices, the largest part first: two thirds to those that fail, the rest
 * evenly over the others; where none fails, to those with the fewest records. At most five are named.
 */
export function nextSlices(
  slices: readonly SliceFigures[],
  { missing, train, score }: { missing: number; train: number; score: Interval },
): { name: string; collect: number; fails: boolean }[] {
  const items = slices.reduce((sum, slice) => sum + slice.score.n, 0);
  if (missing <= 0 || items === 0) return [];
  const counted = slices.map((slice) => ({
    name: slice.name,
    there: slice.train ?? (train * slice.score.n) / items,
    fails:
      slice.score.n >= limits.items && slice.score.upper < score.mean && slice.score.mean <= score.mean - limits.gap,
  }));
  const failing = counted.filter(({ fails }) => fails);
  const others = counted.filter(({ fails }) => !fails);
  const toFailing = failing.length === 0 ? 0 : others.length === 0 ? 1 : limits.failingShare;
  const parts = [...spread(failing, missing * toFailing), ...spread(others, missing * (1 - toFailing))];
  return parts
    .filter(({ collect }) => collect > 0)
    .sort((a, b) => b.collect - a.collect || (a.name < b.name ? -1 : 1))
    .slice(0, limits.named);
}

/** Fills the smallest up first, as water does: afterwards all that got some hold the same number. */
function spread<Slice extends { there: number }>(
  slices: readonly Slice[],
  amount: number,
): (Slice & { collect: number })[] {
  const sorted = slices.toSorted((a, b) => a.there - b.there);
  let level = 0;
  let left = amount;
  for (const [index, { there }] of sorted.entries()) {
    const above = sorted[index + 1]?.there ?? Number.POSITIVE_INFINITY;
    const room = (above - there) * (index + 1);
    level = there + Math.min(left, room) / (index + 1);
    if (left <= room) break;
    left -= room;
  }
  return sorted.map((slice) => ({ ...slice, collect: Math.round(Math.max(0, level - slice.there)) }));
}
