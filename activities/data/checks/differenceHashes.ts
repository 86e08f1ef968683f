/**
 * Hashes for a set whose pictures all look much the same, such as scans of one form: of how each thumbnail differs from
 * the mean thumbnail of the set. Each bit is the side of a random plane on which that difference lies (random
 * hyperplanes; Charikar, STOC 2002).
 */
import type { Steps } from '../memory/steps.js';
import { brightnessCells } from '../pictures/fingerprint.js';
import type { Hashes } from './hashIndex.js';
import { scrambled } from './sampling.js';
import type { Thumbnails } from './thumbnails.js';

/** Thumbnails hashed in one step: about 50 ms. */
const hashedAtOnce = 4096;

export function* differenceHashes(thumbnails: Thumbnails, count: number): Steps<Hashes> {
  const mean = meanOf(thumbnails, count);
  const planes = planesOf();
  const hashes = { high: new Uint32Array(count), low: new Uint32Array(count), count };
  const difference = new Float64Array(brightnessCells);
  for (let place = 0; place < count; place += 1) {
    for (let cell = 0; cell < brightnessCells; cell += 1)
      difference[cell] = thumbnails.standing(place, cell) - (mean[cell] as number);
    hashes.high[place] = sides(difference, planes, 0);
    hashes.low[place] = sides(difference, planes, 32);
    if (place % hashedAtOnce === 0) yield;
  }
  return hashes;
}

function meanOf(thumbnails: Thumbnails, count: number): Float64Array {
  const mean = new Float64Array(brightnessCells);
  for (let place = 0; place < count; place += 1)
    for (let cell = 0; cell < brightnessCells; cell += 1)
      mean[cell] = (mean[cell] as number) + thumbnails.standing(place, cell) / count;
  return mean;
}

/** 64 planes, each by the signs of its normal vector. */
function planesOf(): Int8Array {
  return Int8Array.from({ length: 64 * brightnessCells }, (_, index) => (scrambled(index + 1) & 1 ? 1 : -1));
}

function sides(difference: Float64Array, planes: Int8Array, from: number): number {
  let bits = 0;
  for (let plane = from; plane < from + 32; plane += 1) {
    let sum = 0;
    const start = plane * brightnessCells;
    for (let cell = 0; cell < brightnessCells; cell += 1)
      sum += (difference[cell] as number) * (planes[start + cell] as number);
    // Equal pictures differ from the mean by nothing but error of arithmetic, which must not choose a side.
    bits = (bits << 1) | Number(sum > 1e-6);
  }
  return bits >>> 0;
}
