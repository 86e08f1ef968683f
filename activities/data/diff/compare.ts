/** What differs between two builds, given what is alike in id. Pure: it is handed one bucket of ids at a time. */
import type { Split } from '../../../config/records.js';
import { type ComparedPart, comparedParts, type RecordFacts, type RowFacts } from './facts.js';

export interface ChangedRecord {
  id: string;
  parts: ComparedPart[];
  before: string;
  after: string;
}

export interface MovedRecord {
  id: string;
  before: Split;
  after: Split;
}

export interface ChangedFate {
  row: string;
  before: string;
  after: string;
}

interface Placed {
  id: string;
  split: Split;
  answer: string;
}

/** Of each kind of difference all are counted, and the first are kept to be shown. */
export interface Differences {
  same: number;
  added: Kept<Placed>;
  removed: Kept<Placed>;
  changed: Kept<ChangedRecord>;
  /** Records that were in another split: held-out ones that are trained on now, or the other way. */
  moved: Kept<MovedRecord>;
  fates: Kept<ChangedFate>;
  parts: Record<ComparedPart, number>;
}

export interface Kept<Item> {
  count: number;
  first: Item[];
}

/** Of each kind at most. */
const shownItems = 100;

export function noDifferences(): Differences {
  const none = <Item>(): Kept<Item> => ({ count: 0, first: [] });
  const parts = { answer: 0, question: 0, pictures: 0, rest: 0 };
  return { same: 0, added: none(), removed: none(), changed: none(), moved: none(), fates: none(), parts };
}

export interface Bucket {
  records: RecordFacts[];
  rows: RowFacts[];
}

/** Adds what one bucket of ids shows. Both sides must have been put into buckets by the same rule. */
export function compareBucket(one: Bucket, other: Bucket, into: Differences): void {
  const before = new Map(one.records.map((record) => [record.id, record]));
  for (const record of other.records) {
    const was = before.get(record.id);
    before.delete(record.id);
    if (was) compareRecord(was, record, into);
    else keep(into.added, placed(record));
  }
  for (const record of before.values()) keep(into.removed, placed(record));
  compareFates(one.rows, other.rows, into);
}

function placed({ id, split, shown }: RecordFacts): Placed {
  return { id, split, answer: shown };
}

function compareRecord(was: RecordFacts, is: RecordFacts, into: Differences): void {
  const parts = comparedParts.filter((part) => was[part] !== is[part]);
  for (const part of parts) into.parts[part] += 1;
  if (parts.length > 0) keep(into.changed, { id: is.id, parts, before: was.shown, after: is.shown });
  if (was.split !== is.split) keep(into.moved, { id: is.id, before: was.split, after: is.split });
  if (parts.length === 0 && was.split === is.split) into.same += 1;
}

/** Rejected rows may share an id, so the fates of a key are compared as a list. */
function compareFates(one: readonly RowFacts[], other: readonly RowFacts[], into: Differences): void {
  const before = fatesByKey(one);
  for (const [key, fates] of fatesByKey(other)) {
    const [was, is] = [before.get(key)?.sort().join(', '), fates.sort().join(', ')];
    if (was !== undefined && was !== is) keep(into.fates, { row: key, before: was, after: is });
  }
}

function fatesByKey(rows: readonly RowFacts[]): Map<string, string[]> {
  const fates = new Map<string, string[]>();
  for (const { key, fate } of rows) fates.set(key, [...(fates.get(key) ?? []), fate]);
  return fates;
}

function keep<Item>(kept: Kept<Item>, item: Item): void {
  kept.count += 1;
  if (kept.first.length < shownItems) kept.first.push(item);
}
