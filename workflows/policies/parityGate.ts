import type { Decision } from '../../config/decisions.js';
import type { Agreement, Parity } from '../../config/report.js';
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

type ParityDecision = Decision<'equal' | 'differs' | 'cannotTell'>;

/**
 * Is the model that is served the one that was trained (methods M5.8)? For LoRA in two stages, so that the reason says where
 * answers change: adapter to merged model (a wrong base, a lossy merge), then trainer to server (template, pixels, precision).
 */
export function parityGate(parity: Parity, limits: ParityLimits): ParityDecision {
  const served = stage(parity, ['trainer', 'server'], limits);
  const { trainerScore, servedScore, merged } = parity;
  const scores = { ...served.evidence, trainerScore, servedScore };
  if (!merged) return { ...served, evidence: scores };
  const merging = stage(merged, ['adapter', 'merged model'], limits);
  const evidence = { ...scores, mergedProbes: merged.probes, mergedAgree: merged.agree };
  const stages = [merging, served];
  const worst = (['differs', 'cannotTell'] as const).find((verdict) => stages.some((each) => each.verdict === verdict));
  const told = worst ? stages.filter((each) => each.verdict === worst) : stages;
  const settles = told.find((each) => each.settles)?.settles;
  return {
    verdict: worst ?? 'equal',
    reason: told.map((each) => each.reason).join(' '),
    evidence,
    ...(settles ? { settles } : {}),
  };
}

function stage(
  { probes, agree, firstDifference }: Agreement,
  [from, to]: [string, string],
  { agreement, exist }: ParityLimits,
): ParityDecision {
  const { mean, upper } = wilson(agree, probes);
  const needed = Math.max(1, Math.min(minimumProbes, exist ?? minimumProbes));
  const evidence = { probes, agree, share: mean, limit: agreement, needed };
  const says = `${agree} of ${probes} answers of ${from} and ${to} are equal (${percent(mean)}; ${percent(agreement)} must be)`;
  const first = firstDifference === null ? '' : ` The first difference: ${firstDifference.slice(0, 300)}`;
  if (probes > 0 && (upper < agreement || (probes >= needed && mean < agreement)))
    return { verdict: 'differs', reason: `${says}: ${from} and ${to} differ.${first}`, evidence };
  if (!(probes >= needed))
    return {
      verdict: 'cannotTell',
      reason: `${says}, but ${needed} probes are needed.`,
      evidence,
      settles: `${needed - probes} more probes, two answers each.`,
    };
  return { verdict: 'equal', reason: `${says}.${first}`, evidence };
}
