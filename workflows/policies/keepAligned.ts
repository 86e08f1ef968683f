import type { Decision, Interval } from '../../config/decisions.js';
import { maximumExcluded } from './scoreGate.js';
import { minimumGroups } from './statistics/interval.js';
import type { PairedDifference } from './statistics/paired.js';
import { figure, known, percent } from './wording.js';

/** The same validation items answered before and after training on preferences. */
export interface AlignedFigures {
  difference: PairedDifference;
  groups: number;
  /** Items that one of the two got no answer for; runs of before did not count them. */
  excluded?: number;
  before: { validity: Interval; length: number };
  after: { validity: Interval; length: number };
}

/**
 * R3: is the aligned model kept? Only where its gain over supervised tuning is sure, its answers keep their form and do
 * not grow by more than `growth` (methods M10); everything else, `cannotTell` too, goes on with the supervised one.
 */
export function keepAligned(
  { difference, groups, excluded = 0, before, after }: AlignedFigures,
  limits: { growth: number },
): Decision<'aligned' | 'supervised' | 'cannotTell'> {
  const { mean, lower, upper, n } = difference;
  const evidence = {
    gain: known(mean),
    lower: known(lower),
    upper: known(upper),
    n,
    groups,
    excluded,
    validityBefore: known(before.validity.mean),
    validityAfter: known(after.validity.mean),
    lengthBefore: known(before.length),
    lengthAfter: known(after.length),
  };
  const gain = `Preferences changed the score by ${percent(mean)} (${percent(lower)} to ${percent(upper)}, n = ${n})`;
  if (groups < minimumGroups || !Number.isFinite(lower))
    return {
      verdict: 'cannotTell',
      reason: `${gain}; below ${minimumGroups} groups there is no verdict, so the supervised model stays.`,
      evidence,
      settles: `At least ${minimumGroups} groups of validation items.`,
    };
  if (excluded > maximumExcluded * (n + excluded))
    return {
      verdict: 'cannotTell',
      reason: `${gain}, but ${excluded} of ${n + excluded} items have no answer of one of the two, so the supervised model stays.`,
      evidence,
      settles: 'An endpoint that answers: the faults are in the answers of the two evaluations.',
    };
  const against = [
    ...(lower > 0 ? [] : ['the gain is not sure']),
    ...(after.validity.upper < before.validity.mean ? ['fewer answers have the wanted form'] : []),
    ...(after.length > (1 + limits.growth) * before.length
      ? [`answers grew from ${figure(before.length)} to ${figure(after.length)} characters`]
      : []),
  ];
  if (against.length > 0)
    return { verdict: 'supervised', reason: `${gain}: ${against.join(', ')}. The supervised model stays.`, evidence };
  return { verdict: 'aligned', reason: `${gain}: a sure gain. The aligned model is kept.`, evidence };
}
