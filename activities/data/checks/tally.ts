/** Counts of an import: what the manifest, its notes and its questions are made from. */
import type { Split } from '../../../config/records.js';
import { splitNames } from '../../../config/records.js';
import type { LeftOut } from '../build/rowTable.js';
import type { Example, RejectedRow, SoundRow } from '../build/spool.js';
import type { Reason } from '../faults.js';
import type { TokenCount } from '../records/recordTokens.js';

/** Counts one more of a kind and keeps the first. */
function addExample<Kind>(examples: Map<Kind, Example>, kind: Kind, example: string): void {
  const before = examples.get(kind);
  examples.set(kind, { count: (before?.count ?? 0) + 1, first: before?.first ?? example });
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Kinds of slips and of ranges that are told apart; more of them would be counted as one. */
const maximumKinds = 1000;

export class Tally {
  used = 0;
  merged = 0;
  rejected = 0;
  /** Pictures without an answer yet (R5). */
  waiting = 0;
  leftOut = 0;
  readonly leftOutFor = new Map<LeftOut, number>();
  readonly rejections = new Map<Reason, Example>();
  readonly repairs = new Map<string, number>();
  /** Sound rows that show none. */
  withoutPicture = 0;
  readonly oddKeys = new Map<string, Example>();
  /** Pictures by the range that the rule `sensorRange` found. */
  readonly ranges = new Map<string, number>();
  readonly bySplit: Record<Split, number> = { train: 0, dev: 0, validation: 0, test: 0 };
  readonly maximum: TokenCount = { images: 0, perImage: 0, textBytes: 0 };

  get read(): number {
    return this.used + this.merged + this.rejected + this.waiting + this.leftOut;
  }

  reject({ reason, detail, line }: RejectedRow, named: string): void {
    this.rejected += 1;
    addExample(this.rejections, reason, `${named}, line ${line}: ${detail.slice(0, 300)}`);
  }

  /** What a sound row brings, merged or not. */
  sound({ repairs, oddKeys, tokens, id, line, pictures }: SoundRow, named: string): void {
    if (pictures.length === 0) this.withoutPicture += 1;
    for (const repair of repairs) count(this.repairs, repair);
    const place = `${id === null ? 'a row' : id.slice(0, 80)} at ${named}, line ${line}`;
    for (const key of oddKeys)
      if (this.oddKeys.size < maximumKinds || this.oddKeys.has(key)) addExample(this.oddKeys, key, place);
    this.maximum.images = Math.max(this.maximum.images, tokens.images);
    this.maximum.perImage = Math.max(this.maximum.perImage, tokens.perImage);
    this.maximum.textBytes = Math.max(this.maximum.textBytes, tokens.textBytes);
  }

  /** Of a row that was counted as used. */
  leaveOut(reason: LeftOut): void {
    this.used -= 1;
    this.leftOut += 1;
    count(this.leftOutFor, reason);
  }

  /** Counts a picture that was not met before. */
  range(range: string): void {
    count(this.ranges, range);
  }

  repair(repair: string): void {
    count(this.repairs, repair);
  }

  emptySplits(shares: Record<Split, number>): Split[] {
    return splitNames.filter((name) => shares[name] > 0 && this.bySplit[name] === 0);
  }
}
