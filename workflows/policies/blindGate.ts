import type { Decision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { Blind } from '../../config/report.js';
import { minimumGroups } from './statistics/interval.js';
import { known, percent, withInterval } from './wording.js';

/** Points that others' pictures must cost at least on a task of perception (methods M5). */
const pictureCost = 0.1;

/**
 * Does the tuned model look at the pictures? A score that others' pictures hardly lower was learnt from the text: a shortcut in
 * the data, which the world will not have. `own` has the same items among its own, drawn by the same hash.
 */
export function blindGate(
  own: Pick<Evaluation, 'score'>,
  { swapped, blank }: Blind,
): Decision<'pictureUsed' | 'pictureNotNeeded' | 'cannotTell'> {
  const { mean, lower, upper, groups } = swapped.score;
  const limit = own.score.mean - pictureCost;
  const evidence = {
    own: known(own.score.mean),
    swapped: known(mean),
    blank: known(blank.score.mean),
    lower: known(lower),
    upper: known(upper),
    n: swapped.score.n,
    pictureCost,
  };
  const says = `With the pictures of other records the score is ${withInterval(swapped.score)}, with grey ones ${percent(blank.score.mean)}, with its own ${percent(own.score.mean)}`;
  if (limit < 0)
    return {
      verdict: 'cannotTell',
      reason: `${says}: too few answers are right for pictures to cost ${percent(pictureCost)}.`,
      evidence,
      settles: 'A model that answers more of its items right.',
    };
  if (groups >= minimumGroups && upper < limit)
    return { verdict: 'pictureUsed', reason: `${says}: the answers come from the pictures.`, evidence };
  if (groups >= minimumGroups && lower >= limit)
    return {
      verdict: 'pictureNotNeeded',
      reason: `${says}: the pictures are hardly needed, so the questions or the usual answers tell. Look for a shortcut in the data before you trust the score.`,
      evidence,
    };
  return {
    verdict: 'cannotTell',
    reason: `${says}: whether pictures cost ${percent(pictureCost)} is not clear.`,
    evidence,
    settles: 'More test items, asked again (evaluation.blindItems).',
  };
}
