/** What a scorer says of one answer. */
export interface AnswerScore {
  /** The answer has the wanted form as it stands: the same as `parse === 'ok'`. */
  valid: boolean;
  /** 0 to 1; an invalid answer scores 0 (methods, rule 5). */
  score: number;
  /** Score after the fixed list of repairs; the gap to `score` needs no training (methods M1). */
  repaired: number;
  parse: 'ok' | 'repaired' | 'ambiguous' | 'cut' | 'refused' | 'invalid';
  /** What was wrong, in a sentence, for a person and for the prompt search; empty when all was right. */
  feedback: string;
}

const shown = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** An answer in the wanted form. */
export function inForm(score: number, expected: string, given: string): AnswerScore {
  const feedback = score === 1 ? '' : `Expected "${shown(expected)}", given "${shown(given)}".`;
  return { valid: true, score, repaired: score, parse: 'ok', feedback };
}

/** An answer that had to be repaired before it could be read. */
export function afterRepair(score: number, what: string): AnswerScore {
  const content = score === 1 ? 'the content is right' : 'the content is wrong too';
  return { valid: false, score: 0, repaired: score, parse: 'repaired', feedback: `${what}; ${content}.` };
}

/** An answer that cannot be read, or only by guessing. */
export function unreadable(
  parse: 'ambiguous' | 'cut' | 'refused' | 'invalid',
  feedback: string,
  repaired = 0,
): AnswerScore {
  return { valid: false, score: 0, repaired, parse, feedback };
}
