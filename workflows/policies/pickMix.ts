import type { Decision } from '../../config/decisions.js';
import { figure, percent } from './wording.js';

export interface MixCandidate {
  business: number;
  generic: number;
  /** What else is done to keep general ability, such as "half the rate"; nothing where it is left out. */
  way?: string;
  /** Of the tuning, what an average with the base keeps; a trained model has all of it, 1. */
  share?: number;
  /** Rise of the generic loss over step 0, nats a token. */
  genericExcess: number | null;
  /** Generic score at step 0 and at the end. */
  genericBefore: number | null;
  genericAfter: number | null;
  /** Lower bound of the score at the end, for the report. */
  genericLower?: number | null;
  /** Business score at the end. */
  businessScore?: number | null;
  /** The score that it must keep, where it is cheap in place of more generic data; null where it need not. */
  businessAgainst?: number | null;
  /** The watchdog or a person ended the training early. */
  stopped: boolean;
  /** Answer tokens an epoch of both kinds; null where they were not counted. */
  answerTokens?: { business: number; generic: number } | null;
}

export interface MixBudgets {
  /** Share of the generic score that tuning may cost. */
  budget: number;
  /** Points of the business score that a cheap alternative may cost, as a share of all answers. */
  businessMargin?: number;
}

export interface MixLimits extends MixBudgets {
  /** Another ratio can still be tried. */
  more: boolean;
}

export type MixStanding = 'insideBudget' | 'outsideBudget' | 'businessFalls' | 'notMeasured';

/** Rounding of shares of whole items. */
const slack = 1e-12;

/** Share of the generic score lost; null when it was not measured. An ability of zero cannot be lost. */
function shareLost({ genericBefore, genericAfter }: MixCandidate): number | null {
  if (genericBefore === null || genericAfter === null) return null;
  if (!Number.isFinite(genericBefore) || !Number.isFinite(genericAfter)) return null;
  return genericBefore > 0 ? 1 - genericAfter / genericBefore : 0;
}

function keepsBusiness({ businessScore, businessAgainst }: MixCandidate, margin: number): boolean {
  if (businessAgainst === undefined || businessAgainst === null) return true;
  return (businessScore ?? Number.NaN) >= businessAgainst - margin - slack;
}

