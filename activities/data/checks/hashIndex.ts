/**
 * Finds all pairs of 64-bit hashes that differ in few bits without comparing all pairs: multi-index hashing (Norouzi,
 * Punjani and Fleet, CVPR 2012, arXiv 1307.2982). Each hash is cut into 4 bands of 16 bits. Of two hashes that differ
 * in 7 bits at most, one band differs in 1 bit at most, so only hashes with such bands are compared.
 */
import type { Steps } from '../memory/steps.js';
import type { Hash } from '../pictures/fingerprint.js';

/** Every pair at this distance or nearer is found; of those farther apart, most but not all. */
export const surelyFound = 7;

const bandCount = 4;
const keys = 1 << 16;
/** About 100 ms of work. */
const comparedAtOnce = 20_000_000;

/** Hashes in columns: 8 bytes each. */
export interface Hashes {
  high: Uint32Array;
  low: Uint32Array;
  count: number;
}

export interface NearSearch {
  /** Bits in which two hashes may differ. */
  distance: number;
  /** Bits that are turned over in one of both before they are compared: of a mirrored picture. */
  flip?: Hash;
}

type Visit = (one: number, other: number, distance: number) => void;

/**
 * Calls `visit` once for each pair found, the lower place first. Takes 12 bytes a hash while it runs. Pairs come in an
 * order that depends on the order of the hashes; which pairs come does not.
 */
export function* visitNearPairs(hashes: Hashes, { distance, flip = [0, 0] }: NearSearch, visit: Visit): Steps<void> {
  let compared = 0;
  for (let band = 0; band < bandCount; band += 1) {
    const sorted = sortByBand(hashes, band);
    yield;
    const join = joinOf(sorted, { band, distance, flip }, visit);
    for (const [one, other] of keyPairs(sorted.starts, bandOf(flip[0], flip[1], band))) {
      join(one, other);
      compared += sizeOf(sorted.starts, one) * sizeOf(sorted.starts, other);
      if (compared < comparedAtOnce) continue;
      compared = 0;
      yield;
    }
  }
}

/** How many hashes `visitNearPairs` compares: the measure of its time, about 2 nanoseconds each. */
export function comparisonsOf(hashes: Hashes): number {
  let sum = 0;
  for (let band = 0; band < bandCount; band += 1) {
    const starts = startsOf(hashes, band);
    const size = (key: number) => sizeOf(starts, key);
    for (const [one, other] of keyPairs(starts, 0))
      sum += one === other ? (size(one) * (size(one) - 1)) / 2 : size(one) * size(other);
  }
  return sum;
}

/** Bits in which two 32-bit numbers differ (Warren, Hacker's Delight, 5-1). */
export function differingBits(one: number, other: number): number {
  let bits = one ^ other;
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function hashDistance(one: Hash, other: Hash): number {
  return differingBits(one[0], other[0]) + differingBits(one[1], other[1]);
}

function bandOf(high: number, low: number, band: number): number {
  return ((band < 2 ? high : low) >>> (band % 2 === 0 ? 16 : 0)) & 0xffff;
}

interface SortedBand {
  /** Where the hashes of each key begin in the columns below. */
  starts: Uint32Array;
  places: Uint32Array;
  high: Uint32Array;
  low: Uint32Array;
}

function startsOf({ high, low, count }: Hashes, band: number): Uint32Array {
  const starts = new Uint32Array(keys + 1);
  for (let place = 0; place < count; place += 1) {
    const next = bandOf(high[place] as number, low[place] as number, band) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let key = 0; key < keys; key += 1) starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
  return starts;
}

function sizeOf(starts: Uint32Array, key: number): number {
  return (starts[key + 1] as number) - (starts[key] as number);
}

/** Hashes of one key side by side, so that they are compared in the order in which they lie in memory. */
function sortByBand(hashes: Hashes, band: number): SortedBand {
  const { high, low, count } = hashes;
  const starts = startsOf(hashes, band);
  const next = starts.slice();
  const sorted = { starts, places: new Uint32Array(count), high: new Uint32Array(count), low: new Uint32Array(count) };
  for (let place = 0; place < count; place += 1) {
    const key = bandOf(high[place] as number, low[place] as number, band);
    const at = next[key] as number;
    next[key] = at + 1;
    sorted.places[at] = place;
    sorted.high[at] = high[place] as number;
    sorted.low[at] = low[place] as number;
  }
  return sorted;
}

/** All unordered pairs of keys that differ in 1 bit at most once one of them is turned over; the first holds a hash. */
function* keyPairs(starts: Uint32Array, flip: number): Generator<[number, number]> {
  for (let key = 0; key < keys; key += 1) {
    if (starts[key] === starts[key + 1]) continue;
    const turned = key ^ flip;
    if (turned >= key) yield [key, turned];
    for (let bit = 0; bit < 16; bit += 1) {
      const other = turned ^ (1 << bit);
      if (other >= key) yield [key, other];
    }
  }
}

/** Compares the hashes of two keys, or those of one key with each other. */
function joinOf(sorted: SortedBand, search: Required<NearSearch> & { band: number }, visit: Visit) {
  const { starts, places, high, low } = sorted;
  const { band, distance: limit, flip } = search;
  return (one: number, other: number): void => {
    const end = starts[one + 1] as number;
    const otherEnd = starts[other + 1] as number;
    const otherStart = starts[other] as number;
    if (otherStart === otherEnd) return;
    for (let i = starts[one] as number; i < end; i += 1) {
      const iHigh = ((high[i] as number) ^ flip[0]) >>> 0;
      const iLow = ((low[i] as number) ^ flip[1]) >>> 0;
      for (let j = one === other ? i + 1 : otherStart; j < otherEnd; j += 1) {
        const distance = differingBits(iHigh, high[j] as number) + differingBits(iLow, low[j] as number);
        if (distance > limit) continue;
        if (foundBefore(iHigh ^ (high[j] as number), iLow ^ (low[j] as number), band)) continue;
        const [a, b] = [places[i] as number, places[j] as number];
        visit(Math.min(a, b), Math.max(a, b), distance);
      }
    }
  };
}

/** Whether an earlier band differs in 1 bit at most too, so that the pair has been visited there. */
function foundBefore(high: number, low: number, band: number): boolean {
  for (let earlier = 0; earlier < band; earlier += 1) {
    const differing = bandOf(high, low, earlier);
    if ((differing & (differing - 1)) === 0) return true;
  }
  return false;
}
