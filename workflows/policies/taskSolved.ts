import type { Decision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import { gateScore, scoreEvidence, type Target, untrustworthy } from './scoreGate.js';
import { known, percent, withInterval } from './wording.js';

type Side = { side: 'above' | 'below' | 'between'; reason: string; settles: string };

/** What is left of general ability, as a share of what it was (R12, R16). */
function gateGeneric(
  before: Evaluation | null,
  after: Evaluation | null,
  keep: number,
): Side & { kept: number | null } {
  if (!before && !after) return { side: 'above', reason: 'General ability was not measured.', settles: '', kept: null };
  if (!before || !after)
    return {
      side: 'between',
      reason: 'General ability was measured only once.',
      settles: 'The generic set asked of the other model too.',
      kept: null,
    };
  const faulty = untrustworthy(before) ?? untrustworthy(after);
  if (faulty) return { ...faulty, reason: `General ability: ${faulty.reason}`, kept: null };
  if (!(before.score.mean > 0))
    return { side: 'above', reason: 'There was no general ability to lose.', settles: '', kept: null };
  const kept = after.score.mean / before.score.mean;
  const reason = `General ability: ${percent(before.score.mean)} before, ${percent(after.score.mean)} after; ${percent(kept)} is left, ${percent(keep)} must be.`;
  return { side: kept >= keep ? 'above' : 'below', reason, settles: '', kept };
}

/** Is the task solved: the business score at its target, and enough general ability left (R1, R12)? */
export function taskSolved(
  after: { business: Evaluation; generic: Evaluation | null },
  before: { generic: Evaluation | null },
  target: Target,
  limits: { genericKept: number },
): Decision<'solved' | 'notSolved' | 'cannotTell'> {
  const { validity } = after.business;
  const score = gateScore(after.business, target.score);
  const generic = gateGeneric(before.generic, after.generic, limits.genericKept);
  const evidence = {
    ...scoreEvidence(after.business),
    target: target.score,
    validity: known(validity.mean),
    genericKept: generic.kept,
    genericMustKeep: limits.genericKept,
  };
  const formWrong = score.side === 'above' && validity.upper < target.formatValidity;
  const form = formWrong ? ` But only ${withInterval(validity)} of the answers have the wanted form.` : '';
  const reason = `${score.reason}${form} ${generic.reason}`;
  if (score.side === 'below' || generic.side === 'below' || formWrong)
    return { verdict: 'notSolved', reason, evidence };
  if (score.side === 'above' && generic.side === 'above') return { verdict: 'solved', reason, evidence };
  return {
    verdict: 'cannotTell',
    reason,
    evidence,
    settles: [score.settles, generic.settles].filter(Boolean).join(' '),
  };
}
