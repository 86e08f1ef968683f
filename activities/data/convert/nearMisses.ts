/**
 * Wrong values made from a right one, such that the right one does not give itself away among them: it is as likely to be
 * any rung of the ladder, or any corner of the square (methods M4).
 */

import type { Pool } from './answerView.js';
import type { Draws } from './draws.js';
import { numberForm, sizeOf, type WrittenNumber, writeLike, writtenNumber } from './forms.js';

/** Counts of the last place by which neighbours on the ladder differ at least: no rung is rounder than another. */
function quantumOf(count: number): number {
  let quantum = 1;
  while (count > 0 && count % (quantum * 10) === 0) quantum *= 10;
  return quantum;
}

/** Tries to find a ladder whose rungs are all as round as the right one. */
const ladderTries = 12;

/**
 * `size` numbers of even spacing drawn between 10 and 50 % of the value, with the right one at a rung drawn evenly.
 * Returns the others. None is negative, and none has fewer places than the right one.
 */
export function ladder(number: WrittenNumber, size: number, draws: Draws): string[] {
  const quantum = quantumOf(number.count);
  let counts: number[] = [];
  for (let tries = 0; tries < ladderTries; tries++) {
    const below = draws.below(size);
    const share = draws.between(0.1, Math.max(0.1, 0.5 / (size - 1)));
    const step = Math.max(quantum, Math.round((number.count * share) / quantum) * quantum);
    const first = Math.max(number.count % step, number.count - below * step);
    counts = Array.from({ length: size }, (_, rung) => first + rung * step);
    if (counts.every((count) => quantumOf(count) === quantum)) break;
  }
  return counts.filter((count) => count !== number.count).map((count) => writeLike(number, count));
}

/** Neighbouring digits that differ and may change places: not the first, which tells the size, and no zero. */
function swapsIn(text: string): number[] {
  const places: number[] = [];
  for (let at = 1; at + 1 < text.length; at++) {
    const [before = '', one = '', other = ''] = [text[at - 1], text[at], text[at + 1]];
    if (/^\d[1-9][1-9]$/.test(before + one + other) && one !== other) places.push(at);
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
const swapShare = 0.2;

/**
 * Wrong values near a number, or now and then near a code; null where the text is neither, or its turn is the data's.
 * Of the numbers in the data those are taken that lie in one window with the right one, which doubles from its lower to
 * its upper end and holds the right one at a place drawn evenly: any of them might have drawn the same window.
 */
export function nearMisses(
  text: string,
  {
    others,
    decimal,
    pool,
    fits,
  }: {
    others: number;
    decimal: '.' | ',';
    pool: Pool | null;
    fits: (one: string, other: string) => boolean;
  },
  draws: Draws,
): string[] | null {
  const corners = draws.next() < swapShare ? swapped(text, others, draws) : null;
  const number = corners ? null : writtenNumber(text, decimal);
  if (number === null) return corners;
  return inWindow({ text, number, others }, { pool, fits }, draws) ?? ladder(number, others + 1, draws);
}

/** Draws until so many candidates did not fit. */
const windowTries = 30;

function inWindow(
  { text, number, others }: { text: string; number: WrittenNumber; others: number },
  { pool, fits }: { pool: Pool | null; fits: (one: string, other: string) => boolean },
  draws: Draws,
): string[] | null {
  const known = pool?.numbers.get(numberForm(number));
  const low = sizeOf(number) * 2 ** -draws.next();
  if (!known || !(low > 0)) return null;
  const [from, to] = [low, 2 * low].map((value) => placeIn(known.values, value)) as [number, number];
  const chosen = [{ answer: text, value: sizeOf(number) }];
  for (let tries = 0; tries < windowTries && chosen.length <= others && to - from > others; tries++) {
    const at = drawnPlace(known.sums, from, to, draws);
    const [answer = '', value = 0] = [known.answers[at]?.answer, known.values[at]];
    const apart = chosen.every((one) => Math.abs(one.value - value) >= 0.1 * low && fits(one.answer, answer));
    if (apart) chosen.push({ answer, value });
  }
  return chosen.length > others ? chosen.slice(1).map(({ answer }) => answer) : null;
}

/** The first place whose value is not below `value`. */
function placeIn(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A place from `from` to before `to`, with a chance in proportion to its weight; `sums` are running sums of weights. */
export function drawnPlace(sums: Float64Array, from: number, to: number, draws: Draws): number {
  const before = from > 0 ? (sums[from - 1] ?? 0) : 0;
  const at = before + draws.next() * ((sums[to - 1] ?? 0) - before);
  return Math.min(to - 1, Math.max(from, placeIn(sums, at)));
}
