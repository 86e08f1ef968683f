import type { Interval } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import { minimumGroups } from './statistics/interval.js';
import { known, withInterval } from './wording.js';

/** Above this share of items lost to transport faults there is no verdict (methods, rule 5). */
export const maximumExcluded = 0.02;

export interface Target {
  score: number;
  formatValidity: number;
}

export interface ScoreGate {
  side: 'above' | 'below' | 'between';
  reason: string;
  /** For `between`: what would settle it. */
  settles: string;
}

/** Why an evaluation carries no verdict at all; null when it does. */
export function untrustworthy({ asked, excluded, score }: Evaluation): ScoreGate | null {
  const say = (reason: string, settles: string): ScoreGate => ({ side: 'between', reason, settles });
  if (asked === 0 || score.n === 0) return say('No answer was scored.', 'At least 10 held-out items.');
  if (![score.mean, score.lower, score.upper].every(Number.isFinite))
    return say('The score is not a number.', 'Score the answers again.');
  if (excluded / asked > maximumExcluded)
    return say(
      `${excluded} of ${asked} items got no answer from the endpoint: above 2 % there is no verdict.`,
      `Ask those ${excluded} again once the endpoint is well.`,
    );
  if (score.groups < minimumGroups)
    return say(
      `Only ${score.groups} independent groups were asked; below ${minimumGroups} there is no verdict.`,
      `At least ${minimumGroups - score.groups} more held-out groups.`,
    );
  return null;
}

/** Independent items that would move the nearer bound past the target, by the width shrinking with the root of n. */
function itemsNeeded({ mean, lower, upper, n }: Interval, target: number): number | null {
  const gap = Math.abs(mean - target);
  const half = mean >= target ? mean - lower : upper - mean;
  return gap < 0.005 ? null : Math.ceil(n * (half / gap) ** 2);
}

function settledBy(interval: Interval, target: number): string {
  const needed = itemsNeeded(interval, target);
  if (needed === null) return 'Nothing cheap: the score lies on the target. Set the target a point lower or higher.';
  return `About ${Math.max(1, needed - interval.n)} more held-out items, at one call each.`;
}

/**
 * Which side of the target a score's interval lies on (methods M1). Where one class holds over 60 % the recall averaged
 * by class must reach the target too: always naming that class is no knowledge (R1).
 */
export function gateScore(evaluation: Evaluation, target: number): ScoreGate {
  const faulty = untrustworthy(evaluation);
  if (faulty) return faulty;
  const { score, balanced } = evaluation;
  if (score.upper < target)
    return { side: 'below', reason: `Scores ${withInterval(score)}: below the target of ${target}.`, settles: '' };
  if (balanced !== null) {
    const recall = evaluation.balancedInterval ?? { ...score, mean: balanced, lower: balanced, upper: balanced };
    const says = `Recall averaged by class is ${withInterval(recall)}, with one class holding over 60 %`;
    if (recall.upper < target) return { side: 'below', reason: `${says}: below the target of ${target}.`, settles: '' };
    if (recall.mean < target)
      return {
        side: 'between',
        reason: `${says}: not clear of the target of ${target}.`,
        settles: 'More held-out items of the rare classes.',
      };
  }
  if (score.lower >= target)
    return { side: 'above', reason: `Scores ${withInterval(score)}: at least the target of ${target}.`, settles: '' };
  return {
    side: 'between',
    reason: `Scores ${withInterval(score)}: the target of ${target} lies inside the interval.`,
    settles: settledBy(score, target),
  };
}

/** The figures of a score gate as evidence. */
export function scoreEvidence({ score, balanced, majorityBaseline, excluded, asked }: Evaluation) {
  const { mean, lower, upper, n, groups } = score;
  const bounds = { score: known(mean), lower: known(lower), upper: known(upper), n, groups };
  return { ...bounds, balanced: known(balanced), majorityBaseline: known(majorityBaseline), excluded, asked };
}
