/** Values in bins whose bounds a person can read. Pure. */
import type { Histogram } from './view.js';

const mostBins = 24;
/** Above this ratio of largest to smallest the bins double in width. */
const doublingFrom = 20;

/** Bins from the smallest to the largest value; none for no values. */
export function binsOf(values: readonly number[]): Histogram['bins'] {
  if (values.length === 0) return [];
  const { least, most } = rangeOf(values);
  const bounds = most / Math.max(least, 1) >= doublingFrom ? doubling(least, most) : even(least, most);
  const counts = new Array<number>(bounds.length - 1).fill(0);
  for (const value of values) {
    const above = bounds.findIndex((bound) => value < bound);
    const bin = above < 0 ? counts.length - 1 : above - 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, index) => ({ from: bounds[index] ?? 0, to: bounds[index + 1] ?? 0, count }));
}

function rangeOf(values: readonly number[]): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most };
}

function doubling(least: number, most: number): number[] {
  const bounds = least < 1 ? [0, 1] : [2 ** Math.floor(Math.log2(least))];
  while ((bounds.at(-1) ?? 0) <= most) bounds.push((bounds.at(-1) ?? 1) * 2);
  return bounds;
}

/** Widths of 1, 2 or 5 times a power of ten, and no narrower than 1: all values here are whole. */
function even(least: number, most: number): number[] {
  const wanted = (most - least + 1) / mostBins;
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, 1)));
  const width = ([1, 2, 5, 10].find((step) => step * power >= wanted) ?? 10) * power;
  const bounds = [Math.floor(least / width) * width];
  while ((bounds.at(-1) ?? 0) <= most) bounds.push((bounds.at(-1) ?? 0) + width);
  return bounds;
}
