import type { Decision } from '../../config/decisions.js';
import type { TrainerCapabilities } from '../../config/training.js';
import { type ErrorKind, preferenceKinds } from './preferences/errorKind.js';
import type { Headroom } from './preferences/passAt.js';
import { minimumGroups } from './statistics/interval.js';
import { known, percent } from './wording.js';

/** What the tuned model shows when it answers training items several times. */
export interface AlignFigures {
  /** Why the supervised tuning is not sound; null where it is. */
  unsound: string | null;
  headroom: Headroom;
  /** Tries of `headroom.many`. */
  tries: number;
  /** Wrong answers by kind. */
  errors: Readonly<Record<ErrorKind, number>>;
  /** Preference pairs there are, own and a person's. */
  pairs: number;
}

export interface AlignLimits {
  minimumPairs: number;
  /** Gain of many tries over one that says right answers are in reach. */
  minimumGain: number;
  /** Share of the wrong answers that preferences could mend. */
  minimumShare: number;
}

/** Said in every decision, since it is asked every time (R3, methods M10). */
export const neverPpo =
  'PPO is never used: four models in memory and a reward that must be built and can be gamed, where pairs of checked answers carry the same signal.';

function preferenceShare(errors: AlignFigures['errors']): number {
  const all = Object.values(errors).reduce((sum, count) => sum + count, 0);
  return preferenceKinds.reduce((sum, kind) => sum + errors[kind], 0) / all;
}

/** What is missing for preferences to help, each in words. */
function missing(figures: AlignFigures, limits: AlignLimits): string[] {
  const { unsound, headroom, tries, errors, pairs } = figures;
  const { gain } = headroom;
  const share = preferenceShare(errors);
  return [
    ...(unsound ? [`sound tuning (${unsound})`] : []),
    ...(gain.lower > 0 && gain.mean >= limits.minimumGain
      ? []
      : [
          `right answers in reach (best of ${tries} gains ${percent(gain.mean)}, ${percent(limits.minimumGain)} wanted)`,
        ]),
    ...(share >= limits.minimumShare
      ? []
      : [
          Number.isFinite(share)
            ? `errors that preferences mend (${percent(share)} of them, the rest want examples)`
            : 'errors that preferences mend (every answer was right)',
        ]),
    ...(pairs >= limits.minimumPairs ? [] : [`pairs (${pairs} of ${limits.minimumPairs})`]),
  ];
}

/** R3: is fine control over the output what lacks, so that training on preferences can help? */
export function whenToAlign(figures: AlignFigures, limits: AlignLimits): Decision<'align' | 'stay' | 'cannotTell'> {
  const { headroom, errors, pairs, tries } = figures;
  const { gain, one, many, groups } = headroom;
  const evidence = {
    tries,
    passOne: known(one),
    passMany: known(many),
    gain: known(gain.mean),
    gainLower: known(gain.lower),
    groups,
    pairs,
    preferenceShare: known(preferenceShare(errors)),
    ...Object.fromEntries(Object.entries(errors).map(([kind, count]) => [`errors ${kind}`, count])),
    ppo: 'never',
  };
  const lacks = missing(figures, limits);
  if (groups < minimumGroups || !Number.isFinite(one))
    return {
      verdict: 'cannotTell',
      reason: `Only ${groups} groups were asked ${tries} times; below ${minimumGroups} there is no verdict. ${neverPpo}`,
      evidence: { ...evidence, missing: 'groups' },
      settles: `${tries} answers each to ${minimumGroups} groups of training items.`,
    };
  const reach = `${percent(one)} right at the first try, ${percent(many)} in ${tries}`;
  if (lacks.length > 0)
    return {
      verdict: 'stay',
      reason: `${reach}. No preferences are trained; missing: ${lacks.join('; ')}. ${neverPpo}`,
      evidence: { ...evidence, missing: lacks.map((each) => each.replace(/ \(.*$/, '')).join(', ') },
    };
  return {
    verdict: 'align',
    reason: `${reach}, and ${percent(preferenceShare(errors))} of the errors are of a kind that preferences mend: DPO on ${pairs} pairs. ${neverPpo}`,
    evidence: { ...evidence, missing: null },
  };
}

/** A setting asks for it whatever the figures say; without any pair there is nothing to train on. */
export function forcedToAlign(
  asked: Decision<'align' | 'stay' | 'cannotTell'>,
  { pairs }: Pick<AlignFigures, 'pairs'>,
): Decision<'align' | 'stay' | 'cannotTell'> {
  if (pairs < 2) return { ...asked, verdict: 'stay', reason: `There are no pairs to train on. ${asked.reason}` };
  return { ...asked, verdict: 'align', reason: `The setting align.when is on. By the figures: ${asked.reason}` };
}

/** Known before anything is asked: a trainer that has no DPO. Null where it has. */
export function lacksDpo({ name, methods }: TrainerCapabilities): Decision<'stay'> | null {
  if (methods.includes('dpo')) return null;
  const reason = `${name} can't train on preferences; it can by ${methods.join(', ')}. ${neverPpo}`;
  return { verdict: 'stay', reason, evidence: { missing: 'a trainer with dpo', ppo: 'never' } };
}
