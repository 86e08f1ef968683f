import type { Decision, Interval } from '../../config/decisions.js';
import type { EvaluationPoint } from '../../config/training.js';
import { exactOf, genericAllowance, inOrder, isSustained, lossesOf, type WatchdogLimits } from './curve.js';
import { figure, percent } from './wording.js';

export type AlignCause = 'likelihoodFell' | 'noMoreToLearn' | 'validityFell' | 'genericBudgetSpent' | 'longer';

export interface AlignStopLimits extends Pick<WatchdogLimits, 'genericBudget' | 'genericFloor'> {
  /** Fall of the log-probability of chosen answers that is too much, as a share of its first value, … */
  likelihoodFall: number;
  /** … and at least in nats an answer: a share of a value near zero is noise. */
  likelihoodFloor: number;
  /** Share of held-out pairs told right, above which a flat score says that only the pairs are learnt. */
  accuracy: number;
  /** Rise of the score over the last three points that counts. */
  minimumEffect: number;
  /** Growth of the mean answer length that is too much, as a share. */
  growth: number;
}

/** What the answers themselves show, where they were asked for: before, and after. */
export interface AnswerForm {
  validity: Interval;
  /** Characters, mean. */
  length: number;
}

interface Finding {
  cause: AlignCause;
  says: string;
}

function likelihood(points: readonly EvaluationPoint[], limits: AlignStopLimits): Finding | null {
  const chosen = points.flatMap(({ preferences }) => preferences?.chosen ?? []);
  const [first = Number.NaN] = chosen;
  const bound = first - Math.max(limits.likelihoodFall * Math.abs(first), limits.likelihoodFloor);
  const last = chosen.slice(1).slice(-2);
  if (last.length < 2 || !last.every((value) => value < bound)) return null;
  return {
    cause: 'likelihoodFell',
    says: `The log-probability of chosen answers fell from ${figure(first)} to ${figure(last[1] ?? Number.NaN)} nats: both sides of the pairs are unlearnt`,
  };
}

function onlyPairs(points: readonly EvaluationPoint[], limits: AlignStopLimits): Finding | null {
  const accuracy = points.at(-1)?.preferences?.accuracy ?? Number.NaN;
  const scores = exactOf(points, 'validation');
  if (!(accuracy > limits.accuracy) || scores.length < 3) return null;
  const rise = (scores.at(-1) ?? Number.NaN) - (scores.at(-3) ?? Number.NaN);
  if (!(rise < limits.minimumEffect)) return null;
  return {
    cause: 'noMoreToLearn',
    says: `${percent(accuracy)} of the held-out pairs are told right while the score stays: nothing more is learnt from them`,
  };
}

function generic(points: readonly EvaluationPoint[], limits: AlignStopLimits): Finding | null {
  const losses = lossesOf(points, 'generic');
  const [first = Number.NaN] = losses;
  if (!isSustained(losses, first + genericAllowance(first, limits))) return null;
  return { cause: 'genericBudgetSpent', says: `The generic loss rose from ${figure(first)} past its budget` };
}

function form(answers: { before: AnswerForm; after: AnswerForm }, limits: AlignStopLimits): Finding | null {
  const { before, after } = answers;
  if (after.validity.upper < before.validity.mean)
    return {
      cause: 'validityFell',
      says: `Answers in the wanted form fell from ${percent(before.validity.mean)} to ${percent(after.validity.mean)}`,
    };
  if (!(after.length > (1 + limits.growth) * before.length)) return null;
  return {
    cause: 'longer',
    says: `Answers grew from ${figure(before.length)} to ${figure(after.length)} characters: length is what was learnt`,
  };
}

/** R3: does training on preferences still help (methods M10)? The first harm that shows stops it. */
export function alignStop(
  evaluations: readonly EvaluationPoint[],
  limits: AlignStopLimits,
  answers?: { before: AnswerForm; after: AnswerForm },
): Decision<'continue' | 'stop'> & { cause: AlignCause | null } {
  const points = inOrder(evaluations);
  const found =
    likelihood(points, limits) ??
    generic(points, limits) ??
    (answers ? form(answers, limits) : null) ??
    onlyPairs(points, limits);
  const last = points.at(-1);
  const evidence = {
    points: points.length,
    cause: found?.cause ?? null,
    chosenFirst: points[0]?.preferences?.chosen ?? null,
    chosen: last?.preferences?.chosen ?? null,
    rejected: last?.preferences?.rejected ?? null,
    accuracy: last?.preferences?.accuracy ?? null,
    generic: last?.losses['generic'] ?? null,
    score: last?.exact['validation'] ?? null,
  };
  if (!found) return { verdict: 'continue', reason: 'No harm shows.', evidence, cause: null };
  return { verdict: 'stop', reason: `${found.says}.`, evidence, cause: found.cause };
}
