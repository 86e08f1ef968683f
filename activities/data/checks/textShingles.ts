/** A text as the set of its 5-grams, each by a 32-bit hash: of words, or of characters where words have no spaces. */
import { scrambled } from './sampling.js';

const gramLength = 5;
/** Writing without spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
const words = /[\p{Letter}\p{Mark}\p{Number}]+/gu;

/** Sorted, each once. Shorter texts than one 5-gram have none: they are equal or not, never near. */
export function shinglesOf(text: string): Uint32Array {
  const plain = text.normalize('NFKC').toLowerCase();
  const letters = plain.match(/\p{Letter}/gu)?.length ?? 0;
  const byCharacter = (plain.match(unspaced)?.length ?? 0) * 2 > letters;
  const found = plain.match(words) ?? [];
  const units = (byCharacter ? [...found.join('')] : found).map(hashOf);
  const grams = new Uint32Array(Math.max(0, units.length - gramLength + 1));
  for (let start = 0; start < grams.length; start += 1) {
    let bits = 0;
    for (let at = start; at < start + gramLength; at += 1)
      bits = scrambled(Math.imul(bits, 31) + (units[at] as number));
    grams[start] = bits;
  }
  grams.sort();
  return grams.filter((gram, at) => at === 0 || gram !== grams[at - 1]);
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  return bits >>> 0;
}

/**
 * Share of the 5-grams of both that are in both (Jaccard), of sorted sets. Of sets cut to their `bottom` lowest it is the
 * estimate by the lowest of their union (Broder 1997), whose standard error at 0.8 is 0.4 / sqrt(bottom).
 */
export function jaccard(one: Uint32Array, other: Uint32Array, bottom: number): number {
  let [i, j, union, both] = [0, 0, 0, 0];
  while (union < bottom && (i < one.length || j < other.length)) {
    const a = one[i] ?? Number.POSITIVE_INFINITY;
    const b = other[j] ?? Number.POSITIVE_INFINITY;
    union += 1;
    if (a === b) both += 1;
    if (a <= b) i += 1;
    if (b <= a) j += 1;
  }
  return union === 0 ? 0 : both / union;
}
