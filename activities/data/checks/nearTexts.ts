/** Finds texts that say nearly the same word for word: MinHash with banding (Broder 1997; Leskovec et al., ch. 3). */
import { atOnce, type Steps } from '../memory/steps.js';
import { Clusters } from './clusters.js';
import { grown } from './grown.js';
import { lowestKeys, quantile, scrambled } from './sampling.js';
import { jaccard, shinglesOf } from './textShingles.js';

/** Near duplicates share at least this part of their 5-grams (M4). */
const nearShare = 0.8;
/** 14 bands of 5: a pair at 0.8 is found with 99.6 %, one at 0.5 is compared with 36 %. */
const bands = 14;
const rowsOfBand = 5;
/** 5-grams kept of a text: shares are exact up to so many, and have a standard error of 0.05 beyond. */
const keptShingles = 64;
/** A text with fewer 5-grams is equal to another or not: one changed word would change them all. */
const leastShingles = 6;
/** Above this share that two texts have in common in the median, they are one template, filled in. */
const templateShare = 0.2;
/** So few texts are compared in any case. */
const fewTexts = 10;
const sampleSize = 256;
/** Members of a band's bucket that a further one is compared with, so that a million like texts cost no square. */
const comparedWith = 64;
const keptPairs = 1000;

export interface NearTextPair {
  one: number;
  other: number;
  /** Share of the 5-grams of both that are in both. */
  share: number;
}

export interface NearTextFindings {
  texts: number;
  /** Too short to be near another. */
  short: number;
  /** Why texts are not compared; null where they are. */
  reason: string | null;
  /** Median share that two texts of a sample have in common. */
  medianShare: number;
  clusters: Clusters;
  /** One pair for each text that joined others, at most 1,000. */
  copies: NearTextPair[];
}

/** Takes at most 316 bytes a text, however long it is, and 8 more while it searches. */
export class NearTexts {
  private bandKeys = new Uint32Array(0);
  private ends = new Uint32Array(0);
  private shingles = new Uint32Array(0);
  private count = 0;
  private short = 0;

  /** Returns a handle, which counts from 0. */
  add(text: string): number {
    const all = shinglesOf(text);
    const kept = all.length < leastShingles ? all.subarray(0, 0) : all.subarray(0, keptShingles);
    const handle = this.count;
    const start = this.startOf(handle);
    this.count += 1;
    if (kept.length === 0) this.short += 1;
    this.ends = grown(this.ends, this.count);
    this.ends[handle] = start + kept.length;
    this.shingles = grown(this.shingles, start + kept.length);
    this.shingles.set(kept, start);
    this.bandKeys = grown(this.bandKeys, this.count * bands);
    if (kept.length > 0) this.bandKeys.set(bandKeysOf(all), handle * bands);
    return handle;
  }

  find(): NearTextFindings {
    return atOnce(this.search());
  }

  /** The same in steps. */
  *search(): Steps<NearTextFindings> {
    const medianShare = this.medianShare();
    const reason =
      this.count - this.short > fewTexts && medianShare > templateShare
        ? `two texts have ${Math.round(medianShare * 100)} % of their wording in common in the median: they are one template`
        : null;
    const clusters = new Clusters(this.count);
    const copies: NearTextPair[] = [];
    if (reason === null)
      for (let band = 0; band < bands; band += 1) {
        this.joinBand(band, clusters, copies);
        yield;
      }
    return { texts: this.count, short: this.short, reason, medianShare, clusters, copies };
  }

  private startOf(handle: number): number {
    return handle === 0 ? 0 : (this.ends[handle - 1] as number);
  }

  private shinglesOf(handle: number): Uint32Array {
    return this.shingles.subarray(this.startOf(handle), this.ends[handle]);
  }

  private isLong(handle: number): boolean {
    return this.startOf(handle) < (this.ends[handle] as number);
  }

  /** Texts with one key side by side: sorted as 64-bit numbers of key and handle. */
  private joinBand(band: number, clusters: Clusters, copies: NearTextPair[]): void {
    const sorted = new BigUint64Array(this.count);
    // Little-endian, as every platform that Node runs on: the low word comes first.
    const words = new Uint32Array(sorted.buffer);
    for (let handle = 0; handle < this.count; handle += 1) {
      words[2 * handle] = handle;
      words[2 * handle + 1] = this.bandKeys[handle * bands + band] as number;
    }
    sorted.sort();
    let first = 0;
    for (let at = 1; at < this.count; at += 1) {
      if (words[2 * at + 1] !== words[2 * first + 1]) first = at;
      for (let before = Math.max(first, at - comparedWith); before < at; before += 1)
        this.join(words[2 * before] as number, words[2 * at] as number, { clusters, copies });
    }
  }

  private join(one: number, other: number, { clusters, copies }: Pick<NearTextFindings, 'clusters' | 'copies'>): void {
    if (!this.isLong(one) || !this.isLong(other) || clusters.of(one) === clusters.of(other)) return;
    const share = jaccard(this.shinglesOf(one), this.shinglesOf(other), keptShingles);
    if (share < nearShare) return;
    clusters.unite(one, other);
    if (copies.length < keptPairs) copies.push({ one: Math.min(one, other), other: Math.max(one, other), share });
  }

  /** Over the pairs of a sample; the median, so that copies among them are no sign of a template. */
  private medianShare(): number {
    const long = Uint32Array.from({ length: this.count }, (_, handle) => handle).filter((each) => this.isLong(each));
    const keyOf = (at: number) => scrambled(this.bandKeys[(long[at] as number) * bands] as number);
    const sample = [...lowestKeys(long.length, sampleSize, keyOf)].map((at) => this.shinglesOf(long[at] as number));
    const shares = new Float64Array((sample.length * (sample.length - 1)) / 2);
    let at = 0;
    for (const [index, one] of sample.entries())
      for (const other of sample.slice(index + 1)) {
        shares[at] = jaccard(one, other, keptShingles);
        at += 1;
      }
    return quantile(shares, 0.5);
  }
}

/** One key a band: of the lowest values of the set under 5 hash functions each. */
function bandKeysOf(shingles: Uint32Array): Uint32Array {
  const keys = new Uint32Array(bands);
  for (let row = 0; row < bands * rowsOfBand; row += 1) {
    const turn = scrambled(row + 1);
    let lowest = 0xffffffff;
    for (const shingle of shingles) lowest = Math.min(lowest, scrambled(shingle ^ turn));
    const band = Math.floor(row / rowsOfBand);
    keys[band] = scrambled(Math.imul(keys[band] as number, 31) + lowest);
  }
  return keys;
}
