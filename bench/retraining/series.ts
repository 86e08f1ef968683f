/** Series of retraining rounds whose truth is known: how good each challenger really is, and how its answers fall. */

import { meanOf } from '../../workflows/policies/curve.js';
import { type Contest, promotion, promotionDefaults } from '../../workflows/policies/retraining/promotion.js';
import { type Pair, pairedDifference } from '../../workflows/policies/statistics/paired.js';
import { uniformFrom } from '../../workflows/policies/statistics/random.js';

export interface SeriesWish {
  rounds: number;
  /** Labelled new items of each round, and items of the frozen test. */
  window: number;
  anchor: number;
  /** Share of items that the champion answers right. */
  share: number;
  /** Items that a challenger answers anew rather than as the champion does. */
  redrawn: number;
  /** True gain of each challenger over the base share; by round, from 1. */
  gain(round: number): number;
  cost: Contest['cost'];
}

export type Rule = 'recipe' | 'paired .05' | 'higher mean';

export interface SeriesEnd {
  promoted: number[];
  /** True share of the last champion. */
  share: number;
}

/** A model: its true share, and its answers to the frozen test. */
interface Model {
  share: number;
  anchor: number[];
}

/** Goes through the rounds; a promoted challenger is the champion of the next one. */
export function playSeries(wish: SeriesWish, rule: Rule, seed: number): SeriesEnd {
  const uniform = uniformFrom(seed);
  const draw = (share: number) => (uniform() < share ? 1 : 0);
  let champion: Model = { share: wish.share, anchor: Array.from({ length: wish.anchor }, () => draw(wish.share)) };
  let best = champion;
  const promoted: number[] = [];
  for (let round = 1; round <= wish.rounds; round++) {
    const share = Math.min(1, Math.max(0, wish.share + wish.gain(round)));
    const answers = (before: readonly number[], shareBefore: number) =>
      before.map((right) => (uniform() < wish.redrawn ? draw(share) : kept(right, shareBefore, share, uniform)));
    const window = Array.from({ length: wish.window }, () => draw(champion.share));
    const challenger: Model = { share, anchor: answers(champion.anchor, champion.share) };
    const contest: Contest = {
      window: pairsOf(window, answers(window, champion.share)),
      anchor: pairsOf(champion.anchor, challenger.anchor),
      anchorOfBest: best === champion ? [] : pairsOf(best.anchor, challenger.anchor),
      generic: [],
      slices: {},
      validity: { mean: 1, lower: 1, upper: 1, n: wish.window, groups: wish.window },
      cost: wish.cost,
    };
    if (!wins(contest, rule, round)) continue;
    promoted.push(round);
    champion = challenger;
    if (meanOf(challenger.anchor) > meanOf(best.anchor)) best = challenger;
  }
  return { promoted, share: champion.share };
}

/** An answer as before, moved from right to wrong or back as often as the true shares differ. */
function kept(right: number, from: number, to: number, uniform: () => number): number {
  if (to >= from) return right === 0 && from < 1 && uniform() < (to - from) / (1 - from) ? 1 : right;
  return right === 1 && uniform() < (from - to) / from ? 0 : right;
}

function wins(contest: Contest, rule: Rule, round: number): boolean {
  if (rule === 'recipe')
    return promotion(contest, { ...promotionDefaults, formatValidity: 0.97, round }).verdict === 'promote';
  if (rule === 'paired .05') return pairedDifference(contest.window, 0.9).lower > 0;
  return meanOf(contest.window.map(({ after }) => after)) > meanOf(contest.window.map(({ before }) => before));
}

function pairsOf(before: readonly number[], after: readonly number[]): Pair[] {
  return before.map((right, index) => ({ group: `g${index}`, before: right, after: after[index] ?? Number.NaN }));
}
