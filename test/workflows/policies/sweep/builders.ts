import type { Tuning } from '../../../../config/sweep.js';
import type { Outcome } from '../../../../workflows/policies/sweep/outcome.js';

export const tuning: Tuning = { learningRate: 1e-4, batchSize: 16, loraRank: null, warmupRatio: 0.03 };

/** A cell of a sweep's table; only what matters to a test is given. */
export function outcomeOf(trial: string, loss: number | null, rest: Partial<Outcome> = {}): Outcome {
  return {
    trial,
    tuning,
    rung: 1,
    seed: 1,
    epochs: 1,
    addedEpochs: 1,
    loss,
    standardError: 0.001,
    genericLoss: null,
    steps: 10,
    seconds: 10,
    checkpoint: null,
    failed: null,
    ...rest,
  };
}

/** One trial a loss: trial-1, trial-2 and so on. */
export function outcomesOf(losses: readonly (number | null)[]): Outcome[] {
  return losses.map((loss, index) => outcomeOf(`trial-${index + 1}`, loss));
}
