import { type AnswerScore, afterRepair, inForm, unreadable } from './answerScore.js';
import { isAnswer, normalise, refused, repairText } from './text.js';

/** The letter of an option by its place: 0 is A. */
export function letterOf(place: number): string {
  return String.fromCharCode(65 + place);
}

/** What a text says: one option, two at odds, or none. */
type Reading = { option: number } | { contradiction: string } | null;

/** `C`, `(C)`, `[C]`, `C.`, `C)` or `C:`, alone or before a text, with the signs of Chinese too. */
const lettered = /^[([]?([A-Za-z])(?:[)\]][.:]?|[.:、。]|$)\s*([\s\S]*)$/;
/** `A or B`: several letters and nothing else. */
const several = /^\(?[A-Z]\)?(?:(?:\s*[,;/&+、]\s*|\s+)(?:(?:and|or)\s+)?\(?[A-Z]\)?)+\.?$/;
/** `B because …`: `A` and `I` are words too. */
const leading = /^([B-HJ-Z])\s/;
/** The same in a sentence: only where a word says that a letter follows, for `A` and `I` are words too. */
const named =
  /(?:答案(?:是|为|：|:)?|选)\s*([A-Z])(?![\p{L}\p{N}])|\b(?:[Oo]ption|[Aa]nswer|[Cc]hoice|[Ll]etter)(?:\s+is)?\s*:?\s*\(?([A-Z])\)?(?![\p{L}\p{N}])/u;

/** The option whose text this is, a trailing full stop aside; undefined when it is none. */
function optionOf(text: string, options: readonly string[]): number | undefined {
  const plain = normalise(text);
  const exact = options.indexOf(plain);
  const place = exact >= 0 ? exact : options.indexOf(plain.replace(/\s*\.$/, ''));
  return place >= 0 ? place : undefined;
}
/** `It is not 12` names an option and denies it. */
const denial = /\b(?:not|never|nor|neither)\b|n['’]t\b/i;

/** Reads a text that is a letter, an option, or a letter and an option. Both are taken where they agree. */
function read(text: string, options: readonly string[]): Reading {
  const whole = optionOf(text, options);
  const [, letter, rest = ''] = lettered.exec(text) ?? [];
  const place = letter === undefined ? -1 : letter.toUpperCase().charCodeAt(0) - 65;
  if (letter === undefined || place >= options.length) return whole === undefined ? null : { option: whole };
  if (rest === '')
    return whole === undefined || whole === place
      ? { option: place }
      : { contradiction: `${letter} is a letter and another option` };
  if (whole !== undefined) return { option: whole };
  if (optionOf(rest, options) === place) return { option: place };
  return { contradiction: `${letter} is not "${rest.slice(0, 60)}"` };
}

/** The option that stands alone in the first line, where nothing below it names another letter as the answer. */
function firstLine(text: string, options: readonly string[]): Reading {
  const [first = '', ...below] = text.split('\n');
  const found = below.length === 0 ? null : read(first.trim(), options);
  const [, chinese, english] = named.exec(below.join('\n')) ?? [];
  const later = chinese ?? english;
  if (found === null || 'contradiction' in found || later === undefined || later === letterOf(found.option))
    return found;
  return { contradiction: `${letterOf(found.option)} stands first and ${later} is named below it` };
}

/** Every option that a sentence names, by letter or as whole words. */
function namedIn(text: string, options: readonly string[]): number[] {
  const [, chinese, english] = named.exec(text) ?? [];
  const letters = [chinese ?? english, leading.exec(text)?.[1]].flatMap((letter) => letter ?? []);
  const places = letters.map((letter) => letter.charCodeAt(0) - 65).filter((place) => place < options.length);
  const plain = normalise(text);
  const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
  const found = options.flatMap((option, index) => {
    const at = plain.indexOf(option);
    return at >= 0 && !isWord(plain[at - 1]) && !isWord(plain[at + option.length]) ? [index] : [];
  });
  return [...new Set([...places, ...found])];
}

/**
 * Multiple choice: the letter, the option's text, or both where they agree. `C. 13` is wrong where C is 12: a letter
 * and a text at odds are no answer. Expected is a letter or an option.
 */
export function scoreChoice(expected: string, given: string | null, kind: { options: readonly string[] }): AnswerScore {
  const options = kind.options.map((option) => normalise(option));
  const gold = read(expected.trim(), options);
  const right = (option: number) => (gold !== null && 'option' in gold && gold.option === option ? 1 : 0);
  const plain = given?.normalize('NFKC').trim() ?? '';
  const asGiven = plain === '' ? null : read(plain, options);
  if (asGiven && 'option' in asGiven) return inForm(right(asGiven.option), expected, plain);
  if (!isAnswer(given)) return refused(given);
  const bare = repairText(plain);
  const repaired = asGiven ?? read(bare, options) ?? firstLine(bare, options);
  if (repaired && 'contradiction' in repaired) return unreadable('ambiguous', `${repaired.contradiction}.`);
  if (repaired) return afterRepair(right(repaired.option), 'The option is there, in another form than asked for');
  const [only, other] = namedIn(bare, options);
  if (several.test(bare)) return unreadable('ambiguous', 'More than one letter is given.');
  if (only === undefined) return unreadable('invalid', `None of the ${options.length} options is named.`);
  if (other !== undefined) return unreadable('ambiguous', 'More than one option is named.');
  if (denial.test(given)) return unreadable('ambiguous', 'An option is named and denied.');
  return afterRepair(right(only), 'The option stands inside a sentence');
}
