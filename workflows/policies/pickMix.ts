import type { Decision } from '../../config/decisions.js';
import { figure, percent } from './wording.js';

export interface MixCandidate {
  business: number;
  generic: number;
  /** Rise of the generic loss over step 0, nats a token. */
  genericExcess: number | null;
  /** Generic score at step 0 and at the end. */
  genericBefore: number | null;
  genericAfter: number | null;
  /** Lower bound of the score at the end, for the report. */
  genericLower?: number | null;
  /** The watchdog or a person ended the training early. */
  stopped: boolean;
  /** Answer tokens an epoch of both kinds; null where they were not counted. */
  answerTokens?: { business: number; generic: number } | null;
}

export interface MixLimits {
  /** Share of the generic score that tuning may cost. */
  budget: number;
  /** Another ratio can still be tried. */
  more: boolean;
}

/** Share of the generic score lost; null when it was not measured. An ability of zero cannot be lost. */
function shareLost({ genericBefore, genericAfter }: MixCandidate): number | null {
  if (genericBefore === null || genericAfter === null) return null;
  if (!Number.isFinite(genericBefore) || !Number.isFinite(genericAfter)) return null;
  return genericBefore > 0 ? 1 - genericAfter / genericBefore : 0;
}

/** Above this the ratio in tokens is another one than the ratio in records (methods M8). */
const tokensApart = 3;

/** By which factor there is more generic data in answer tokens than in records; null where it was not counted. */
function tokenFactor({ business, generic, answerTokens }: MixCandidate): number | null {
  if (!answerTokens || !(answerTokens.business > 0 && answerTokens.generic > 0 && generic > 0)) return null;
  return answerTokens.generic / answerTokens.business / (generic / business);
}

function inTokens(candidate: MixCandidate): string {
  const factor = tokenFactor(candidate);
  const { business, answerTokens } = candidate;
  if (factor === null || !answerTokens || (factor <= tokensApart && factor >= 1 / tokensApart)) return '';
  const generic = figure((business * answerTokens.generic) / answerTokens.business);
  return ` In answer tokens it is ${business} business : ${generic} generic.`;
}

/** Index of the candidate that lost least: by score, then by loss; unmeasured ones last. */
function leastLost(candidates: readonly MixCandidate[]): number | null {
  const order = candidates.map((candidate, index) => ({
    index,
    lost: shareLost(candidate) ?? Number.MAX_VALUE,
    excess: candidate.genericExcess ?? Number.MAX_VALUE,
  }));
  return order.sort((a, b) => a.lost - b.lost || a.excess - b.excess || a.index - b.index)[0]?.index ?? null;
}

/**
 * R12: which mix of business to generic data? Of the candidates tried so far, in order of rising generic share, the
 * first that keeps 1 - budget of the generic score; when none does and none is left, the one that lost least.
 */
export function pickMix(
  candidates: readonly MixCandidate[],
  { budget, more }: MixLimits,
): Decision<'insideBudget' | 'tryNext' | 'noneInside'> & { chosen: number | null } {
  const inside = candidates.findIndex((candidate) => (shareLost(candidate) ?? Number.MAX_VALUE) <= budget + 1e-12);
  const least = leastLost(candidates);
  const shown = inside >= 0 ? inside : more ? candidates.length - 1 : (least ?? -1);
  const candidate = candidates[shown];
  const evidence = {
    budget,
    tried: candidates.length,
    business: candidate?.business ?? null,
    generic: candidate?.generic ?? null,
    genericBefore: candidate?.genericBefore ?? null,
    genericAfter: candidate?.genericAfter ?? null,
    genericLower: candidate?.genericLower ?? null,
    genericExcess: candidate?.genericExcess ?? null,
    stopped: candidate?.stopped ?? null,
    businessTokens: candidate?.answerTokens?.business ?? null,
    genericTokens: candidate?.answerTokens?.generic ?? null,
    tokensOverRecords: candidate ? tokenFactor(candidate) : null,
  };
  const says = candidate ? `${describe(candidate, budget)}${inTokens(candidate)}` : 'No mix was tried yet.';
  if (inside >= 0) return { verdict: 'insideBudget', reason: says, evidence, chosen: inside };
  if (more) return { verdict: 'tryNext', reason: `${says} The next ratio is tried.`, evidence, chosen: null };
  return { verdict: 'noneInside', reason: `${says} No ratio kept more; this one is taken.`, evidence, chosen: least };
}

function describe(candidate: MixCandidate, budget: number): string {
  const { business, generic, genericBefore, genericAfter, genericExcess } = candidate;
  const ratio = `${business} business : ${generic} generic`;
  const lost = shareLost(candidate);
  const excess = genericExcess === null ? '' : ` (loss ${genericExcess >= 0 ? '+' : ''}${figure(genericExcess)} nats)`;
  if (lost === null) return `At ${ratio} no generic score was measured${excess}.`;
  const kept = `At ${ratio} the generic score went from ${percent(genericBefore ?? 0)} to ${percent(genericAfter ?? 0)}${excess}`;
  return `${kept}: ${lost <= budget ? 'inside' : 'outside'} the budget of ${percent(budget)} of it.`;
}
