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

/** Do wrong answers belong to pictures of low resolution, blurred, or of few tokens? Null where they do not. */
export function unreadable(items: readonly ProbedItem[]): Decision<Cause> | null {
  const pictured = items.flatMap(({ id, picture, score, exact }) =>
    picture ? [{ id, picture, right: (score ?? (exact ? 1 : 0)) === 1 }] : [],
  );
  const right = pictured.filter((each) => each.right);
  const wrong = pictured.filter((each) => !each.right);
  const totals = { asked: pictured.length, wrong: wrong.length };
  for (const [feature, what] of Object.entries(features) as [keyof Picture, string][]) {
    const limit = limitOf(
      feature,
      right.map(({ picture }) => picture[feature]),
    );
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
  return null;
}

/** Well below what is answered right, one in twenty of these left out; without any, what nobody can read. */
function limitOf(feature: keyof Picture, right: number[]): number {
  const absolute = feature === 'side' || feature === 'contrast' ? hopeless[feature] : 0;
  const least = right.toSorted((a, b) => a - b)[Math.floor(right.length / 20)];
  return Math.max(absolute, farBelow * (least ?? 0));
}
