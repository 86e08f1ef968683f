import type { Decision } from '../../config/decisions.js';
import type { EvaluationPoint } from '../../config/training.js';
import {
  centredMeans,
  exactOf,
  genericAllowance,
  inOrder,
  lossesOf,
  oneSided,
  pairedError,
  type WatchdogLimits,
} from './curve.js';
import { noiseOf } from './statistics/trend.js';
import { figure, percent } from './wording.js';

type Limits = Pick<WatchdogLimits, 'genericBudget' | 'genericFloor' | 'genericBaseline'>;

interface Candidate {
  step: number;
  /** Smoothed, as are excess and share. */
  validation: number;
  /** Null where the generic set is not measured. */
  excess: number | null;
  exact: number | null;
  /** Of this checkpoint alone. */
  own: { validation: number; exact: number | null };
}

/** How one is kept; runs from before kept the `earliest` of ties, and left none out. */
export interface Keeping {
  /** Which of those within one standard error. */
  ties: 'lowest' | 'earliest';
  /** What becomes of those that answer less than half as many right as another one. */
  useless: 'leftOut' | 'candidates';
}

const asNow: Keeping = { ties: 'lowest', useless: 'leftOut' };

/** A gain in whole answers right below one point does not matter (methods, rule 3). */
const minimumGain = 0.01;
/** Noise of a mean of three, and of the difference of two such means. */
const ofMean = Math.sqrt(1 / 3);
const ofDifference = Math.sqrt(2 / 3);

/** Those with a validation loss; where the generic loss was measured for some after step 0, those with both. */
function judgeable(points: readonly EvaluationPoint[]): EvaluationPoint[] {
  const validated = points.filter(({ losses }) => Number.isFinite(losses['validation']));
  const guarded = validated.filter(({ losses }) => Number.isFinite(losses['generic']));
  return guarded.some(({ step }) => step > 0) ? guarded : validated;
}

/** The points after step 0, smoothed among themselves: the untouched model is the baseline and no candidate. */
function candidatesOf(
  points: readonly EvaluationPoint[],
  base: Limits['genericBaseline'],
): { candidates: Candidate[]; firstGeneric: number | null } {
  const judged = judgeable(points);
  const all = lossesOf(judged, 'generic');
  const firstGeneric = all.length === judged.length ? (base?.loss ?? all[0] ?? null) : null;
  const trained = judged.filter(({ step }) => step > 0);
  const validation = centredMeans(lossesOf(trained, 'validation'));
  const generic = centredMeans(lossesOf(trained, 'generic'));
  const shares = exactOf(trained, 'validation');
  const exact = shares.length === trained.length ? centredMeans(shares) : [];
  const candidates = trained.map(({ step, losses }, index) => ({
    step,
    validation: validation[index] ?? Number.NaN,
    excess: firstGeneric === null ? null : (generic[index] ?? Number.NaN) - firstGeneric,
    exact: exact[index] ?? null,
    own: {
      validation: losses['validation'] ?? Number.NaN,
      exact: shares.length === trained.length ? (shares[index] ?? null) : null,
    },
  }));
  return { candidates, firstGeneric };
}

/** Of those whose figure is within one standard error of the lowest the one that is lowest by itself, or the earliest. */
function lowestOf(
  candidates: readonly Candidate[],
  { figureOf, ownOf, error }: { figureOf: (of: Candidate) => number; ownOf: (of: Candidate) => number; error: number },
  ties: Keeping['ties'],
): Candidate | undefined {
  const lowest = Math.min(...candidates.map(figureOf));
  const tied = candidates.filter((candidate) => figureOf(candidate) <= lowest + error);
  return ties === 'earliest' ? tied[0] : tied.toSorted((a, b) => ownOf(a) - ownOf(b) || a.step - b.step)[0];
}

/** By loss, unless another one surely answers more items right: loss may rise from over-confidence alone. */
function bestOf(
  candidates: readonly Candidate[],
  points: readonly EvaluationPoint[],
  ties: Keeping['ties'],
): { best: Candidate | undefined; by: 'loss' | 'exact' } {
  const lossNoise = noiseOf(lossesOf(points, 'validation'));
  const loss = { figureOf: (of: Candidate) => of.validation, ownOf: (of: Candidate) => of.own.validation };
  const byLoss = lowestOf(candidates, { ...loss, error: lossNoise * ofMean }, ties);
  const noise = noiseOf(exactOf(points, 'validation'));
  const wrong = { figureOf: (of: Candidate) => -(of.exact ?? 0), ownOf: (of: Candidate) => -(of.own.exact ?? 0) };
  const byExact = lowestOf(candidates, { ...wrong, error: noise * ofMean }, ties);
  const gain = (byExact?.exact ?? 0) - (byLoss?.exact ?? 0);
  const real = gain > Math.max(minimumGain, 2 * noise * ofDifference);
  return real ? { best: byExact, by: 'exact' } : { best: byLoss, by: 'loss' };
}

