/** What is held of every row while all are compared: a few dozen bytes each, in columns. */
import { type Split, splitNames } from '../../../config/records.js';
import { bytes, integers } from '../memory/columns.js';

export const fates = { used: 0, merged: 1, rejected: 2, joinsSplits: 3, weight: 4, waiting: 5 } as const;
type Fate = (typeof fates)[keyof typeof fates];
/** Reasons why sound rows are left out. */
export type LeftOut = 'joinsSplits' | 'weight';

export const whyLeftOut: Record<LeftOut, string> = {
  joinsSplits: 'it ties records together that an earlier build put into different splits',
  weight: 'its group is not in the share that the weight of its source takes',
};

/** Handles that others gave out; -1 where there is none. */
export interface RowHandles {
  /** Of its group. */
  key: number;
  answer: number;
  /** Of its answer as answers are compared. */
  saying: number;
  /** Of its texts without the pictures. */
  question: number;
  /** Among the texts of records without a picture. */
  text: number;
  /** The row that this one repeats. */
  mergedInto: number;
  pinned: Split | null;
}

const none: RowHandles = { key: -1, answer: -1, saying: -1, question: -1, text: -1, mergedInto: -1, pinned: null };
const notPinned = 255;

export class RowTable {
  private readonly fates = bytes();
  private readonly files = integers();
  private readonly lines = integers();
  private readonly pinned = bytes();
  private readonly handles = {
    key: integers(),
    answer: integers(),
    saying: integers(),
    question: integers(),
    text: integers(),
    mergedInto: integers(),
  };
  /** Where the pictures of a row begin in `shown`; they end where those of the next begin. */
  private readonly firstShown = integers();
  private readonly shown = integers();

  get length(): number {
    return this.fates.length;
  }

  /** Adds a row; returns its index. */
  push(place: { file: number; line: number }, pictures: number[], fate: Fate, handles: Partial<RowHandles>): number {
    this.files.push(place.file);
    this.lines.push(place.line);
    this.firstShown.push(this.shown.length);
    for (const picture of pictures) this.shown.push(picture);
    const { pinned, ...others } = { ...none, ...handles };
    this.pinned.push(pinned === null ? notPinned : splitNames.indexOf(pinned));
    for (const name of handleNames) this.handles[name].push(others[name]);
    return this.fates.push(fate);
  }

  isUsed(row: number): boolean {
    return this.fates.at(row) === fates.used;
  }

  leaveOut(row: number, reason: LeftOut): void {
    this.fates.set(row, fates[reason]);
  }

  leftOut(row: number): LeftOut | null {
    const fate = this.fates.at(row);
    if (fate === fates.joinsSplits) return 'joinsSplits';
    return fate === fates.weight ? 'weight' : null;
  }

  mergedInto(row: number): number | null {
    return this.fates.at(row) === fates.merged ? this.handles.mergedInto.at(row) : null;
  }

  handle(row: number, of: HandleName): number {
    return this.handles[of].at(row);
  }

  pinOf(row: number): Split | null {
    return splitNames[this.pinned.at(row)] ?? null;
  }

  place(row: number): { file: number; line: number } {
    return { file: this.files.at(row), line: this.lines.at(row) };
  }

  /** Pictures by their order of first appearance. */
  shownBy(row: number): number[] {
    const end = row + 1 < this.length ? this.firstShown.at(row + 1) : this.shown.length;
    const shown: number[] = [];
    for (let at = this.firstShown.at(row); at < end; at += 1) shown.push(this.shown.at(at));
    return shown;
  }
}

type HandleName = Exclude<keyof RowHandles, 'pinned'>;
const handleNames: HandleName[] = ['key', 'answer', 'saying', 'question', 'text', 'mergedInto'];
