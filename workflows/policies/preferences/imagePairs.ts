import type { Preference } from './buildPairs.js';

/** An item as pairs of pictures need to know it. */
export interface PicturedItem {
  id: string;
  /** All that is asked, without the pictures: two items with the same question differ in what is seen. */
  question: string;
  pictures: readonly string[];
}

/** One answer under two pictures: right under the item's own, wrong under those of the item `instead`. */
export interface ImagePreference extends Preference {
  instead: string;
}

export interface ImagePairRules<Item extends PicturedItem> {
  /** Share of all pairs, these among them. */
  share: number;
  /** Whether a text is a right answer to an item. */
  isRight: (item: Item, text: string) => boolean;
  /** An order that depends on nothing but the name. */
  rank: (name: string) => string;
}

/**
 * Pairs that can be told apart by their pictures only (methods M10; conditional preferences of mDPO, arXiv 2406.11839):
 * training on pairs of answers alone, a model learns what to say whatever it sees. The other picture is one whose right
 * answer is what the model said wrongly, where there is one. An item without a counterpart gives no such pair.
 */
export function imagePairs<Item extends PicturedItem>(
  pairs: readonly Preference[],
  items: readonly Item[],
  { share, isRight, rank }: ImagePairRules<Item>,
): ImagePreference[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const wanted = Math.round((share / (1 - share)) * pairs.length);
  const found: ImagePreference[] = [];
  for (const pair of ranked([...new Map(pairs.map((each) => [each.id, each])).values()], rank)) {
    if (found.length >= wanted) break;
    const own = byId.get(pair.id);
    if (!own) continue;
    const others = items.filter(
      (item) => item.question === own.question && differ(item.pictures, own.pictures) && !isRight(item, pair.chosen),
    );
    const near = others.filter((item) => isRight(item, pair.rejected));
    const [instead] = ranked(near.length > 0 ? near : others, (id) => rank(`${pair.id}\0${id}`));
    if (instead) found.push({ ...pair, rejected: pair.chosen, instead: instead.id });
  }
  return found;
}

function ranked<Named extends { id: string }>(those: readonly Named[], rank: (name: string) => string): Named[] {
  return those.toSorted((a, b) => (rank(a.id) < rank(b.id) ? -1 : 1));
}

/** As many pictures, and not the same ones. */
function differ(some: readonly string[], others: readonly string[]): boolean {
  return some.length > 0 && some.length === others.length && some.some((picture, index) => picture !== others[index]);
}
