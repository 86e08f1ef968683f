/** Fixes of an answer's form that need no model, and the proof that nothing but the form changed. */
import type { AnswerKind } from '../../../config/evaluation.js';
import { outermostObjects, plainJson } from '../scoring/jsonRepair.js';
import { scoreNumber } from '../scoring/number.js';
import { scoreAnswer } from '../scoring/score.js';
import { normalise, repairText } from '../scoring/text.js';

/** Whether an answer has the declared form: the scorer reads it as it stands, and calls it equal to itself. */
export function hasForm(kind: AnswerKind, answer: string): boolean {
  const { valid, score } = scoreAnswer(kind, answer, answer);
  if (kind.kind === 'label') return kind.labels.includes(answer);
  return valid && score === 1;
}

/** The same answer in the declared form by the scorer's own fixed repairs; null where those do not suffice. */
export function formFix(kind: AnswerKind, given: string): string | null {
  const fixed = candidate(kind, given);
  return fixed !== null && fixed !== given && hasForm(kind, fixed) && isLossless(kind, given, fixed) ? fixed : null;
}

function candidate(kind: AnswerKind, given: string): string | null {
  if (kind.kind === 'label') {
    const plain = normalise(repairText(given));
    return kind.labels.find((label) => normalise(label) === plain) ?? null;
  }
  if (kind.kind === 'json') {
    const object = onlyObject(given);
    return object === null ? null : JSON.stringify(object);
  }
  return kind.kind === 'number' ? repairText(given) : null;
}

/**
 * Whether the answer kind proves that both say the same: a JSON object of equal values with no word outside of it, the
 * same label, the same number written in the same unit. Free text is never proven.
 */
export function isLossless(kind: AnswerKind, before: string, after: string): boolean {
  if (kind.kind === 'label') return normalise(repairText(before)) === normalise(after) && kind.labels.includes(after);
  if (kind.kind === 'number') return scoreNumber(repairText(before), after, exactly(kind)).exact;
  if (kind.kind !== 'json') return false;
  const [one, other] = [onlyObject(before), onlyObject(after)];
  return one !== null && other !== null && sorted(one) === sorted(other);
}

function exactly(kind: Extract<AnswerKind, { kind: 'number' }>) {
  return { ...kind, absoluteTolerance: 0, relativeTolerance: 0 };
}

/** The object that a text consists of, fences and white space aside; null where words stand around it. */
function onlyObject(text: string): object | null {
  const { objects, open } = outermostObjects(text);
  const [only, other] = objects;
  if (only === undefined || other !== undefined || open) return null;
  if (/[\p{L}\p{N}]/u.test(text.replace(only, '').replace(/```\w*/g, ''))) return null;
  try {
    const value: unknown = JSON.parse(plainJson(only));
    return typeof value === 'object' ? value : null;
  } catch {
    return null; // not JSON even after the repairs: that is the finding
  }
}

/** JSON with keys in order. Numbers stay as JSON.parse reads them; those of more than 15 digits are refused at import. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
