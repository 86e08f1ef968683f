import type { Decision } from '../../../config/decisions.js';
import type { ProbedItem } from '../../../config/probing.js';
import { figure } from '../wording.js';
import { type Cause, named } from './causes.js';
import { explains } from './records.js';

type Picture = NonNullable<ProbedItem['picture']>;

/** Figures of a picture that blur, a low resolution or a blank scan bring down. */
const features = {
  side: 'pixels on the shorter side',
  tokens: 'image tokens',
  contrast: 'standard deviation of the brightness',
  sharpness: 'variance of the Laplacian',
} as const satisfies Record<keyof Picture, string>;

/** Pictures that nobody can read, whatever the others are (methods M4). */
const hopeless = { side: 28, contrast: 2 };

/** A picture is far below the others at this share of the least of those that are answered right. */
const farBelow = 0.8;
/** Least ratio of the higher kind to the lower. */
const twoKinds = 2;

/** Do wrong answers belong to pictures of low resolution, blurred, or of few tokens? Null where they do not. */
export function unreadable(items: readonly ProbedItem[]): Decision<Cause> | null {
  const pictured = items.flatMap(({ id, picture, score, exact }) =>
    picture ? [{ id, picture, right: (score ?? (exact ? 1 : 0)) === 1 }] : [],
  );
  const right = pictured.filter((each) => each.right);
  const wrong = pictured.filter((each) => !each.right);
  const totals = { asked: pictured.length, wrong: wrong.length };
  for (const [feature, what] of Object.entries(features) as [keyof Picture, string][]) {
    const values = (those: typeof pictured) => those.map(({ picture }) => picture[feature]);
    // Without a right answer there is nothing that a limit by the data could be held against.
    const limits = [limitOf(feature, values(right)), ...(right.length > 0 ? [gapOf(values(pictured))] : [])];
    for (const limit of limits) {
      const below = wrong.filter(({ picture }) => picture[feature] < limit);
      const rightBelow = right.filter(({ picture }) => picture[feature] < limit).length;
      if (!explains({ wrong: below.length, right: rightBelow }, totals)) continue;
      return named(
        'data:unreadable',
        `${below.length} of ${wrong.length} records that stay wrong have pictures below ${figure(limit)} ${what}, ${rightBelow} of ${right.length} that are right: they can't be read.`,
        { wrong: wrong.length, below: below.length, rightBelow, limit, feature },
        below.map(({ id }) => id),
      );
    }
  }
  return null;
}

/**
 * Where the pictures fall into two kinds, the low ones at most half of the others: the middle of the widest gap, whichever
 * are right. Some that can't be read are learnt by heart all the same. 0 where there is no such gap.
 */
function gapOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  // So that nothing and next to nothing are alike.
  const little = 0.01 * (sorted[Math.floor(sorted.length / 2)] ?? 0);
  let widest = { ratio: twoKinds, limit: 0 };
  for (const [index, upper] of sorted.entries()) {
    const lower = sorted[index - 1];
    if (lower === undefined) continue;
    const ratio = (upper + little) / (lower + little);
    if (ratio > widest.ratio) widest = { ratio, limit: (lower + upper) / 2 };
  }
  return widest.limit;
}

/** Well below what is answered right, one in twenty of these left out; without any, what nobody can read. */
function limitOf(feature: keyof Picture, right: number[]): number {
  const absolute = feature === 'side' || feature === 'contrast' ? hopeless[feature] : 0;
  const least = right.toSorted((a, b) => a - b)[Math.floor(right.length / 20)];
  return Math.max(absolute, farBelow * (least ?? 0));
}
