/** Finds pictures that are copies of one another though their pixels differ: compressed, resized, framed, brightened (M4). */
import { atOnce, type Steps } from '../memory/steps.js';
import type { Fingerprint, Hash } from '../pictures/fingerprint.js';
import { Clusters } from './clusters.js';
import { differenceHashes } from './differenceHashes.js';
import { grown } from './grown.js';
import { differingBits, type Hashes, visitNearPairs } from './hashIndex.js';
import { guardOf, type PictureGuard } from './pictureGuard.js';
import { lowestKeys, scrambled } from './sampling.js';
import { isFlat, Thumbnails } from './thumbnails.js';

/** Bits of 64 in which copies differ at most, by the two hashes, and the share of the limit that confirms them (M4). */
const copyRules = [
  { phash: 6, dhash: 8, share: 1 },
  // Farther hashes, of pictures whose colours were changed, are outweighed by nearer thumbnails.
  { phash: 10, dhash: 14, share: 0.5 },
];
/** Bits up to which a pair is worth a look. Of pairs beyond 7 some are missed. */
const suspectBits = 10;
/** Thumbnails of a suspect pair may differ so many times more than those of copies. */
const suspectLimit = 2;
/** In a mirrored picture every second wave is turned over: the odd ones of each row of the pHash. */
const mirrorFlip: Hash = [0x55555555, 0x55555555];
/** Held-out pictures whose nearest training picture is looked for. */
const nearestSample = 512;
/** Pairs that are kept to show; all are counted. */
const keptPairs = 1000;

export interface NearPair {
  /** Handles, the lower one first. */
  one: number;
  other: number;
  /** Bits in which the hashes differ by which the pair was found. */
  distance: number;
}

export interface NearPictureFindings {
  pictures: number;
  guard: PictureGuard;
  /** Which pictures are copies of one another: these must stay on one side of a split. */
  clusters: Clusters;
  /** One pair for each picture that joined others, at most 1,000. */
  copies: NearPair[];
  /** Pairs that may be copies, of different clusters: for a person to see, never merged. */
  suspects: { count: number; first: NearPair[] };
  /** Pairs of which one is probably the other one mirrored: reported, never merged. */
  mirrors: { count: number; first: NearPair[] };
}

/**
 * Takes 316 bytes a picture, and 24 more while it searches. Pictures of one colour are told apart by their pixels alone:
 * they get a handle and are never searched for.
 */
export class NearPictures {
  private readonly thumbnails = new Thumbnails();
  private high = new Uint32Array(0);
  private low = new Uint32Array(0);
  private dhigh = new Uint32Array(0);
  private dlow = new Uint32Array(0);
  /** Handles of those that are searched for, by their places in the columns. */
  private handles = new Uint32Array(0);
  private count = 0;
  private pictures = 0;

  /** Returns a handle, which counts from 0. */
  add({ phash, dhash, thumbnail }: Fingerprint): number {
    const handle = this.pictures;
    this.pictures += 1;
    if (isFlat(thumbnail)) return handle;
    const place = this.count;
    this.count += 1;
    this.high = grown(this.high, this.count);
    this.low = grown(this.low, this.count);
    this.dhigh = grown(this.dhigh, this.count);
    this.dlow = grown(this.dlow, this.count);
    this.handles = grown(this.handles, this.count);
    this.high[place] = phash[0];
    this.low[place] = phash[1];
    this.dhigh[place] = dhash[0];
    this.dlow[place] = dhash[1];
    this.handles[place] = handle;
    this.thumbnails.add(thumbnail);
    return handle;
  }

  /** All copies among the pictures added. Which pictures form a cluster does not depend on the order of adding. */
  find(): NearPictureFindings {
    return atOnce(this.search());
  }

