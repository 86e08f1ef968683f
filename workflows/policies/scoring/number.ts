import { type AnswerScore, afterRepair, inForm, unreadable } from './answerScore.js';
import { type Decimal, findQuantity, plainQuantity, type Quantity, readQuantity } from './quantity.js';
import { isAnswer, refused, repairText } from './text.js';
import { convert, isMagnitude, shareFactor } from './units.js';

export interface NumberKind {
  absoluteTolerance: number;
  relativeTolerance: number;
  decimal: Decimal;
}

export interface NumberVerdict {
  /** `undecided` is for a person: the two cannot be compared without a guess. */
  verdict: 'same' | 'different' | 'undecided';
  /** Equal as text, spaces and kinds of minus aside. */
  exact: boolean;
  form: 'ok' | 'repaired' | 'ambiguous' | 'none';
}

/** abs(d) ≤ max(absolute, relative · abs(gold)), in the gold's unit, with room for rounding in the last bits. */
function close(gold: number, given: number, kind: NumberKind): boolean {
  const rounding = 1e-9 * Math.max(Math.abs(gold), Math.abs(given));
  return Math.abs(gold - given) <= Math.max(kind.absoluteTolerance, kind.relativeTolerance * Math.abs(gold), rounding);
}

function within(gold: Quantity, low: number, high: number, kind: NumberKind): boolean {
  return close(gold.low, low, kind) && close(gold.high, high, kind);
}

/** A share may be given as a bare number: 5 % is 0.05. Another bare number with the gold's digits lacks its unit. */
function withoutUnit(gold: Quantity, unit: string, given: Quantity, kind: NumberKind): NumberVerdict['verdict'] {
  const factor = shareFactor(unit);
  if (factor !== null && within(gold, given.low / factor, given.high / factor, kind)) return 'same';
  return within(gold, given.low, given.high, kind) ? 'undecided' : 'different';
}

function compare(gold: Quantity, given: Quantity, kind: NumberKind): NumberVerdict['verdict'] {
  if (gold.unit !== given.unit && [gold.unit, given.unit].some(isMagnitude)) return 'undecided';
  if (gold.unit !== null && given.unit === null) return withoutUnit(gold, gold.unit, given, kind);
  if (gold.unit === null) {
    const factor = given.unit === null ? null : shareFactor(given.unit);
    const scale = factor ?? 1;
    return within(gold, given.low * scale, given.high * scale, kind) ? 'same' : 'different';
  }
  const [low, high] = [given.low, given.high].map((value) => convert(value, given.unit ?? '', gold.unit ?? ''));
  if (low === undefined || high === undefined) return 'undecided';
  return low !== null && high !== null && within(gold, low, high, kind) ? 'same' : 'different';
}

/** Whether two texts name the same number: units converted, thousands separators by the declared convention (methods M1). */
export function scoreNumber(expected: string, given: string, kind: NumberKind): NumberVerdict {
  const exact = plainQuantity(expected) === plainQuantity(given) && plainQuantity(given) !== '';
  const whole = readQuantity(given, kind.decimal);
  const found = whole ?? readQuantity(repairText(given), kind.decimal) ?? findQuantity(given, kind.decimal);
  const gold = readQuantity(expected, kind.decimal);
  const form = found === null ? 'none' : found === 'ambiguous' ? 'ambiguous' : whole === null ? 'repaired' : 'ok';
  if (exact) return { verdict: 'same', exact, form: 'ok' };
  if (gold === null || found === null) return { verdict: 'different', exact, form };
  if (gold === 'ambiguous' || found === 'ambiguous') return { verdict: 'undecided', exact, form };
  return { verdict: compare(gold, found, kind), exact, form };
}

/** A number as an answer: undecided ones score 0 and are called ambiguous, never guessed. */
export function scoreNumberAnswer(expected: string, given: string | null, kind: NumberKind): AnswerScore {
  if (!isAnswer(given)) return refused(given);
  const { verdict, form } = scoreNumber(expected, given, kind);
  if (form === 'none') return unreadable('invalid', 'No number is given.');
  if (verdict === 'undecided')
    return unreadable(
      'ambiguous',
      `A person has to say whether "${given.slice(0, 60)}" is meant as "${expected.slice(0, 60)}".`,
    );
  const score = verdict === 'same' ? 1 : 0;
  if (form === 'ambiguous') return unreadable('ambiguous', 'More than one number could be meant.');
  return form === 'ok' ? inForm(score, expected, given) : afterRepair(score, 'The number stands inside a sentence');
}
