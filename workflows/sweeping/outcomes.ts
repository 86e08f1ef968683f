/** What a training says of its trial. Pure. */
import type { SweepTrial } from '../../config/sweep.js';
import type { EvaluationPoint } from '../../config/training.js';
import type { Outcome } from '../policies/sweep/outcome.js';
import type { Wish } from './world.js';

/** What is looked at of a finished training. */
export interface Trained {
  points: readonly EvaluationPoint[];
  checkpoints: readonly { uri: string }[];
  failed: string | null;
  seconds: number;
}

/**
 * The lowest validation loss of the trial so far: the checkpoint that R16 would choose later. The untrained model does not
 * count. Losses of the rung below hold on where this rung found no lower one.
 */
export function outcomeOf(wish: Wish, { points, checkpoints, failed, seconds }: Trained): Outcome {
  const { trial, tuning, rung, seed, epochs, below } = wish;
  const begun = points[0]?.step ?? 0;
  const lowest = points
    .filter(({ step, losses }) => step > begun && Number.isFinite(losses['validation']))
    .toSorted((a, b) => Number(a.losses['validation']) - Number(b.losses['validation']))[0];
  const better = below === null || below.loss === null || Number(lowest?.losses['validation']) < below.loss;
  return {
    trial,
    tuning,
    rung,
    seed,
    epochs,
    addedEpochs: epochs - (below?.epochs ?? 0),
    loss: better ? (lowest?.losses['validation'] ?? null) : below.loss,
    standardError: better ? (lowest?.standardErrors['validation'] ?? null) : below.standardError,
    genericLoss: better ? (lowest?.losses['generic'] ?? null) : below.genericLoss,
    steps: (points.at(-1)?.step ?? begun) - begun,
    seconds,
    checkpoint: checkpoints.at(-1)?.uri ?? null,
    failed,
  };
}

/** The training's name in the run: sweep/trial-3/rung-2, and its seed where that is not the recipe's. */
export function nameOf({ trial, rung, seed }: Pick<Outcome, 'trial' | 'rung' | 'seed'>): string {
  return `sweep/${trial}/rung-${rung}${seed > 1 ? `/seed-${seed}` : ''}`;
}

export function shownOf({ trial, rung, seed, tuning, loss, standardError }: Outcome, fate: string | null): SweepTrial {
  return { trial, rung, seed, tuning, loss, standardError, fate };
}
