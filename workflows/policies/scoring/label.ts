import { type AnswerScore, afterRepair, inForm, unreadable } from './answerScore.js';
import { isAnswer, normalise, refused, repairText } from './text.js';

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The distinct labels named in a text as whole words; a longer label hides a shorter one inside it. */
function labelsNamed(text: string, labels: readonly string[]): { named: string[]; negated: boolean } {
  const longestFirst = labels.toSorted((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
  const negation = new RegExp(`(?:\\bnot|\\bno|n['’]t|\\bnever)\\s+(?:an?\\s+|the\\s+)?${pattern.source}`, 'u');
  return { named: [...new Set(text.match(pattern) ?? [])], negated: negation.test(text) };
}

/** One of the declared labels: exact after the declared normaliser; found inside a sentence it counts as a repair. */
export function scoreLabel(expected: string, given: string | null, kind: { labels: readonly string[] }): AnswerScore {
  const labels = kind.labels.map((label) => normalise(label));
  const wanted = normalise(expected);
  const right = (label: string) => (label === wanted ? 1 : 0);
  if (given !== null && labels.includes(normalise(given))) return inForm(right(normalise(given)), expected, given);
  if (!isAnswer(given)) return refused(given);
  const repaired = normalise(repairText(given));
  if (labels.includes(repaired))
    return afterRepair(right(repaired), 'The label is there, in another form than asked for');
  const { named, negated } = labelsNamed(repaired, labels);
  const [only] = named;
  if (only === undefined) return unreadable('invalid', `None of the ${labels.length} labels is named.`);
  if (named.length > 1) return unreadable('ambiguous', `${named.length} labels are named.`);
  if (negated) return unreadable('ambiguous', `The label "${only}" is named and denied.`);
  return afterRepair(right(only), 'The label stands inside a sentence');
}
