/**
 * Wrong values made from a right one, such that the right one does not give itself away among them: it is as likely to be
 * any rung of the ladder, or any corner of the square (methods M4).
 */
import type { Draws } from './draws.js';
import { type WrittenNumber, writeLike, writtenNumber } from './forms.js';

/** Counts of the last place by which neighbours on the ladder differ at least: no rung is rounder than another. */
function quantumOf(count: number): number {
  let quantum = 1;
  while (count > 0 && count % (quantum * 10) === 0) quantum *= 10;
  return quantum;
}

/**
 * `size` numbers of even spacing drawn between 10 and 50 % of the value, with the right one at a rung drawn evenly.
 * Returns the others. None is negative, and none has fewer places than the right one.
 */
export function ladder(number: WrittenNumber, size: number, draws: Draws): string[] {
  const quantum = quantumOf(number.count);
  const below = draws.below(size);
  const share = draws.between(0.1, Math.max(0.1, 0.5 / (size - 1)));
  const step = Math.max(quantum, Math.round((number.count * share) / quantum) * quantum);
  const first = Math.max(number.count % step, number.count - below * step);
  const counts = Array.from({ length: size }, (_, rung) => first + rung * step);
  return counts.filter((count) => count !== number.count).map((count) => writeLike(number, count));
}

/** Two neighbouring digits that differ and may change places without a leading zero. */
function swapsIn(text: string): number[] {
  const places: number[] = [];
  for (let at = 0; at + 1 < text.length; at++) {
    const [one = '', other = ''] = [text[at], text[at + 1]];
    const begins = !/\d/.test(text[at - 1] ?? '');
    if (/^\d\d$/.test(one + other) && one !== other && !(begins && (one === '0' || other === '0'))) places.push(at);
  }
  return places;
}

function swapAt(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`;
}

/**
 * The corners of a square beside the text itself: one pair of digits swapped, another pair, or both. From every corner
 * the others look the same. For three options two of the corners; null where there are no two such pairs.
 */
export function swapped(text: string, others: number, draws: Draws): string[] | null {
  const places = draws.shuffled(swapsIn(text));
  const [first] = places;
  const second = places.find((place) => first !== undefined && Math.abs(place - first) > 1);
  if (first === undefined || others > 3) return null;
  if (others === 1) return [swapAt(text, first)];
  if (second === undefined) return null;
  const corners = [swapAt(text, first), swapAt(text, second), swapAt(swapAt(text, first), second)];
  return others === 3 ? corners : null;
}

/** How often digits change places where there are other ways to be wrong. */
const swapShare = 0.3;

/** Wrong values near a number, or now and then near a code; null where the text is neither, or its turn is the data's. */
export function nearMisses(
  text: string,
  { others, decimal }: { others: number; decimal: '.' | ',' },
  draws: Draws,
): string[] | null {
  const number = writtenNumber(text, decimal);
  const corners = draws.next() < swapShare ? swapped(text, others, draws) : null;
  return corners ?? (number === null ? null : ladder(number, others + 1, draws));
}
