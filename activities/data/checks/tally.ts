/** Counts of an import: what the manifest, its notes and its questions are made from. */
import type { Split } from '../../../config/records.js';
import { splitNames } from '../../../config/records.js';
import type { Reason } from '../faults.js';
import type { StoredPicture } from '../pictures/pictureStore.js';
import type { TokenCount } from '../records/recordTokens.js';

export interface Example {
  count: number;
  first: string;
}

/** One answer: in how many good rows, and in which splits its used records lie. */
export interface AnswerCount {
  rows: number;
  splits: Set<Split>;
}

/** Counts one more of a kind and keeps the first. */
export function addExample<Kind>(examples: Map<Kind, Example>, kind: Kind, example: string): void {
  const before = examples.get(kind);
  examples.set(kind, { count: (before?.count ?? 0) + 1, first: before?.first ?? example });
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export class Tally {
  used = 0;
  merged = 0;
  rejected = 0;
  /** Pictures without an answer yet (R5). */
  waiting = 0;
  leftOut = 0;
  readonly rejections = new Map<Reason, Example>();
  readonly repairs = new Map<string, number>();
  readonly oddKeys = new Map<string, Example>();
  /** Digests of deep pictures by the range that the rule `sensorRange` found. */
  readonly ranges = new Map<string, Set<string>>();
  readonly answers = new Map<string, AnswerCount>();
  readonly bySplit: Record<Split, number> = { train: 0, dev: 0, validation: 0, test: 0 };
  readonly maximum = { images: 0, perImage: 0, textBytes: 0 };

  get read(): number {
    return this.used + this.merged + this.rejected + this.waiting + this.leftOut;
  }

  reject(reason: Reason, detail: string, place: { source: string; line: number }): void {
    this.rejected += 1;
    addExample(this.rejections, reason, `${place.source}, line ${place.line}: ${detail.slice(0, 300)}`);
  }

  repair(repairs: string[]): void {
    for (const repair of repairs) count(this.repairs, repair);
  }

  odd(keys: string[], { source, line, id }: { source: string; line: number; id: string }): void {
    for (const key of keys) addExample(this.oddKeys, key, `${id.slice(0, 80)} at ${source}, line ${line}`);
  }

  picture({ range, digest }: StoredPicture): void {
    if (range === null) return;
    this.ranges.set(range, (this.ranges.get(range) ?? new Set()).add(digest));
  }

  tokens({ images, perImage, textBytes }: TokenCount): void {
    this.maximum.images = Math.max(this.maximum.images, images);
    this.maximum.perImage = Math.max(this.maximum.perImage, perImage);
    this.maximum.textBytes = Math.max(this.maximum.textBytes, textBytes);
  }

  /** Called in the second pass, for used rows with their split and for merged ones with null. */
  answer(answer: string, split: Split | null): void {
    const before = this.answers.get(answer) ?? { rows: 0, splits: new Set<Split>() };
    before.rows += 1;
    if (split) {
      before.splits.add(split);
      this.bySplit[split] += 1;
    }
    this.answers.set(answer, before);
  }

  /** Called in the second pass, for a used row whose group its source's weight leaves out. */
  leaveOut(): void {
    this.used -= 1;
    this.leftOut += 1;
  }

  emptySplits(shares: Record<Split, number>): Split[] {
    return splitNames.filter((name) => shares[name] > 0 && this.bySplit[name] === 0);
  }
}
