/** Values as text: text wins over every other type, whatever the rows before held. */
import { quoted, type Reason, RowFault } from '../faults.js';

/** Throws `RowFault` with the given reason for a list, and `numberTooLong` where JSON has lost digits already. */
export function asText(value: unknown, reason: Reason): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RowFault('numberNotFinite', `${value} is no number that can be written`);
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new RowFault('numberTooLong', `${value} has more digits than a JSON number keeps`);
    return String(value);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  throw new RowFault(reason, `${quoted(JSON.stringify(value) ?? 'nothing')} is not one text`);
}

/** White space, what takes no room, and marks of direction, which tables of right-to-left scripts put round values. */
const invisible = '[\\s\\u200b\\u2060\\ufeff\\u00ad\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069]+';
const edges = new RegExp(`^${invisible}|${invisible}$`, 'g');

/** NFC, with white space and invisible characters gone from both ends: what is left is what a model learns to write. */
export function tidy(text: string): string {
  return text.normalize('NFC').replace(edges, '');
}

/** Two questions with the same result are the same question. */
export function comparable(text: string): string {
  return tidy(text).replace(/\s+/g, ' ').toLowerCase();
}

/** Of several right answers the one given most often, by `comparable`; of equals the first. */
export function mostGiven(answers: readonly unknown[]): string {
  const texts = answers.filter((each) => each !== null).map((each) => asText(each, 'answerNotText'));
  const votes = new Map<string, { text: string; count: number }>();
  for (const text of texts) {
    const before = votes.get(comparable(text));
    votes.set(comparable(text), { text: before?.text ?? text, count: (before?.count ?? 0) + 1 });
  }
  let most = { text: '', count: 0 };
  for (const vote of votes.values()) if (vote.count > most.count) most = vote;
  return most.text;
}
