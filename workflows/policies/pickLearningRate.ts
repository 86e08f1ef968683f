import type { Decision } from '../../config/decisions.js';
import { figure } from './wording.js';

export interface Trial {
  name: string;
  learningRate: number;
  /** Validation answer loss at the rung, nats a token. */
  loss: number | null;
  standardError: number | null;
  exact: number | null;
  genericLoss: number | null;
  /** Why it failed; null when it did not. */
  failed: string | null;
}

export interface SweepLimits {
  grid: readonly number[];
  /** Relative difference of loss that counts. */
  minimumEffect: number;
  extendAtEdge: boolean;
  /** Extensions made so far. */
  extensions: number;
}

/** How often a best rate at the grid's edge may extend the grid. */
export const maximumExtensions = 2;

type Ranked = Trial & { loss: number };

/** The best trial, and the one taken among those that tie with it: less generic loss, then the lower rate (methods M6). */
function rank(trials: readonly Trial[], minimumEffect: number): { best: Ranked; taken: Ranked; ties: number } | null {
  const worked = trials
    .filter((trial): trial is Ranked => trial.failed === null && trial.loss !== null && Number.isFinite(trial.loss))
    .toSorted((a, b) => a.loss - b.loss || a.learningRate - b.learningRate);
  const [best] = worked;
  if (!best) return null;
  const error = Number.isFinite(best.standardError) ? (best.standardError ?? 0) : 0;
  const tied = worked.filter(({ loss }) => loss - best.loss <= Math.max(error, minimumEffect * best.loss));
  const generic = ({ genericLoss }: Trial) => (Number.isFinite(genericLoss) ? Number(genericLoss) : Number.MAX_VALUE);
  const [taken = best] = tied.toSorted((a, b) => generic(a) - generic(b) || a.learningRate - b.learningRate);
  return { best, taken, ties: tied.length - 1 };
}

/** The rate one step beyond the edge that `rate` lies on, by the grid's own ratio there; null inside or without a ratio. */
function beyondEdge(rate: number, rates: readonly number[]): number | null {
  const sorted = [...new Set(rates)].sort((a, b) => a - b);
  const place = sorted.indexOf(rate);
  const neighbour = sorted[place === 0 ? 1 : place - 1];
  if (neighbour === undefined || (place > 0 && place < sorted.length - 1)) return null;
  return Number((rate * (rate / neighbour)).toPrecision(6));
}

/**
 * R10: which learning rate? By validation loss; a difference counts when it is above one standard error and above
 * `minimumEffect`. A best value at the edge of all rates tried extends the grid by one step, twice at most (methods M6). Failed
 * trials are never chosen, but they bound the grid.
 */
export function pickLearningRate(
  trials: readonly Trial[],
  { grid, minimumEffect, extendAtEdge, extensions }: SweepLimits,
): Decision<'chosen' | 'extend' | 'noneWorked'> & { learningRate: number | null } {
  const failed = trials.filter((trial) => trial.failed !== null).length;
  const counts = { trials: trials.length, failed, extensions };
  const ranked = rank(trials, minimumEffect);
  if (!ranked) {
    const first = trials.find((trial) => trial.failed !== null)?.failed?.slice(0, 200);
    const reason = `None of ${trials.length} trials gave a validation loss.${first ? ` The first failed: ${first}` : ''}`;
    return { verdict: 'noneWorked', reason, evidence: counts, learningRate: null };
  }
  const { best, taken, ties } = ranked;
  const { learningRate, loss, exact, genericLoss } = taken;
  const evidence = {
    ...counts,
    learningRate,
    loss,
    exact,
    genericLoss,
    bestLoss: best.loss,
    bestRate: best.learningRate,
    ties,
  };
  const next = beyondEdge(best.learningRate, [...grid, ...trials.map((trial) => trial.learningRate)]);
  if (extendAtEdge && extensions < maximumExtensions && taken === best && next !== null)
    return {
      verdict: 'extend',
      reason: `The lowest validation loss, ${figure(loss)}, is at the edge of the grid (${figure(learningRate)}): ${figure(next)} is tried too.`,
      evidence,
      learningRate: next,
    };
  const tie =
    taken === best
      ? ''
      : ` It ties with ${figure(best.learningRate)} (${figure(best.loss)}) and costs less generic ability or is the lower rate.`;
  const reason = `${figure(learningRate)} has a validation loss of ${figure(loss)} after the same epochs as ${trials.length - 1} others.${tie}`;
  return { verdict: 'chosen', reason, evidence, learningRate };
}
