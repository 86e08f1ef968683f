import { figure } from '../wording.js';
import { type Noise, noiseAt } from './noise.js';
import { type Outcome, type Ranked, rankedOf } from './outcome.js';

/** So many standard errors of a difference are no noise. */
const surely = 2;

/**
 * R10: the rates that a lower one is already ahead of, with the reason, by the names of their trials; all after the same epochs and
 * alike but for the rate. High rates learn fast and end worse, so that one which has been overtaken is not first again, while one that
 * is slow may yet be (docs/benchmarks.md, Sweep). A difference counts beyond two standard errors of it by the noise between
 * seeds; where that is not known, none does.
 */
export function overtaken(
  outcomes: readonly Outcome[],
  noise: Pick<Noise, 'sd' | 'loss'> | null,
): Record<string, string> {
  const ranked = rankedOf(outcomes);
  const fates: Record<string, string> = {};
  for (const high of ranked) {
    const low = ranked.find((each) => isLower(each, high) && high.loss - each.loss > marginOf(each, high, noise));
    if (low === undefined) continue;
    const ahead = `${figure(low.tuning.learningRate)} is already ${figure(high.loss - low.loss)} ahead of it`;
    fates[high.trial] = `left: ${ahead}, and a lower rate only gains with length`;
  }
  return fates;
}

function isLower(one: Outcome, other: Outcome): boolean {
  return one.tuning.learningRate < other.tuning.learningRate;
}

function marginOf(one: Ranked, other: Ranked, noise: Pick<Noise, 'sd' | 'loss'> | null): number {
  const at = (loss: number) => (noise === null ? null : noiseAt(loss, noise)) ?? Number.POSITIVE_INFINITY;
  return surely * Math.hypot(at(one.loss), at(other.loss));
}
