import type { AnswerScore } from './answerScore.js';
import { isAnswer, normalise, refused, scoreAfterRepairs } from './text.js';

const articles = new Set(['a', 'an', 'the']);

/** The attribute words of every phrase, in order: `a red circle and a star` is [[red, circle], [star]]. */
function phrasesOf(text: string, separator: string): string[][] {
  return normalise(text)
    .split(normalise(`x${separator}x`).slice(1, -1))
    .map((phrase) => phrase.split(' ').filter((word) => word !== '' && !articles.has(word)));
}

function count(phrases: readonly string[][]): number {
  return phrases.reduce((total, words) => total + words.length, 0);
}

/** Attribute words right at their place, over the larger of the numbers expected and given. */
function shareRight(given: string, expected: string, separator: string): number {
  const wanted = phrasesOf(expected, separator);
  const said = phrasesOf(given, separator);
  const right = wanted.map((words, place) => words.filter((word, index) => said[place]?.[index] === word));
  const total = Math.max(count(wanted), count(said));
  return total === 0 ? 0 : count(right) / total;
}

/** A caption that lists things from left to right: the share of attribute words named right at their place. */
export function scoreAttributes(
  expected: string,
  given: string | null,
  { separator }: { separator: string },
): AnswerScore {
  if (!isAnswer(given)) return refused(given);
  return scoreAfterRepairs(expected, given, (a, b) => shareRight(a, b, separator));
}
