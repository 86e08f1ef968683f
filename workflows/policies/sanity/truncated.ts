import { scoreAnswer } from '../scoring/score.js';
import type { KnownRecord } from './recordFigures.js';

/** A last word this short says nothing: "1" begins "12". */
const leastLetters = 3;
/** So often must a word be written whole elsewhere for its beginning to be one that was cut off. */
const often = 3;
/** So many different endings of this kind are no coincidence of words such as "car" and "cart". */
const coincidences = 3;

/** Ids of records whose expected answer breaks its own form, or ends with the beginning of a word that others write whole. */
export function brokenAnswers(records: readonly KnownRecord[]): Set<string> {
  const answers = records.map(({ expected }) => expected.toLowerCase().match(/\p{L}+/gu) ?? []);
  const cut = cutWords(answers);
  const endsWithin = ({ expected }: KnownRecord, words: readonly string[]) =>
    /\p{L}$/u.test(expected) && cut.has(words.at(-1) ?? '');
  const isBroken = (record: KnownRecord, index: number) =>
    !scoreAnswer(record.kind, record.expected, record.expected).valid || endsWithin(record, answers[index] ?? []);
  return new Set(records.filter(isBroken).map(({ id }) => id));
}

/** Words that only end answers, and begin a word that is written whole at least half as often. */
function cutWords(answers: readonly (readonly string[])[]): Set<string> {
  const written = new Map<string, number>();
  for (const word of answers.flat()) written.set(word, (written.get(word) ?? 0) + 1);
  const whole = new Map<string, number>();
  for (const [word, count] of written)
    for (let end = leastLetters; end < word.length; end += 1)
      whole.set(word.slice(0, end), Math.max(count, whole.get(word.slice(0, end)) ?? 0));
  const within = new Set(answers.flatMap((words) => words.slice(0, -1)));
  const candidates = [...new Set(answers.flatMap((words) => words.slice(-1)))].filter((word) => {
    const most = whole.get(word) ?? 0;
    return !within.has(word) && most >= often && 2 * most > (written.get(word) ?? 0);
  });
  const rare = candidates.filter((word) => (written.get(word) ?? 0) < often);
  return new Set(candidates.length >= coincidences ? candidates : rare);
}
