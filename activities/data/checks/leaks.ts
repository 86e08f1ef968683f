/** Proves after the split that nothing is on two sides of it (M4). */
import { type Split, splitNames } from '../../../config/records.js';
import { HashMap64, hash64 } from '../memory/hashMap64.js';
import type { Clusters } from './clusters.js';

/** Why two records of different splits belong together. */
export const ties = ['samePicture', 'nearPicture', 'sameGroup'] as const;
export type Tie = (typeof ties)[number];

export interface PlacedRecord {
  id: string;
  split: Split;
  group: string;
  /** Handles in `NearPictures`, one for each content. */
  pictures: number[];
}

export interface Leaks {
  /** Things that are in two splits or more: pictures, clusters of near pictures, groups. All 0 is the proof. */
  crossing: Record<Tie, number>;
  /** The record that brought each of the first of them into a second split. */
  first: { tie: Tie; id: string; split: Split }[];
}

const keptLeaks = 20;

/** Takes the records one by one; 2 bytes a picture, and 20 to 40 a group. */
export class LeakProof {
  private readonly clusters: Clusters;
  /** A bit for each split in which a picture or a cluster was met. */
  private readonly pictures: Uint8Array;
  private readonly nearPictures: Uint8Array;
  private readonly groups = new HashMap64();
  private readonly leaks: Leaks = { crossing: { samePicture: 0, nearPicture: 0, sameGroup: 0 }, first: [] };

  constructor(pictures: number, clusters: Clusters) {
    this.clusters = clusters;
    this.pictures = new Uint8Array(pictures);
    this.nearPictures = new Uint8Array(pictures);
  }

  add(record: PlacedRecord): void {
    for (const picture of record.pictures) {
      const cluster = this.clusters.of(picture);
      this.pictures[picture] = this.met(this.pictures[picture] as number, record, 'samePicture');
      this.nearPictures[cluster] = this.met(this.nearPictures[cluster] as number, record, 'nearPicture');
    }
    const group = hash64(record.group);
    this.groups.set(group, this.met(Math.max(0, this.groups.get(group)), record, 'sameGroup'));
  }

  found(): Leaks {
    return this.leaks;
  }

  /** Counts a thing when it comes into its second split, so that each counts once. */
  private met(before: number, { id, split }: PlacedRecord, tie: Tie): number {
    const now = before | (1 << splitNames.indexOf(split));
    if (now !== before && before !== 0 && (before & (before - 1)) === 0) {
      this.leaks.crossing[tie] += 1;
      if (this.leaks.first.length < keptLeaks) this.leaks.first.push({ tie, id, split });
    }
    return now;
  }
}