  /** The same in steps. */
  *search(): Steps<NearPictureFindings> {
    const { count, thumbnails, handles } = this;
    const phashes = { high: this.high, low: this.low, count };
    const guard = guardOf(phashes, thumbnails);
    const hashes = guard.method === 'hashes' ? phashes : yield* differenceHashes(thumbnails, count);
    const clusters = new Clusters(this.pictures);
    const copies: NearPair[] = [];
    const suspected = new Pairs();
    yield* visitNearPairs(hashes, { distance: suspectBits }, (a, b, distance) => {
      const [one, other] = [handles[a] as number, handles[b] as number];
      if (clusters.of(one) === clusters.of(other)) return;
      if (this.areCopies(a, b, distance, guard)) {
        clusters.unite(one, other);
        if (copies.length < keptPairs) copies.push({ one, other, distance });
      } else if (this.areSuspect(a, b, guard)) suspected.add(one, other, distance);
    });
    const suspects = suspected.between(clusters);
    const mirrors = yield* this.mirrors(phashes, guard, clusters);
    return { pictures: this.pictures, guard, clusters, copies, suspects, mirrors };
  }

  /**
   * How many of the pictures `from` have their nearest picture `to` at each distance, 0 to 64 bits of the pHash (M4); of
   * at most 512 of them, the same ones in any order of adding.
   */
  *nearest(from: (handle: number) => boolean, to: (handle: number) => boolean): Steps<number[]> {
    const { handles, high, low } = this;
    const places = Uint32Array.from({ length: this.count }, (_, place) => place);
    const targets = places.filter((place) => to(handles[place] as number));
    const starts = places.filter((place) => from(handles[place] as number));
    const keyOf = (at: number) => scrambled(this.thumbnails.key(starts[at] as number));
    const histogram = new Array<number>(65).fill(0);
    if (targets.length === 0) return histogram;
    for (const at of lowestKeys(starts.length, nearestSample, keyOf)) {
      const [one, other] = [high[starts[at] as number] as number, low[starts[at] as number] as number];
      let least = 64;
      for (const place of targets)
        least = Math.min(least, differingBits(one, high[place] as number) + differingBits(other, low[place] as number));
      histogram[least] = (histogram[least] as number) + 1;
      yield;
    }
    return histogram;
  }

  private areCopies(one: number, other: number, distance: number, { method, limit }: PictureGuard): boolean {
    if (method === 'differences') return this.thumbnails.agree(one, other, { limit, mirrored: false });
    const bits = this.dhashDistance(one, other);
    const rule = copyRules.find(({ phash, dhash }) => distance <= phash && bits <= dhash);
    return rule !== undefined && this.thumbnails.agree(one, other, { limit: limit * rule.share, mirrored: false });
  }

  private areSuspect(one: number, other: number, { method, limit }: PictureGuard): boolean {
    if (method === 'hashes' && this.dhashDistance(one, other) > suspectBits) return false;
    return this.thumbnails.difference(one, other) <= suspectLimit * limit;
  }

  private dhashDistance(one: number, other: number): number {
    return (
      differingBits(this.dhigh[one] as number, this.dhigh[other] as number) +
      differingBits(this.dlow[one] as number, this.dlow[other] as number)
    );
  }

  /** Sought by pHash alone, since the hashes of differences do not know left from right. */
  private *mirrors(
    phashes: Hashes,
    { method, limit }: PictureGuard,
    clusters: Clusters,
  ): Steps<NearPictureFindings['mirrors']> {
    const mirrored = new Pairs();
    if (method === 'hashes')
      yield* visitNearPairs(phashes, { distance: suspectBits, flip: mirrorFlip }, (a, b, distance) => {
        const [one, other] = [this.handles[a] as number, this.handles[b] as number];
        if (clusters.of(one) === clusters.of(other)) return;
        if (this.thumbnails.agree(a, b, { limit, mirrored: true })) mirrored.add(one, other, distance);
      });
    return mirrored.between(clusters);
  }
}

/** Pairs in columns, since there may be many before clusters are final. */
class Pairs {
  private columns = new Uint32Array(0);
  private count = 0;

  add(one: number, other: number, distance: number): void {
    this.columns = grown(this.columns, (this.count + 1) * 3);
    this.columns.set([one, other, distance], this.count * 3);
    this.count += 1;
  }

  /** Those of different clusters. */
  between(clusters: Clusters): { count: number; first: NearPair[] } {
    const found = { count: 0, first: [] as NearPair[] };
    for (let at = 0; at < this.count * 3; at += 3) {
      const [one = 0, other = 0, distance = 0] = this.columns.subarray(at, at + 3);
      if (clusters.of(one) === clusters.of(other)) continue;
      found.count += 1;
      if (found.first.length < keptPairs) found.first.push({ one, other, distance });
    }
    return found;
  }
}
