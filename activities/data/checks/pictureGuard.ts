/** Whether the hashes of a set tell its pictures apart, and how alike two of its pictures must be to count as one (M4). */
import { comparisonsOf, differingBits, type Hashes } from './hashIndex.js';
import { lowestKeys, quantile, scrambled } from './sampling.js';
import type { Thumbnails } from './thumbnails.js';

/** Bits of 64: random pairs of a set with varied content differ in 32. */
const leastMedian = 20;
const mostOfOneHash = 0.01;
/** A hash held by so few is no sign of collapse, however small the set. */
const fewPictures = 10;
/** Above so many comparisons a picture, hashes do not narrow the search. */
const mostComparisons = 20_000;

/** Pairs with nearer hashes may be copies, and say nothing of how alike unrelated pictures are. */
const mayBeCopies = 10;
const lowTail = 0.01;
/** A copy differs this much less than the most alike of the unrelated pairs. */
const farBelow = 0.3;
const highestLimit = 0.2;
/** What JPEG at quality 70 leaves between a picture and its copy. */
const lowestLimit = 0.02;
const sampleSize = 512;

export interface PictureGuard {
  /** What finds the candidates: the pictures' own hashes, or hashes of how each differs from the mean of the set. */
  method: 'hashes' | 'differences';
  /** Why hashes are not used; null where they are. */
  reason: string | null;
  /** Median distance of the pHashes of two pictures, in bits of 64. */
  medianDistance: number;
  /** Share of the pictures that hold the commonest pHash. */
  commonestHash: number;
  /** Mean difference of thumbnails up to which two pictures are copies. */
  limit: number;
}

export function guardOf(hashes: Hashes, thumbnails: Thumbnails): PictureGuard {
  const { high, low, count } = hashes;
  const sample = lowestKeys(count, sampleSize, (place) => scrambled(thumbnails.key(place)));
  const pairs = (sample.length * (sample.length - 1)) / 2;
  const distances = new Float64Array(pairs);
  const differences = new Float64Array(pairs);
  let at = 0;
  for (const [index, one] of sample.entries())
    for (const other of sample.subarray(index + 1)) {
      distances[at] =
        differingBits(high[one] as number, high[other] as number) +
        differingBits(low[one] as number, low[other] as number);
      differences[at] = thumbnails.difference(one, other);
      at += 1;
    }
  const medianDistance = quantile(distances, 0.5);
  const commonest = largestGroup(hashes);
  const commonestHash = count === 0 ? 0 : commonest / count;
  const reason = reasonOf({ medianDistance, commonest, commonestHash, hashes });
  const unrelated = differences.filter((_, pair) => reason !== null || (distances[pair] as number) > mayBeCopies);
  const limit = limitOf(unrelated);
  return { method: reason === null ? 'hashes' : 'differences', reason, medianDistance, commonestHash, limit };
}

function limitOf(differences: Float64Array): number {
  if (differences.length === 0) return highestLimit;
  return Math.max(lowestLimit, Math.min(highestLimit, farBelow * quantile(differences, lowTail)));
}

function reasonOf(seen: { medianDistance: number; commonest: number; commonestHash: number; hashes: Hashes }) {
  const { medianDistance, commonest, commonestHash, hashes } = seen;
  if (hashes.count < fewPictures) return null;
  if (medianDistance < leastMedian)
    return `two pictures differ in ${medianDistance} of 64 bits (median), fewer than ${leastMedian}`;
  if (commonest > fewPictures && commonestHash > mostOfOneHash)
    return `${commonest} of ${hashes.count} pictures have the same hash`;
  if (comparisonsOf(hashes) > mostComparisons * hashes.count) return 'too many pictures have nearly the same hash';
  return null;
}

function largestGroup({ high, low, count }: Hashes): number {
  const whole = new BigUint64Array(count);
  const words = new Uint32Array(whole.buffer);
  for (let place = 0; place < count; place += 1) {
    words[2 * place] = low[place] as number;
    words[2 * place + 1] = high[place] as number;
  }
  whole.sort();
  let largest = 0;
  let from = 0;
  for (let place = 1; place <= count; place += 1) {
    if (place < count && words[2 * place] === words[2 * from] && words[2 * place + 1] === words[2 * from + 1]) continue;
    largest = Math.max(largest, place - from);
    from = place;
  }
  return largest;
}
