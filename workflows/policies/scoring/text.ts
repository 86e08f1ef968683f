import { type AnswerScore, afterRepair, inForm, unreadable } from './answerScore.js';
import { withoutThoughts } from './thoughts.js';

/** The declared normaliser: NFKC, trimmed, inner spaces single, and case where it does not count (methods M1). */
export function normalise(text: string, ignoreCase = true): string {
  const spaced = text.normalize('NFKC').trim().replace(/\s+/g, ' ');
  return ignoreCase ? spaced.toLowerCase() : spaced;
}

/** The fixed repairs of a short answer, in order. Each is something that a parser in front of the model could do. */
const repairs: readonly [pattern: RegExp, by: string][] = [
  [/[\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g, ''],
  [/<\|[^<>|\s]{1,40}\|>|<\/s>/g, ''],
  [/^\s*```\w*\n?([\s\S]*?)\n?```\s*$/, '$1'],
  [/^[\s\S]*<answer>([\s\S]*?)<\/answer>\s*$/i, '$1'],
  [/^[\s\S]*\\boxed\{([^{}]*)\}[\s.$]*$/, '$1'],
  [/^\s*(?:the\s+)?answer\s*(?:is\s*:?|:)\s*/i, ''],
  [/^\s*(["'`*_]+)([\s\S]*?)\1[.\s]*$/, '$2'],
  [/^\s*[“‘«„「]([^“‘«„「”’»」]*)[”’»“」][.\s]*$/, '$1'],
  [/\.\s*$/, ''],
];

/** The answer without thoughts, fences, marks of where it stands, preamble, quotes, markup and a trailing full stop. */
export function repairText(text: string): string {
  return repairs.reduce((repaired, [pattern, by]) => repaired.replace(pattern, by), withoutThoughts(text)).trim();
}

const refusal =
  /^(?:i['’]?m (?:very )?sorry|i am (?:very )?sorry|sorry\b|i (?:can['’]?t|cannot|can not)\b|i['’]?m unable|i am unable|as an ai\b|unfortunately,? i\b)/i;

/** Whether the model answered at all: neither empty nor declining. */
export function isAnswer(given: string | null): given is string {
  return given !== null && given.trim() !== '' && !refusal.test(given.trim());
}

export function refused(given: string | null): AnswerScore {
  return unreadable('refused', given?.trim() ? 'The model declined to answer.' : 'The answer is empty.');
}

/**
 * Scores an answer whose only form is not to need repairs: by `score` as it stands, else after the fixed repairs.
 * An expected answer that would be repaired itself, such as a sentence with a full stop, asks for that form.
 */
export function scoreAfterRepairs(
  expected: string,
  given: string,
  score: (given: string, expected: string) => number,
): AnswerScore {
  const asGiven = score(given, expected);
  const repaired = repairText(given);
  const formAsked = repairText(expected) !== expected.trim();
  if (asGiven === 1 || repaired === given.trim()) return inForm(asGiven, expected, given);
  if (!formAsked) return afterRepair(score(repaired, expected), 'The answer carries more than was asked for');
  const best = score(repaired, repairText(expected));
  return best > asGiven
    ? afterRepair(best, 'The answer is wrapped in another way than asked for')
    : inForm(asGiven, expected, given);
}

/** Short text: right when equal after the declared normaliser. */
export function scoreText(
  expected: string,
  given: string | null,
  { ignoreCase }: { ignoreCase: boolean },
): AnswerScore {
  const same = (a: string, b: string) => (normalise(a, ignoreCase) === normalise(b, ignoreCase) ? 1 : 0);
  if (given !== null && given.trim() !== '' && same(given, expected) === 1) return inForm(1, expected, given);
  if (!isAnswer(given)) return refused(given);
  return scoreAfterRepairs(expected, given, same);
}
