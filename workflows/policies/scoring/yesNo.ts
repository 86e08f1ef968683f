import { type AnswerScore, afterRepair, inForm, unreadable } from './answerScore.js';
import { isAnswer, normalise, refused, repairText } from './text.js';

/** The words for yes and no; the first of each is the one asked for. */
export interface YesNoWords {
  yes: readonly string[];
  no: readonly string[];
}

const plain = (text: string) => normalise(text).replace(/[\s.。!！]+$/u, '');

/** True for yes, false for no; undefined when the text is neither. */
function whole(text: string, { yes, no }: YesNoWords): boolean | undefined {
  const said = plain(text);
  if (yes.some((word) => plain(word) === said)) return true;
  return no.some((word) => plain(word) === said) ? false : undefined;
}

/** `Yes, there is one.` says yes: the word stands first and a sign of punctuation behind it. */
function leading(text: string, words: YesNoWords): boolean | undefined {
  const [first, rest] = text.split(/[,.;:!，。、；：！\n]/u, 2);
  return rest === undefined ? undefined : whole(first ?? '', words);
}

/** Both words in one answer, such as `yes and no`, leave it open. */
function holdsOther(text: string, said: boolean, { yes, no }: YesNoWords): boolean {
  const tokens = new Set(normalise(text).split(/[^\p{L}\p{N}]+/u));
  return (said ? no : yes).some((word) => tokens.has(normalise(word)));
}

/** Yes or no. The bare word has the wanted form; at the head of a sentence it is a repair. */
export function scoreYesNo(expected: string, given: string | null, words: YesNoWords): AnswerScore {
  const gold = whole(expected, words);
  const right = (said: boolean) => (gold !== undefined && said === gold ? 1 : 0);
  const asGiven = given === null ? undefined : whole(given, words);
  if (given !== null && asGiven !== undefined) return inForm(right(asGiven), expected, given);
  if (!isAnswer(given)) return refused(given);
  const repaired = repairText(given);
  const said = whole(repaired, words) ?? leading(repaired, words);
  if (said === undefined) return unreadable('invalid', 'The answer is neither yes nor no.');
  if (holdsOther(repaired, said, words)) return unreadable('ambiguous', 'The answer says yes and no.');
  return afterRepair(right(said), 'The answer says more than yes or no');
}
