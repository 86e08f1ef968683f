import type { Decision } from '../../config/decisions.js';
import { binomial, holm } from './statistics/exact.js';
import { known, percent } from './wording.js';

/** What is left out when a multiple-choice set is asked; each part alone must not tell the answer (methods M4). */
export const probeNames = ['questionAndOptions', 'imageAndOptions', 'optionsAlone'] as const;
export type ProbeName = (typeof probeNames)[number];

const says: Record<ProbeName, string> = {
  questionAndOptions: 'question and options without the picture',
  imageAndOptions: 'picture and options without the question',
  optionsAlone: 'the options alone',
};

export interface ProbeCount {
  right: number;
  /** Items asked. */
  n: number;
  /** Share right by chance: the larger of 1 / options and the share of the commonest answer. */
  chance: number;
}

const limits = {
  alpha: 0.05,
  /** Points over chance from which a set is called guessable. */
  effect: 0.05,
  /** Below so many items 10 points over chance are seen less than nine times in ten (methods M4). */
  items: 200,
};

const usable = (count: ProbeCount | undefined): count is ProbeCount =>
  count !== undefined && count.n > 0 && count.right >= 0 && count.right <= count.n && count.chance > 0;

/** Probability of so many right or more by chance; 1 where nothing was asked. */
function tail(count: ProbeCount | undefined): number {
  if (!usable(count) || count.chance >= 1) return 1;
  const { right, n, chance } = count;
  let sum = 0;
  for (let k = right; k <= n; k++) sum += binomial(n, k, chance);
  return Math.min(1, sum);
}

/**
 * Can the answers be guessed (R7, methods M4)? One-sided binomial tests, Holm over the three probes; guessable needs
 * both significance and five points over chance. A missing or small probe leaves it open unless another one settles it.
 */
export function guessability(
  probes: Partial<Record<ProbeName, ProbeCount>>,
): Decision<'fair' | 'guessable' | 'cannotTell'> {
  const evidence: Record<string, number | null> = {};
  for (const name of probeNames) {
    const count = probes[name];
    evidence[name] = count ? known(count.right / count.n) : null;
    evidence[`${name}Items`] = count?.n ?? 0;
    evidence[`${name}Chance`] = count ? known(count.chance) : null;
  }
  const pValues = probeNames.map((name) => tail(probes[name]));
  const significant = holm(pValues, limits.alpha);
  const over = (count: ProbeCount) => count.right / count.n - count.chance;
  const guessed = probeNames.filter((name, index) => {
    const count = probes[name];
    return usable(count) && significant[index] && over(count) >= limits.effect;
  });
  const [first] = guessed;
  const count = first && probes[first];
  if (first && count) {
    const shares = `${percent(count.right / count.n)} of ${count.n}, by chance ${percent(count.chance)}`;
    const reason = `From ${says[first]} the right option is found too often (${shares}).`;
    return { verdict: 'guessable', reason, evidence: { ...evidence, by: guessed.join(', ') } };
  }
  const missing = probeNames.filter((name) => (probes[name]?.n ?? 0) < limits.items || !usable(probes[name]));
  if (missing.length === 0)
    return { verdict: 'fair', reason: 'None of the three probes finds the right option beyond chance.', evidence };
  const settles = `${limits.items} items asked by ${missing.map((name) => says[name]).join('; ')}.`;
  return { verdict: 'cannotTell', reason: 'Not every probe was asked of enough items.', evidence, settles };
}

/**
 * How much a model prefers a place: the best recall by place of the right option over the mean (methods M4). Above
 * ten points score over all rotations of the options. Null without an answer at every place.
 */
export function positionBias(
  byPlace: readonly { right: number; n: number }[],
): { bias: number; rotate: boolean } | null {
  if (byPlace.length < 2 || byPlace.some(({ n }) => !(n > 0))) return null;
  const recalls = byPlace.map(({ right, n }) => right / n);
  const bias = Math.max(...recalls) - recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  return { bias, rotate: bias > 0.1 };
}
