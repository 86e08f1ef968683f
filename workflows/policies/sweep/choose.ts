import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';
import { seedNoise } from './noise.js';
import { type Outcome, type Ranked, rankedOf } from './outcome.js';
import { evidenceOf, tuningText } from './tuningText.js';

/** Beyond two standard errors of a difference a trial behind the best is not worth further seeds. */
const beyondNoise = 2 * Math.SQRT2;

/** R10: the trials at the end that further seeds may still put first: the best, and those not surely behind it (methods M6). */
export function contenders(
  outcomes: readonly Outcome[],
  { finalists, seedSd }: { finalists: number; seedSd: number | null },
): Ranked[] {
  const ranked = rankedOf(outcomes).slice(0, finalists);
  const reach = seedSd === null ? Number.POSITIVE_INFINITY : beyondNoise * seedSd;
  return ranked.filter(({ loss }) => loss - (ranked[0]?.loss ?? 0) <= reach);
}

interface Finalist {
  first: Ranked;
  mean: number;
  seeds: number;
  genericLoss: number;
  steps: number;
}

export type Choice = Decision<'chosen' | 'noneWorked'> & { chosen: Ranked | null };

/**
 * R10: which trial is taken? The lowest mean of the validation loss over seeds. Those within one standard error of the
 * difference, or within `minimumEffect` of the loss, tie with it; a tie goes to less generic loss, then to fewer
 * steps (methods M6). Where no seed was repeated, the error over items stands for the one between seeds.
 */
export function chooseTrial(outcomes: readonly Outcome[], { minimumEffect }: { minimumEffect: number }): Choice {
  const finalists = finalistsOf(outcomes);
  const [best] = finalists;
  const failed = outcomes.filter((each) => each.failed !== null).length;
  if (!best) {
    const first = outcomes.find((each) => each.failed !== null)?.failed?.slice(0, 200);
    const reason = `No trial of the last rung gave a validation loss.${first ? ` The first failed: ${first}` : ''}`;
    return { verdict: 'noneWorked', reason, evidence: { trainings: outcomes.length, failed }, chosen: null };
  }
  const noise = seedNoise(outcomes);
  const tied = finalists.filter((each) => each.mean - best.mean <= tieOf(best, each, noise.sd, minimumEffect));
  const [taken = best] = tied.toSorted((a, b) => a.genericLoss - b.genericLoss || a.steps - b.steps || a.mean - b.mean);
  const { tuning, trial } = taken.first;
  const evidence = {
    ...evidenceOf(tuning),
    trial,
    loss: taken.mean,
    seeds: taken.seeds,
    bestTrial: best.first.trial,
    bestLoss: best.mean,
    seedSd: noise.sd,
    ties: tied.length - 1,
    finalists: finalists.length,
    failed,
  };
  const tie =
    taken === best
      ? ''
      : ` It ties with ${best.first.trial} (${figure(best.mean)}) and costs less generic ability or fewer steps.`;
  const over =
    taken.seeds > 1
      ? `a mean validation loss of ${figure(taken.mean)} over ${taken.seeds} seeds`
      : `a validation loss of ${figure(taken.mean)}`;
  const reason = `${trial} (${tuningText(tuning)}) has ${over}, the best of ${finalists.length} finalists${taken === best ? '' : ' but for noise'}.${tie}`;
  return { verdict: 'chosen', reason, evidence, chosen: taken.first };
}

/** The trials by their mean over seeds. */
function finalistsOf(outcomes: readonly Outcome[]): Finalist[] {
  const ranked = rankedOf(outcomes);
  const unsteady = new Set(outcomes.filter(({ failed }) => failed !== null).map(({ trial }) => trial));
  const names = [...new Set(ranked.map(({ trial }) => trial))];
  const steady = names.filter((name) => !unsteady.has(name));
  // A trial of which a seed failed is taken only where no other worked.
  return (steady.length > 0 ? steady : names)
    .map((name) => finalistOf(ranked.filter(({ trial }) => trial === name)))
    .toSorted((a, b) => a.mean - b.mean);
}

function finalistOf(runs: readonly Ranked[]): Finalist {
  const first = runs.toSorted((a, b) => a.seed - b.seed)[0] as Ranked;
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const generic = runs.map(({ genericLoss }) => genericLoss).filter((each): each is number => Number.isFinite(each));
  return {
    first,
    mean: mean(runs.map(({ loss }) => loss)),
    seeds: runs.length,
    genericLoss: generic.length > 0 ? mean(generic) : Number.MAX_VALUE,
    steps: first.steps,
  };
}

function tieOf(best: Finalist, other: Finalist, seedSd: number | null, minimumEffect: number): number {
  const items = Number.isFinite(best.first.standardError) ? (best.first.standardError ?? 0) : 0;
  const error = seedSd === null ? items : seedSd * Math.sqrt(1 / best.seeds + 1 / other.seeds);
  return Math.max(error, minimumEffect * best.mean);
}
