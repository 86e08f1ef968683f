/** A challenger against the champion, on what both answered in this round (methods M13). */
import type { Decision } from '../../config/decisions.js';
import type { AnswerRow } from '../../config/evaluation.js';
import { judgeContest } from '../../workflows/policies/retraining/contest.js';
import type { PromotionLimits } from '../../workflows/policies/retraining/promotion.js';
import { intervalOf } from '../../workflows/policies/statistics/interval.js';
import type { Pair } from '../../workflows/policies/statistics/paired.js';
import { type BothAnswers, bothAnswers } from './compareAnswers.js';

/** URIs of the answers of both to one set. */
export interface Answers {
  champion: string;
  challenger: string;
}

export interface ContestInput {
  /** New test items, the frozen test, and general ability, where there is a set for it. */
  window: Answers;
  anchor: Answers;
  generic: Answers | null;
  /** Of the best champion so far to the frozen test; null while that is the present one. */
  anchorOfBest: string | null;
  limits: PromotionLimits;
}

const nothing: BothAnswers = { pairs: [], excluded: 0 };

/** Throws DatasetInvalid for a line of another shape. The pairs themselves are too many to travel; the verdict is not. */
export async function holdContest({
  window,
  anchor,
  generic,
  anchorOfBest,
  limits,
}: ContestInput): Promise<Decision<'promote' | 'keep' | 'cannotTell'>> {
  const both = {
    window: await bothAnswers(window.champion, window.challenger),
    anchor: await bothAnswers(anchor.champion, anchor.challenger),
    best: anchorOfBest === null ? nothing : await bothAnswers(anchorOfBest, anchor.challenger),
    generic: generic === null ? nothing : await bothAnswers(generic.champion, generic.challenger),
  };
  const business = [...both.window.pairs, ...both.anchor.pairs];
  const valid = business.map(({ after }) => ({ group: after.group, score: after.valid ? 1 : 0 }));
  const excluded = Object.values(both).reduce((sum, each) => sum + each.excluded, 0);
  const answered = Object.values(both).reduce((sum, { pairs }) => sum + pairs.length, 0);
  return judgeContest(
    {
      window: both.window.pairs.map(pairOf),
      anchor: both.anchor.pairs.map(pairOf),
      anchorOfBest: both.best.pairs.map(pairOf),
      generic: both.generic.pairs.map(pairOf),
      slices: slicesOf(business),
      validity: intervalOf(valid),
      cost: null,
    },
    { asked: answered + excluded, excluded },
    limits,
  );
}

function pairOf({ before, after }: { before: AnswerRow; after: AnswerRow }): Pair {
  return { group: before.group, before: before.score, after: after.score };
}

function slicesOf(pairs: BothAnswers['pairs']): Record<string, Pair[]> {
  const slices = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const { slice } = pair.after;
    if (slice !== null) slices.set(slice, [...(slices.get(slice) ?? []), pairOf(pair)]);
  }
  return Object.fromEntries(slices);
}
