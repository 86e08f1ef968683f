import type { Tuning } from '../../../config/sweep.js';

/** What one training of one trial gave: a cell of the sweep's table. */
export interface Outcome {
  trial: string;
  tuning: Tuning;
  /** From 1. */
  rung: number;
  /** From 1, the recipe's own. */
  seed: number;
  /** Passes over the business data in all, and those that this training added to the rung below. */
  epochs: number;
  addedEpochs: number;
  /** Lowest validation loss of the trial up to this rung, nats a token. */
  loss: number | null;
  standardError: number | null;
  genericLoss: number | null;
  /** Optimizer steps and seconds of this training alone. */
  steps: number;
  seconds: number;
  /** Where the next rung goes on from. */
  checkpoint: string | null;
  /** Why it failed; null when it did not. */
  failed: string | null;
}

export type Ranked = Outcome & { loss: number };

/** Those that worked, the lowest loss first, in the order of their names where losses are equal. */
export function rankedOf(outcomes: readonly Outcome[]): Ranked[] {
  return outcomes
    .filter((each): each is Ranked => each.failed === null && each.loss !== null && Number.isFinite(each.loss))
    .toSorted((a, b) => a.loss - b.loss || a.trial.localeCompare(b.trial, 'en', { numeric: true }));
}

/** Those of the highest rung that any of them reached: losses of different lengths are not compared. */
export function furthestOf(outcomes: readonly Outcome[]): Outcome[] {
  const reached = outcomes.filter(({ failed }) => failed === null).map(({ rung }) => rung);
  return outcomes.filter(({ rung }) => rung >= Math.max(...reached));
}
