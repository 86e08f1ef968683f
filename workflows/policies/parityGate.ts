import type { Decision } from '../../config/decisions.js';
import type { Parity } from '../../config/report.js';
import { wilson } from './statistics/interval.js';
import { percent } from './wording.js';

/** Probes that a verdict "equal" needs, where the held-out data has so many. */
const minimumProbes = 300;

export interface ParityLimits {
  /** Share of answers that must be equal. */
  agreement: number;
  /** How many held-out items exist, where they are fewer than 300. */
  exist?: number;
}

/** Does the server answer as the trainer does? A wrong adapter, template or pixel limit shows here (methods M5.8). */
export function parityGate(
  { probes, agree, trainerScore, servedScore, firstDifference }: Parity,
  { agreement, exist }: ParityLimits,
): Decision<'equal' | 'differs' | 'cannotTell'> {
  const { mean, upper } = wilson(agree, probes);
  const needed = Math.max(1, Math.min(minimumProbes, exist ?? minimumProbes));
  const evidence = { probes, agree, share: mean, limit: agreement, needed, trainerScore, servedScore };
  const says = `${agree} of ${probes} answers are equal (${percent(mean)}; ${percent(agreement)} must be)`;
  const first = firstDifference === null ? '' : ` The first difference: ${firstDifference.slice(0, 300)}`;
  if (probes > 0 && (upper < agreement || (probes >= needed && mean < agreement)))
    return { verdict: 'differs', reason: `${says}: trainer and server differ.${first}`, evidence };
  if (!(probes >= needed))
    return {
      verdict: 'cannotTell',
      reason: `${says}, but ${needed} probes are needed.`,
      evidence,
      settles: `${needed - probes} more probes, two answers each.`,
    };
  return { verdict: 'equal', reason: `${says}.${first}`, evidence };
}