/** Whether a candidate may be taken: general ability first, and business where it is an alternative. */
export function standingOf(candidate: MixCandidate, { budget, businessMargin = 0 }: MixBudgets): MixStanding {
  const lost = shareLost(candidate);
  if (lost === null) return 'notMeasured';
  if (lost > budget + slack) return 'outsideBudget';
  return keepsBusiness(candidate, businessMargin) ? 'insideBudget' : 'businessFalls';
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

const isAverage = ({ share = 1 }: MixCandidate) => share < 1;

/** Index of the best business score inside the budget; of equal ones, or where none was measured, the first. */
function bestInside(candidates: readonly MixCandidate[], budgets: MixBudgets): number | null {
  const inside = candidates.flatMap((each, index) =>
    standingOf(each, budgets) === 'insideBudget' ? [{ index, score: each.businessScore ?? 0 }] : [],
  );
  return inside.sort((a, b) => b.score - a.score || a.index - b.index)[0]?.index ?? null;
}

/** Index of the trained candidate that lost least: by score, then by loss; unmeasured ones last. */
function leastLost(candidates: readonly MixCandidate[]): number | null {
  const order = candidates.map((candidate, index) => ({
    index,
    average: isAverage(candidate),
    lost: shareLost(candidate) ?? Number.MAX_VALUE,
    excess: candidate.genericExcess ?? Number.MAX_VALUE,
  }));
  const trained = order.filter(({ average }) => !average);
  return trained.sort((a, b) => a.lost - b.lost || a.excess - b.excess || a.index - b.index)[0]?.index ?? null;
}

/**
 * R12: which mix of business to generic data, or which cheap alternative to more of it? Of the candidates tried so far, in
 * order of rising cost: the best business score among those that keep 1 - budget of the generic score, where alternatives
 * count only if they keep business too. When none does and none is left, the trained one that lost least: an average with
 * the base always loses less, the more so the less it learnt.
 */
export function pickMix(
  candidates: readonly MixCandidate[],
  { more, ...budgets }: MixLimits,
): Decision<'insideBudget' | 'tryNext' | 'noneInside'> & { chosen: number | null } {
  const inside = bestInside(candidates, budgets);
  const least = leastLost(candidates);
  const shown = inside ?? (more ? candidates.findLastIndex((each) => !isAverage(each)) : (least ?? -1));
  const candidate = candidates[shown];
  const evidence = evidenceOf(candidate, candidates.length, budgets);
  const averages = candidates.slice(shown + 1);
  const nextTrained = averages.findIndex((each) => !isAverage(each));
  const own = nextTrained < 0 ? averages : averages.slice(0, nextTrained);
  const alone = candidate ? `${describe(candidate, budgets)}${inTokens(candidate)}` : 'No mix was tried yet.';
  const says = inside === null ? `${alone}${averagesTold(own, budgets)}` : alone;
  if (inside !== null) return { verdict: 'insideBudget', reason: says, evidence, chosen: inside };
  if (more) return { verdict: 'tryNext', reason: `${says} The next one is tried.`, evidence, chosen: null };
  return { verdict: 'noneInside', reason: `${says} Nothing tried kept more; this is taken.`, evidence, chosen: least };
}

function evidenceOf(candidate: MixCandidate | undefined, tried: number, { budget, businessMargin }: MixBudgets) {
  return {
    budget,
    tried,
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
    ...(businessMargin === undefined ? {} : { businessMargin }),
    ...(candidate?.businessScore === undefined ? {} : { businessScore: candidate.businessScore }),
    ...(candidate?.businessAgainst == null ? {} : { businessAgainst: candidate.businessAgainst }),
    ...(candidate?.share === undefined ? {} : { share: candidate.share }),
  };
}

function describe(candidate: MixCandidate, budgets: MixBudgets): string {
  const { business, generic, way, genericBefore, genericAfter, genericExcess, businessScore, businessAgainst } =
    candidate;
  const ratio = `${business} business : ${generic} generic${way ? `, ${way},` : ''}`;
  const lost = shareLost(candidate);
  const excess = genericExcess === null ? '' : ` (loss ${genericExcess >= 0 ? '+' : ''}${figure(genericExcess)} nats)`;
  if (lost === null) return `At ${ratio} no generic score was measured${excess}.`;
  const kept = `At ${ratio} the generic score went from ${percent(genericBefore ?? 0)} to ${percent(genericAfter ?? 0)}${excess}`;
  const inside = lost <= budgets.budget + slack;
  const within = `${kept}: ${inside ? 'inside' : 'outside'} the budget of ${percent(budgets.budget)} of it.`;
  if (businessAgainst == null) return within;
  const keeps = keepsBusiness(candidate, budgets.businessMargin ?? 0) ? 'kept' : 'lost';
  return `${within} Business is ${keeps}: ${businessText(businessScore)}, where ${percent(businessAgainst)} is to be kept within ${percent(budgets.businessMargin ?? 0)}.`;
}

const businessText = (score: number | null | undefined) => (score == null ? 'not measured' : percent(score));

/** Why no average of the candidate was taken. */
function averagesTold(averages: readonly MixCandidate[], budgets: MixBudgets): string {
  if (averages.length === 0) return '';
  const told = averages.map((each) => {
    const standing = standingOf(each, budgets) === 'businessFalls' ? 'too little business' : 'too little generic';
    return `with ${percent(each.share ?? 1)} of the tuning generic ${percent(each.genericAfter ?? 0)}, business ${businessText(each.businessScore)} (${standing})`;
  });
  return ` No average with the base keeps both: ${told.join('; ')}.`;
}
