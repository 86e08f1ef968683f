/** Of what kind a wrong answer is. Preferences mend all kinds but `content`, which wants more or better examples (methods M10). */
export const errorKinds = ['wording', 'extras', 'length', 'nearMiss', 'content'] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** Kinds that fine control over the output mends (R3). */
export const preferenceKinds: readonly ErrorKind[] = ['wording', 'extras', 'length', 'nearMiss'];

export interface WrongAnswer {
  expected: string;
  given: string;
  /** 0 to 1, and after the fixed list of repairs. */
  score: number;
  repaired: number;
}

/** Letters and digits; the sign of a number and the marks within it are a part of it, for 7 is not -7, nor 12 a part of 12.5. */
const word = /(?:(?<![\p{L}\p{N}])[-−](?=\p{N}))?[\p{L}\p{N}]+(?:(?<=\p{N})[.,](?=\p{N})[\p{L}\p{N}]+)*/gu;

function wordsOf(text: string): string {
  return ` ${(text.toLowerCase().match(word) ?? []).join(' ')} `;
}

/**
 * `wording`: right once the form is repaired. `extras`: holds the right answer and more. `length`: a part of the right
 * answer and nothing else. `nearMiss`: partly right. `content`: something else.
 */
export function errorKind({ expected, given, score, repaired }: WrongAnswer): ErrorKind {
  if (repaired >= 1) return 'wording';
  const [right, said] = [wordsOf(expected), wordsOf(given)];
  if (right.trim() !== '' && said.includes(right)) return said === right ? 'wording' : 'extras';
  if (said.trim() !== '' && right.includes(said)) return 'length';
  return score > 0 ? 'nearMiss' : 'content';
}
