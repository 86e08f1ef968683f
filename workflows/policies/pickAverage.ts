import type { Decision } from '../../config/decisions.js';
import { type MixBudgets, type MixCandidate, pickMix, standingOf } from './pickMix.js';

/**
 * R12: how much of the tuning does the average with the base keep, after the last stage? The same rule as for a mix, of the
 * tuned model, which comes first, and its averages: where none keeps general ability and business both, no average is made.
 */
export function pickAverage(candidates: readonly MixCandidate[], budgets: MixBudgets): Decision<`share ${number}`> {
  const { chosen, reason, evidence } = pickMix(candidates, { ...budgets, more: false });
  const inside = candidates.filter((each) => standingOf(each, budgets) === 'insideBudget').length;
  const share = candidates[chosen ?? 0]?.share ?? 1;
  return { verdict: `share ${share}`, reason, evidence: { ...evidence, share, inside } };
}
