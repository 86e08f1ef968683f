import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';
import { type Outcome, rankedOf } from './outcome.js';

export interface Noise {
  /** Standard deviation of the loss between seeds, nats a token; null where it is not known. */
  sd: number | null;
  /** Degrees of freedom. */
  freedom: number;
  /** Mean loss of the trainings it was measured on; null where it is not known. */
  loss: number | null;
}

/**
 * The standard deviation between seeds at another loss: the same share of it, for seeds differ by whole nats while a model
 * learns its first steps and by hundredths once it has (docs/benchmarks.md, Sweep). Null where it is not known.
 */
export function noiseAt(loss: number, { sd, loss: measuredAt }: Pick<Noise, 'sd' | 'loss'>): number | null {
  return sd === null || measuredAt === null || measuredAt <= 0 ? sd : (sd * loss) / measuredAt;
}

/** Noise between seeds, pooled over trials that have several: the loss of a trial is its own mean and this. */
export function seedNoise(outcomes: readonly Outcome[]): Noise {
  const byTrial = new Map<string, number[]>();
  for (const { trial, loss } of rankedOf(outcomes)) byTrial.set(trial, [...(byTrial.get(trial) ?? []), loss]);
  let squares = 0;
  let freedom = 0;
  for (const losses of byTrial.values()) {
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    squares += losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
    freedom += losses.length - 1;
  }
  const all = [...byTrial.values()].flat();
  const loss = all.length > 0 ? all.reduce((sum, each) => sum + each, 0) / all.length : null;
  return { sd: freedom > 0 ? Math.sqrt(squares / freedom) : null, freedom, loss };
}

/** R10: two trials are called different only beyond the noise between seeds, so it is measured first (methods M6). */
export function judgeNoise(outcomes: readonly Outcome[]): Decision<'measured' | 'cannotTell'> & Noise {
  const noise = seedNoise(outcomes);
  const seeds = rankedOf(outcomes).length;
  const evidence = { seeds, failed: outcomes.length - seeds, seedSd: noise.sd };
  if (noise.sd === null)
    return {
      verdict: 'cannotTell',
      reason: `${seeds} of ${outcomes.length} seeds of the best rate gave a validation loss: the noise between seeds is not known, and no trial is promoted beyond the quota.`,
      evidence,
      settles: 'Two seeds that work: set sweep.seeds to 2 or more.',
      ...noise,
    };
  const reason = `${seeds} seeds of the best rate differ by ${figure(noise.sd)} nats (standard deviation).`;
  return { verdict: 'measured', reason, evidence, ...noise };
}
