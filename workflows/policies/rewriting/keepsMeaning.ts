/** Whether a rewrite still says what the answer said (methods M4). Each check stands by itself, with what it found. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { MeaningCheck } from '../../../config/rewriting.js';
import { scoreAnswer } from '../scoring/score.js';
import { normalise } from '../scoring/text.js';
import { hasForm } from './formFix.js';
import { namesIn, negationsIn, numbersIn, surplus, unitsIn, wordsIn } from './meaningTokens.js';

/** Length after over length before, in characters, for free text. */
export interface LengthRatio {
  least: number;
  most: number;
}

/**
 * The checks of a rewrite by text alone. Where the kind has a scorer that reads an answer out of a sentence, that one
 * decides what was meant; free text is held by its numbers, units, negations, names and length.
 */
export function meaningChecks(
  { answer: kind, length }: { answer: AnswerKind; length: LengthRatio },
  before: string,
  after: string,
): MeaningCheck[] {
  const free = kind.kind === 'text' || kind.kind === 'attributes';
  return [
    check('form', hasForm(kind, after), 'the rewrite does not have the declared form'),
    free ? check('scorer', null, '') : scorerCheck(kind, before, after),
    ...(free ? [...textChecks(before, after), lengthCheck(before, after, length)] : []),
  ];
}

/** The first check that failed; null where the rewrite may be proposed. */
export function failedCheck(checks: readonly MeaningCheck[]): MeaningCheck | null {
  return checks.find(({ passes }) => passes === false) ?? null;
}

/** Reads the answer before with the task's scorer, the rewrite being what is expected: they must be equal. */
function scorerCheck(kind: AnswerKind, before: string, after: string): MeaningCheck {
  const { repaired, feedback } = scoreAnswer(kind, after, before);
  return check('scorer', repaired === 1, `read by the scorer they differ: ${feedback}`.slice(0, 300));
}

function textChecks(before: string, after: string): MeaningCheck[] {
  const names = namesIn(before, after);
  const named = (text: string) => wordsIn(text).filter((word) => names.has(word));
  const negations = [negationsIn(before), negationsIn(after)] as const;
  return [
    multiset('numbers', numbersIn(before), numbersIn(after)),
    multiset('units', unitsIn(before), unitsIn(after)),
    check('negations', negations[0] === negations[1], `${negations[0]} before, ${negations[1]} after`),
    multiset('names', named(before), named(after)),
  ];
}

function multiset(name: MeaningCheck['name'], before: string[], after: string[]): MeaningCheck {
  const lost = surplus(before, after);
  const added = surplus(after, before);
  const parts = [
    ...(lost.length > 0 ? [`lost ${lost.slice(0, 5).join(', ')}`] : []),
    ...(added.length > 0 ? [`added ${added.slice(0, 5).join(', ')}`] : []),
  ];
  return check(name, parts.length === 0, parts.join('; ').slice(0, 300));
}

function lengthCheck(before: string, after: string, { least, most }: LengthRatio): MeaningCheck {
  const ratio = normalise(after).length / Math.max(1, normalise(before).length);
  return check('length', ratio >= least && ratio <= most, `${ratio.toFixed(2)} times as long, not ${least} to ${most}`);
}

function check(name: MeaningCheck['name'], passes: boolean | null, detail: string): MeaningCheck {
  return { name, passes, detail: passes === false ? detail : '' };
}
