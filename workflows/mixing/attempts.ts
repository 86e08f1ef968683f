/** What the step `mixGeneric` trains, one after the other, and how a verdict names it. Pure. */
import type { MixAlternative, MixRatio, RecipeSettings } from '../../config/settings.js';
import type { Tuning } from '../../config/sweep.js';
import { mixText } from '../plan.js';

export interface Attempt {
  /** As the training is called. */
  name: string;
  ratio: MixRatio;
  /** What is cheap in place of more generic data, where this is not a ratio alone. */
  alternative: MixAlternative | null;
  learningRate: number;
  tuning?: Tuning | undefined;
}

/** How a verdict and the report call each. */
const wordsOf: Record<MixAlternative, string> = {
  lowerRate: 'half the rate',
  lowRank: 'a quarter of the rank',
  ownAnswers: 'generic answers of the base itself',
};
export const averagedWords = 'averaged with the base';

export function wayOf({ alternative }: Pick<Attempt, 'alternative'>): string | undefined {
  return alternative === null ? undefined : wordsOf[alternative];
}

/** The verdict on an attempt: its ratio, what else is done, and whether the result is averaged with the base. */
export function verdictOf(attempt: Pick<Attempt, 'ratio' | 'alternative'>, averaged: boolean): string {
  const ways = [wayOf(attempt), averaged ? averagedWords : undefined].filter((way) => way !== undefined);
  return [mixText(attempt.ratio), ...ways].join(', ');
}

/** What a person's verdict asks for, as "5 business : 1 generic, averaged with the base" or "5:1"; undefined if none. */
export function wishOf(
  verdict: string | undefined,
): (Pick<Attempt, 'ratio' | 'alternative'> & { averaged: boolean }) | undefined {
  const [business, generic] = (verdict ?? '').split(':').map((side) => Number.parseFloat(side));
  if (!verdict || !business || generic === undefined || Number.isNaN(generic)) return undefined;
  const alternatives = Object.keys(wordsOf) as MixAlternative[];
  const alternative = alternatives.find((each) => verdict.includes(wordsOf[each])) ?? null;
  return { ratio: { business, generic }, alternative, averaged: verdict.includes(averagedWords) };
}

export interface Settled {
  learningRate: number;
  tuning?: Tuning | undefined;
}

/** How much of the rate, and of the rank, the alternatives leave (methods M8). */
const ofTheRate = 0.5;
const ofTheRank = 0.25;

export function attemptOf(
  ratio: MixRatio,
  alternative: MixAlternative | null,
  { learningRate, tuning }: Settled,
  defaults: Tuning,
): Attempt {
  const suffix =
    alternative === null ? '' : `-${alternative.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const attempt = { name: `mix/${ratio.business}-${ratio.generic}${suffix}`, ratio, alternative, learningRate, tuning };
  if (alternative === 'lowerRate') return { ...attempt, learningRate: learningRate * ofTheRate };
  if (alternative !== 'lowRank') return attempt;
  const { loraRank, ...others } = tuning ?? defaults;
  return { ...attempt, tuning: { ...others, loraRank: Math.max(1, Math.round((loraRank ?? 1) * ofTheRank)) } };
}

/** The ratios in their order; after the first of them, at its ratio, the alternatives that a task wishes; a lower rank where there is one. */
export function attemptsOf(mix: RecipeSettings['mix'], settled: Settled, defaults: Tuning): Attempt[] {
  const [first, ...others] = mix.ratios;
  if (!first) return [];
  // Settings that an older run recorded name no alternatives.
  const wished = first.generic > 0 ? (mix.alternatives ?? []) : [];
  const hasRank = (settled.tuning ?? defaults).loraRank !== null;
  const alternatives = wished.filter((alternative) => alternative !== 'lowRank' || hasRank);
  return [
    attemptOf(first, null, settled, defaults),
    ...alternatives.map((alternative) => attemptOf(first, alternative, settled, defaults)),
    ...others.map((ratio) => attemptOf(ratio, null, settled, defaults)),
  ];
}
