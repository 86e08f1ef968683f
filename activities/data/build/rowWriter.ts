/** Third pass: what becomes of a row, in the ledger and as a record. */
import type { QualitySettings } from '../../../config/quality.js';
import type { LedgerRow, TaskRecord, UnsettledRow } from '../../../config/records.js';
import { qualityOf } from '../../../workflows/policies/quality.js';
import { HashMap64, hash64, hash64OfHex } from '../memory/hashMap64.js';
import { pictureFileName } from '../pictures/pictureStore.js';
import type { Collected } from './collect.js';
import { whyLeftOut } from './rowTable.js';
import type { RejectedRow, SoundRow, SpooledRow } from './spool.js';

/** Makes of each row its line of the ledger and, where it is used, its record. */
export class RowWriter {
  count = 0;
  repeated = 0;
  /** Training records with a quality below 1. */
  doubted = 0;
  readonly images = new HashMap64();
  private readonly ids = new HashMap64();
  /** Rows taken of each file so far: a row without an id is named by its place in its own file. */
  private readonly ordinals = new Map<number, number>();
  private readonly collected: Collected;
  private readonly named: string[];
  private readonly trusts: number[];
  private readonly costs: QualitySettings['costs'];

  /** Names and trust of the files are by their index. */
  constructor(
    collected: Collected,
    { named, trusts, costs }: { named: string[]; trusts: number[]; costs: QualitySettings['costs'] },
  ) {
    this.collected = collected;
    this.named = named;
    this.trusts = trusts;
    this.costs = costs;
  }

  /** Takes the rows in their order. */
  next(row: SpooledRow): { ledger: LedgerRow; record: TaskRecord | null; unsettled?: UnsettledRow | null } {
    const index = this.count;
    this.count += 1;
    const ordinal = (this.ordinals.get(row.file) ?? 0) + 1;
    this.ordinals.set(row.file, ordinal);
    const source = this.named[row.file] ?? '';
    const place = { source, line: row.line };
    if (row.reason !== null) {
      const { id, reason, detail } = row;
      const ledger: LedgerRow = { ...place, id, fate: 'rejected', split: null, reason, detail };
      return { ledger, record: null, unsettled: this.unsettled(row, id ?? `${source}:${ordinal}`) };
    }
    const repairs = [...row.repairs];
    const wanted = row.id ?? `${source}:${ordinal}`;
    const id = this.freeId(wanted);
    if (id !== wanted) {
      repairs.push('idRepeated');
      this.repeated += 1;
    }
    const merged = this.collected.mergedInto(index);
    if (merged !== null) {
      const detail = [`same as ${this.collected.placeOf(merged)}`, ...repairs].join(', ');
      const reason = 'sameImageQuestionAnswer';
      return { ledger: { ...place, id, fate: 'merged', split: null, reason, detail }, record: null };
    }
    const leftOut = this.collected.leftOut(index);
    if (leftOut) {
      const ledger: LedgerRow = {
        ...place,
        id,
        fate: 'leftOut',
        split: null,
        reason: leftOut,
        detail: whyLeftOut[leftOut],
      };
      return { ledger, record: null };
    }
    const oddKeys = row.oddKeys.map((key) => `odd key ${JSON.stringify(key)}`);
    const detail = [...repairs, ...(row.note === null ? [] : [row.note]), ...oddKeys].join(', ') || null;
    const record = this.record(id, row, this.collected.groupOf(index).name);
    if (row.answer === null) {
      const reason = 'answerWaiting';
      const { messages, images } = record;
      const unsettled = { ...place, id, reason, messages, images, given: null };
      return { ledger: { ...place, id, fate: 'waiting', split: null, reason, detail }, record, unsettled };
    }
    const split = this.collected.splitOf(index);
    const quality = this.qualityOf(index, row);
    if (split === 'train' && quality < 1) this.doubted += 1;
    return {
      ledger: { ...place, id, fate: 'used', split, reason: null, detail },
      record: quality < 1 ? { ...record, quality } : record,
    };
  }

  private qualityOf(index: number, { file, textRepairs, note }: SoundRow): number {
    const signs = {
      source: this.trusts[file] ?? 1,
      conflict: this.collected.isDisputed(index),
      nearDuplicate: this.collected.hasTwin(index),
      agreement: null,
      repairs: textRepairs,
      rewritten: false,
      accepted: note === null ? null : true,
      loss: null,
    };
    return qualityOf(signs, this.costs).quality;
  }

  private unsettled({ file, line, reason, unsettled, stored }: RejectedRow, id: string): UnsettledRow | null {
    if (unsettled === null) return null;
    for (const digest of stored) this.images.set(hash64OfHex(digest), 0);
    return { source: this.named[file] ?? '', line, id, reason, ...unsettled, images: stored.map(pictureFileName) };
  }

  private record(id: string, { messages, pictures, kind, rejected }: SoundRow, group: string): TaskRecord {
    for (const { digest } of pictures) this.images.set(hash64OfHex(digest), 0);
    const images = pictures.map(({ digest }) => pictureFileName(digest));
    return {
      id,
      messages,
      images,
      group,
      ...(kind === null ? {} : { kind }),
      ...(rejected === null ? {} : { rejected }),
    };
  }

  /** Two files often both begin at 1: the later id gets a number, and earlier ones never change. */
  freeId(wanted: string): string {
    let id = wanted;
    for (let count = 2; this.ids.get(hash64(id)) !== -1; count += 1) id = `${wanted}~${count}`;
    this.ids.set(hash64(id), 0);
    return id;
  }
}
