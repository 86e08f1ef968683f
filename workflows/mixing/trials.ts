/** What one attempt, or an average of one, has shown: for the policy, and for the report. Pure. */
import type { AverageScore } from '../../config/averaging.js';
import type { MixTrial } from '../../config/report.js';
import type { TrainRunResult } from '../../config/steps.js';
import type { EvaluationPoint } from '../../config/training.js';
import { mixText } from '../plan.js';
import { type MixBudgets, type MixCandidate, standingOf } from '../policies/pickMix.js';
import { known, percent } from '../policies/wording.js';
import type { Attempt } from './attempts.js';

/** A candidate with where it is from. */
export interface MixTried extends MixCandidate {
  attempt: Attempt;
  /** The checkpoint that was trained; an average is made of it. */
  model: string;
  genericUri: string | undefined;
  businessLoss: number | null;
  genericExcessError: number | null;
  /** Of an average; null where this is the training itself. */
  score: AverageScore | null;
}

interface Trained {
  attempt: Attempt;
  model: string;
  genericUri: string | undefined;
  way: string | undefined;
}

/** Teacher-forced scores of both sets at the end, of the generic one at step 0, and the rise of its loss between. */
export function trainedTrial(
  { way, ...trained }: Trained,
  { points, stopped, answerTokens }: Pick<TrainRunResult, 'points' | 'stopped' | 'answerTokens'>,
  businessAgainst: number | null,
): MixTried {
  const [first, last] = [points[0], points.at(-1)];
  return {
    ...trained,
    ...trained.attempt.ratio,
    ...(way === undefined ? {} : { way }),
    genericExcess: excessOf(first, last),
    genericExcessError: null,
    genericBefore: first?.exact['generic'] ?? null,
    genericAfter: last?.exact['generic'] ?? null,
    businessScore: last?.exact['validation'] ?? null,
    businessAgainst,
    businessLoss: last?.losses['validation'] ?? null,
    stopped: stopped !== null,
    answerTokens: answerTokens ?? null,
    score: null,
  };
}

function excessOf(first: EvaluationPoint | undefined, last: EvaluationPoint | undefined): number | null {
  const [before, after] = [first?.losses['generic'], last?.losses['generic']];
  return typeof before === 'number' && typeof after === 'number' ? after - before : null;
}

/** The tuned model as it was measured beside its averages, against its base. */
export function measuredTrial(
  trained: Trained,
  result: Pick<TrainRunResult, 'points' | 'stopped' | 'answerTokens'>,
  scores: readonly AverageScore[],
): MixTried {
  const [base, tuned] = [0, 1].map((share) => scores.find((each) => each.share === share));
  return {
    ...trainedTrial(trained, result, null),
    genericExcess: tuned?.fromBase['generic']?.mean ?? null,
    genericExcessError: tuned?.fromBase['generic']?.standardError ?? null,
    genericBefore: base?.exact['generic'] ?? null,
    genericAfter: tuned?.exact['generic'] ?? null,
    businessScore: tuned?.exact['validation'] ?? null,
    businessLoss: tuned?.losses['validation'] ?? null,
  };
}

/** An average of a trained candidate with the base, against both ends as they were measured beside it. */
export function averageTrial(trained: MixTried, score: AverageScore, scores: readonly AverageScore[]): MixTried {
  const at = (share: number) => scores.find((each) => each.share === share);
  const rise = score.fromBase['generic'];
  const averaged = `averaged to ${percent(score.share)} of the tuning`;
  return {
    ...trained,
    way: trained.way === undefined ? averaged : `${trained.way}, ${averaged}`,
    share: score.share,
    genericExcess: rise?.mean ?? null,
    genericExcessError: rise?.standardError ?? null,
    genericBefore: at(0)?.exact['generic'] ?? null,
    genericAfter: score.exact['generic'] ?? null,
    businessScore: score.exact['validation'] ?? null,
    businessAgainst: trained.businessAgainst ?? at(1)?.exact['validation'] ?? null,
    businessLoss: score.losses['validation'] ?? null,
    score,
  };
}

/** As the report shows it. */
export function trialOf(tried: MixTried, chosen: MixTried | undefined, budgets: MixBudgets): MixTrial {
  const { attempt, way, share = 1, answerTokens } = tried;
  return {
    training: attempt.name,
    mix: mixText(attempt.ratio),
    way: way ?? null,
    share,
    learningRate: attempt.learningRate,
    answerTokens: answerTokens ?? null,
    businessScore: known(tried.businessScore),
    businessLoss: known(tried.businessLoss),
    genericBefore: known(tried.genericBefore),
    genericScore: known(tried.genericAfter),
    genericExcess: known(tried.genericExcess),
    genericExcessError: known(tried.genericExcessError),
    standing: standingOf(tried, budgets),
    chosen: tried === chosen,
  };
}
