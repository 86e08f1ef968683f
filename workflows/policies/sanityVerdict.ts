import type { Decision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import { untrustworthy } from './scoreGate.js';
import { minimumGroups } from './statistics/interval.js';
import { known, percent, withInterval } from './wording.js';

export interface SanityLimits {
  /** Lower bound, as a share of what can be reached, that says canRepeat. */
  ceiling: number;
  /** Upper bound, as a share of what can be reached, that says cannotRepeat. */
  floor: number;
  /** Share of training items whose question has contradicting answers: nobody can repeat those. */
  conflictShare: number;
}

/**
 * Validation stays at chance when its interval reaches down to chance and surely shows less than half of the gain over
 * chance that the training set shows.
 */
function staysAtChance(training: Evaluation, { score }: Evaluation, chance: number): boolean {
  const half = chance + (training.score.mean - chance) / 2;
  return score.groups >= minimumGroups && score.lower <= chance && score.upper < half;
}

/**
 * R9: can the model repeat its own training set (methods M5)? `chance`: the score of always giving the commonest answer.
 * A set that is repeated while new pictures stay at chance was memorised: pictures and answers do not belong together.
 */
export function sanityVerdict(
  training: Evaluation,
  validation: Evaluation | null,
  limits: SanityLimits,
  chance: number,
): Decision<'canRepeat' | 'cannotRepeat' | 'cannotTell' | 'data:wrongImage'> {
  const reachable = 1 - limits.conflictShare;
  const { mean, lower, upper, n } = training.score;
  const figures = { score: known(mean), lower: known(lower), upper: known(upper), n };
  const evidence = { ...figures, reachable, ...limits, chance, validation: known(validation?.score.mean) };
  const faulty = untrustworthy(training);
  if (faulty) return { verdict: 'cannotTell', reason: faulty.reason, evidence, settles: faulty.settles };
  const says = `Asked its own training set back, the model scores ${withInterval(training.score)}`;
  if (upper < limits.floor * reachable)
    return {
      verdict: 'cannotRepeat',
      reason: `${says}: it cannot repeat it. Bad data or a broken framework.`,
      evidence,
    };
  if (!(lower >= limits.ceiling * reachable))
    return {
      verdict: 'cannotTell',
      reason: `${says}: not clearly above ${percent(limits.ceiling * reachable)}.`,
      evidence,
      settles:
        'More epochs (sanity.epochs), or more items to ask if it is only the interval that is wide (sanity.items).',
    };
  if (validation && staysAtChance(training, validation, chance))
    return {
      verdict: 'data:wrongImage',
      reason: `${says}, but on new pictures ${withInterval(validation.score)}, which is chance (${percent(chance)}): bad data, pictures and answers do not belong together. More epochs will not help.`,
      evidence,
    };
  const fresh = validation ? ` On new pictures: ${withInterval(validation.score)}.` : '';
  return { verdict: 'canRepeat', reason: `${says}: it can repeat it.${fresh}`, evidence };
}
