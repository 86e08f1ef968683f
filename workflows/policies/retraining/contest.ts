import type { Decision } from '../../../config/decisions.js';
import { maximumExcluded } from '../scoreGate.js';
import { percent } from '../wording.js';
import { type Contest, type PromotionLimits, promotion } from './promotion.js';

/** The gate, where so few items were lost to faults of transport that it can be trusted (methods, rule 5). */
export function judgeContest(
  contest: Contest,
  { asked, excluded }: { asked: number; excluded: number },
  limits: PromotionLimits,
): Decision<'promote' | 'keep' | 'cannotTell'> {
  const share = asked > 0 ? excluded / asked : 0;
  if (share <= maximumExcluded) return promotion(contest, limits);
  return {
    verdict: 'cannotTell',
    reason: `${excluded} of ${asked} items (${percent(share)}) got no answer from one of the models. The champion stays.`,
    evidence: { asked, excluded, round: limits.round },
    settles: 'Another round, once the machine is well.',
  };
}
