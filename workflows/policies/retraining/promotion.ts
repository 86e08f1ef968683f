import type { Decision, Interval } from '../../../config/decisions.js';
import { minimumGroups } from '../statistics/interval.js';
import { type Pair, type PairedDifference, pairedDifference } from '../statistics/paired.js';
import { known, percent } from '../wording.js';
import { hurtSlices } from './slices.js';

/** Scores of champion (before) and challenger (after) on the same items, asked on the same day in the same surroundings. */
export interface Contest {
  /** Newest groups, labelled, in no training set. */
  window: readonly Pair[];
  /** The frozen test set. */
  anchor: readonly Pair[];
  /** The anchor again with the best champion there ever was on the left; empty while that is the present one. */
  anchorOfBest: readonly Pair[];
  /** Empty where general ability is not measured. */
  generic: readonly Pair[];
  /** Window and anchor by declared slice. */
  slices: Readonly<Record<string, readonly Pair[]>>;
  /** Of the challenger's answers on window and anchor. */
  validity: Interval;
  /** Price of a thousand answers, champion and challenger; null where it is not known. */
  cost: { champion: number; challenger: number } | null;
}

export interface PromotionLimits {
  /** 1 for the first contest on these test items, then 2, 3, …; alpha is spent over them. */
  round: number;
  alpha: number;
  /** Margins of non-inferiority, as shares: business score on the window at lower cost, anchor, generic score. */
  windowMargin: number;
  anchorMargin: number;
  genericMargin: number;
  /** A slice of `sliceItems` or more may not be surely worse and this much worse. */
  sliceMargin: number;
  sliceItems: number;
  formatValidity: number;
}

/** Defaults of methods M13. */
export const promotionDefaults: Omit<PromotionLimits, 'round' | 'formatValidity'> = {
  alpha: 0.05,
  windowMargin: 0.01,
  anchorMargin: 0.02,
  genericMargin: 0.02,
  sliceMargin: 0.05,
  sliceItems: 50,
};

/** Alpha of the k-th contest: alpha · 6 / (π² k²), whose sum over all rounds is alpha (methods M13). */
export function alphaOfRound(alpha: number, round: number): number {
  return (alpha * 6) / (Math.PI ** 2 * round ** 2);
}

/** Does the challenger take the champion's place (methods M13)? Every condition must hold; a tie keeps the champion. */
export function promotion(contest: Contest, limits: PromotionLimits): Decision<'promote' | 'keep' | 'cannotTell'> {
  const alpha = alphaOfRound(limits.alpha, limits.round);
  const gain = pairedDifference(contest.window, 1 - 2 * alpha);
  const bound = (pairs: readonly Pair[]) => pairedDifference(pairs, 1 - 2 * limits.alpha);
  const window = bound(contest.window);
  const anchor = bound(contest.anchor);
  const ofBest = bound(contest.anchorOfBest);
  const generic = bound(contest.generic);
  const evidence = {
    round: limits.round,
    alpha,
    windowGain: known(gain.mean),
    windowLower: known(gain.lower),
    windowItems: gain.n,
    anchorGain: known(anchor.mean),
    anchorLower: known(anchor.lower),
    anchorOfBestLower: ofBest.n > 0 ? known(ofBest.lower) : null,
    genericGain: generic.n > 0 ? known(generic.mean) : null,
    genericLower: generic.n > 0 ? known(generic.lower) : null,
    validity: known(contest.validity.mean),
  };
  const few = tooFew(contest);
  if (few !== null)
    return {
      verdict: 'cannotTell',
      reason: `${few} The champion stays.`,
      evidence,
      settles: `Label ${minimumGroups} groups or more that no training set has.`,
    };
  const cheaper = contest.cost !== null && contest.cost.challenger < contest.cost.champion;
  const better = gain.lower > 0;
  const asGoodForLess = cheaper && window.lower > -limits.windowMargin;
  const says = `On ${gain.n} new items the challenger is ${signed(gain.mean)} points (at least ${signed(gain.lower)} at round ${limits.round})`;
  const against = [
    ...(better || asGoodForLess ? [] : [`no sure gain${cheaper ? ', nor surely as good for less' : ''}`]),
    ...inferior('the frozen test', anchor, limits.anchorMargin),
    ...(ofBest.n > 0 ? inferior('the frozen test against the best champion so far', ofBest, limits.anchorMargin) : []),
    ...(generic.n > 0 ? inferior('general ability', generic, limits.genericMargin) : []),
    ...hurtSlices(contest.slices, limits).map(
      ({ name, difference }) => `slice "${name}" is ${signed(difference)} points`,
    ),
    ...(contest.validity.lower >= limits.formatValidity
      ? []
      : [`only ${percent(contest.validity.lower)} of its answers surely have the wanted form`]),
  ];
  if (against.length > 0) return { verdict: 'keep', reason: `${says}, but: ${against.join('; ')}.`, evidence };
  const why = better ? 'a gain' : 'as good for less';
  return { verdict: 'promote', reason: `${says}: ${why}, and nothing else got worse.`, evidence };
}

function tooFew({ window, anchor }: Contest): string | null {
  const groups = (pairs: readonly Pair[]) => new Set(pairs.map(({ group }) => group)).size;
  if (groups(window) < minimumGroups) return `Only ${groups(window)} groups of new labelled items.`;
  if (groups(anchor) < minimumGroups) return `Only ${groups(anchor)} groups in the frozen test.`;
  return null;
}

function inferior(what: string, { mean, lower }: PairedDifference, margin: number): string[] {
  return lower > -margin
    ? []
    : [
        `${what} may be worse by more than ${signed(-margin).slice(1)} points (${signed(mean)}, at least ${signed(lower)})`,
      ];
}

function signed(share: number): string {
  return `${share >= 0 ? '+' : '-'}${Math.abs(100 * share).toFixed(1)}`;
}