/** A hardly tuned model keeps its general ability, and is of no use: those that answer at least half as many right as another. */
function usefulOf(candidates: readonly Candidate[]): Candidate[] {
  const most = Math.max(0, ...candidates.map(({ exact }) => exact ?? 0));
  return candidates.filter(({ exact }) => exact === null || exact >= most / 2);
}

/**
 * R16: which checkpoint is kept (methods M7)? The lowest smoothed validation loss whose smoothed generic loss is inside
 * its budget; of ties within one standard error the lowest by itself, for neighbours differ by more than their items do
 * (docs/benchmarks.md, Hindsight), then the earlier. When none is inside, the one with the least excess. Those that answer
 * less than half as many right as another are left out.
 */
export function chooseCheckpoint(
  given: readonly EvaluationPoint[],
  limits: Limits,
  { ties, useless }: Keeping = asNow,
): Decision<'chosen' | 'noneWithinBudget' | 'cannotTell'> & { step: number | null } {
  const points = inOrder(given);
  const { candidates, firstGeneric } = candidatesOf(points, limits.genericBaseline);
  const allowed = firstGeneric === null ? null : genericAllowance(firstGeneric, limits);
  const useful = useless === 'leftOut' ? usefulOf(candidates) : candidates;
  const inside = useful.filter(({ excess }) => excess === null || allowed === null || excess <= allowed);
  const { best, by } = bestOf(inside, points, ties);
  const excessOf = ({ excess }: Candidate) => excess ?? 0;
  const least = best ?? lowestOf(useful, { figureOf: excessOf, ownOf: excessOf, error: 0 }, 'earliest');
  if (!least)
    return {
      verdict: 'cannotTell',
      reason: 'No point after step 0 has a validation loss.',
      evidence: { points: points.length },
      settles: 'A training with at least one evaluation after its first step.',
      step: null,
    };
  const { step, validation, excess, exact } = least;
  // Of the kept one and its neighbours, as its smoothed losses are.
  const around = points.slice(0, points.findIndex((point) => point.step === step) + 2);
  const ownError = pairedError(around, 'generic', 'sinceFirst');
  const genericError = ownError === null ? null : Math.hypot(limits.genericBaseline?.error ?? 0, ownError);
  const evidence = {
    step,
    validation,
    exact,
    genericExcess: excess,
    genericError,
    genericAllowed: allowed,
    candidates: candidates.length,
    useless: candidates.length - useful.length,
    inside: inside.length,
    by,
  };
  const generic =
    excess === null
      ? 'generic loss not measured'
      : `generic loss ${excess >= 0 ? '+' : ''}${figure(excess)} of ${figure(allowed ?? 0)} nats allowed`;
  const says = `Step ${step}: smoothed validation loss ${figure(validation)}${exact === null ? '' : `, ${percent(exact)} whole answers right`}, ${generic}`;
  const settles = eitherSide({ excess, allowed, error: genericError });
  const told = { evidence, step, ...(settles === null ? {} : { settles }) };
  if (best) return { verdict: 'chosen', reason: `${says}; the best of ${inside.length} inside the budget.`, ...told };
  const reason = `${says}: no checkpoint is inside the generic budget, this one exceeds it least.`;
  return { verdict: 'noneWithinBudget', reason, ...told };
}

/** What would say on which side of the budget a checkpoint is, where its generic items are too few for that; else null. */
function eitherSide(rise: { excess: number | null; allowed: number | null; error: number | null }): string | null {
  const { excess, allowed, error } = rise;
  if (excess === null || allowed === null || error === null) return null;
  if (Math.abs(excess - allowed) > oneSided * error) return null;
  return `More generic items at an evaluation (training.evaluationItems, or a larger generic set): with a standard error of ${figure(error)} nats these cannot tell on which side of its budget the generic loss is.`;
}
