/** What of a text must survive a rewrite: numbers, their units, negations and names, each as a multiset (methods M4). */
import { isUnit } from '../scoring/units.js';

const spelled: Record<string, string> = Object.fromEntries(
  [
    'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
      .split(' ')
      .map((word, index) => [word, String(index + 2)]),
    'twenty thirty forty fifty sixty seventy eighty ninety'
      .split(' ')
      .map((word, index) => [word, String((index + 2) * 10)]),
  ].flat(),
);

const numberPattern = /[-−]?\d+(?:[.,'’]\d+)*/gu;

/** Numbers as they are written, grouping aside; words from two to ninety count as their digits. "One" may be a pronoun. */
export function numbersIn(text: string): string[] {
  const digits = [...text.matchAll(numberPattern)].map(([number]) => number.replace(/['’]/g, '').replace('−', '-'));
  const named = wordsIn(text).flatMap((word) => spelled[word.toLowerCase()] ?? []);
  return [...digits, ...named].map(plainNumber);
}

/** "1,000" and "1000" are the same; "1.50" stays, since decimals say how exactly something was read. */
function plainNumber(number: string): string {
  return /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(number) ? number.replaceAll(',', '') : number;
}

/** The unit that stands behind each number. */
export function unitsIn(text: string): string[] {
  return [...text.normalize('NFKC').matchAll(/\d\s*([°%‰€$£¥µμ\p{L}][\p{L}°/²³]*)/gu)]
    .map(([, unit = '']) => unit)
    .filter((unit) => isUnit(unit) || /^[€$£¥²³°]/.test(unit));
}

const negation = new RegExp(
  `(?<![\\p{L}])(?:${[
    'not no never none nothing nobody nowhere neither nor cannot without lacks lacking',
    'nicht kein keine keinen keinem keiner keines nie niemals nichts niemand ohne weder',
    'ne pas jamais rien aucun aucune sans ni',
    'nunca nada ninguno ninguna sin non mai niente nessuno nessuna senza não nem sem',
  ]
    .join(' ')
    .split(' ')
    .join('|')})(?![\\p{L}])|n['’]t(?![\\p{L}])|[不没無无非未]`,
  'giu',
);

/** How often a text denies something. "isn't" and "is not" count the same. */
export function negationsIn(text: string): number {
  // French denies with two words that mean one: "ne … pas".
  return [
    ...text
      .replace(/(?<!\p{L})n(?:e|['’])\s*(?=[\p{L}'’ ]{1,30}\s(?:pas|jamais|rien|plus)(?!\p{L}))/giu, '')
      .matchAll(negation),
  ].length;
}

/** Words with a capital letter that do not begin a sentence, in either text: names, by how they are written. */
export function namesIn(...texts: string[]): Set<string> {
  const names = new Set<string>();
  for (const text of texts)
    for (const [, word = ''] of text.matchAll(/(?<=[\p{L}\p{N},;:'’"”)] ['"“‘(]?)(\p{Lu}[\p{L}\p{N}'’-]*)/gu))
      if (word.length > 1) names.add(word);
  return names;
}

export function wordsIn(text: string): string[] {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
}

/** What one multiset has more often than the other, such as ["12", "mm"]. */
export function surplus(one: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return one.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
