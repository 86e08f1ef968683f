/** First pass over the rows: each is read once, checked, and held as a line of a spool until all groups are known. */
import pMap from 'p-map';
import type { Message } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import { Duplicates, type Place, questionKey } from '../checks/duplicates.js';
import { addExample, type Example, Tally } from '../checks/tally.js';
import { type Reason, RowFault } from '../faults.js';
import type { PictureModel } from '../pictures/imageTokens.js';
import { type PictureStore, pictureFileName, type StoredPicture } from '../pictures/pictureStore.js';
import type { ReadRow, RowFile } from '../read/format.js';
import { type Draft, draftRecord } from '../records/draft.js';
import { countTokens } from '../records/recordTokens.js';
import { Groups } from '../split/groups.js';
import type { LineWriter } from './lineWriter.js';

/** What is held of a row between the passes. */
export type SpooledRow = { source: string; line: number } & (
  | { fate: 'used'; id: string; reason: null; detail: string | null; answer: string; record: SpooledRecord }
  | { fate: 'merged'; id: string; reason: 'sameImageQuestionAnswer'; detail: string; answer: string; record: null }
  | { fate: 'rejected'; id: string | null; reason: Reason; detail: string; answer: null; record: null }
  | { fate: 'waiting'; id: string; reason: 'answerWaiting'; detail: string | null; answer: null; record: SpooledRecord }
);

export interface SpooledRecord {
  messages: Message[];
  images: string[];
  kind: string | null;
  rejected: string | null;
  /** Handle of its group. */
  group: number;
  /** Share of the groups of its source that are used. */
  weight: number;
}

interface Checked {
  row: ReadRow;
  draft: Draft | null;
  pictures: StoredPicture[];
  fault: RowFault | null;
}

/** Rows that are decoded beside each other, bounded in number and in text. */
const batchRows = 64;
const batchBytes = 16 * 1024 * 1024;
const picturesAtOnce = 4;

export interface FileCount {
  read: number;
  good: number;
  rejections: Map<Reason, Example>;
}

export interface ImportOptions {
  source: DataSource;
  pictures: PictureStore;
  spool: LineWriter;
  limits: { model: PictureModel; maximumTokens: number };
  heartbeat: (rows: number) => void;
}

export class Importer {
  readonly groups = new Groups();
  readonly tally = new Tally();
  readonly duplicates: Duplicates;
  private readonly options: ImportOptions;
  private readonly ids = new Set<string>();

  constructor(options: ImportOptions) {
    this.options = options;
    this.duplicates = new Duplicates(options.source.answer);
  }

  /** Reads one file; returns how many rows it had, how many of them are of use, and why the others are not. */
  async readFile(from: RowFile): Promise<FileCount> {
    const file: FileCount = { read: 0, good: 0, rejections: new Map() };
    for await (const batch of batches(from.rows)) {
      for (const checked of await this.checkAll(batch, from)) {
        file.read += 1;
        const row = this.settle(checked, from, file.read);
        if (row.fate === 'rejected') addExample(file.rejections, row.reason, `line ${row.line}: ${row.detail}`);
        else file.good += 1;
        await this.options.spool.write(row);
      }
      this.options.heartbeat(this.tally.read);
    }
    return file;
  }

  /** Waits for every row even when one fails, so that no picture is written after the folder is given up. */
  private async checkAll(batch: ReadRow[], from: RowFile): Promise<Checked[]> {
    try {
      const settings = { concurrency: picturesAtOnce, stopOnError: false };
      return await pMap(batch, (row) => this.check(row, from), settings);
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  }

  private async check(row: ReadRow, { folder, settings }: RowFile): Promise<Checked> {
    const pictures: StoredPicture[] = [];
    let draft: Draft | null = null;
    try {
      if (row.value === null) throw row.fault ?? new RowFault('notAnObject', 'the record is empty');
      draft = draftRecord(row.value, settings);
      for (const image of draft.images) pictures.push(await this.options.pictures.load(image, folder));
      this.tally.tokens(countTokens(draft.messages, pictures, this.options.limits));
      return { row, draft, pictures, fault: null };
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      return { row, draft, pictures, fault: error };
    }
  }

  /** Decides a row's fate. Called in the order of the rows, so that nothing depends on which picture was ready first. */
  private settle({ row, draft, pictures, fault }: Checked, from: RowFile, ordinal: number): SpooledRow {
    const { named, settings } = from;
    const place = { source: named, line: row.line };
    if (fault || !draft) {
      const { reason, detail } = fault ?? { reason: 'notAnObject' as const, detail: 'the record is empty' };
      const id = draft?.id ?? idIn(row.value, settings.fields.id);
      this.tally.reject(reason, detail, place);
      return { ...place, id, fate: 'rejected', reason, detail, answer: null, record: null };
    }
    const repairs = [...row.repairs, ...draft.repairs, ...pictures.flatMap((picture) => picture.repairs)];
    const id = this.uniqueId(draft.id ?? `${named}:${ordinal}`, repairs);
    const digests = pictures.map(({ digest }) => digest);
    const question = questionKey(draft.messages, digests);
    this.tally.repair(repairs);
    this.tally.odd(draft.oddKeys, { ...place, id });
    for (const picture of pictures) this.tally.picture(picture);
    const before = draft.answer === null ? undefined : this.duplicates.add(question, draft.answer, { ...place, id });
    if (before && draft.answer !== null) return this.merged(place, id, draft.answer, before, repairs);
    const detail = [...repairs, ...draft.oddKeys.map((key) => `odd key ${JSON.stringify(key)}`)].join(', ') || null;
    const shared = [...(draft.group === null ? [] : [draft.group]), ...digests];
    const group = this.groups.join([shared[0] ?? question, ...shared.slice(1)]);
    const images = digests.map(pictureFileName);
    const { messages, kind, rejected } = draft;
    const record = { messages, images, kind, rejected, group, weight: settings.weight };
    if (draft.answer === null) {
      this.tally.waiting += 1;
      return { ...place, id, fate: 'waiting', reason: 'answerWaiting', detail, answer: null, record };
    }
    this.tally.used += 1;
    return { ...place, id, fate: 'used', reason: null, detail, answer: draft.answer, record };
  }

  private merged(
    place: { source: string; line: number },
    id: string,
    answer: string,
    before: Place,
    repairs: string[],
  ): SpooledRow {
    const detail = [`same as ${before.id} at ${before.source}, line ${before.line}`, ...repairs].join(', ');
    this.tally.merged += 1;
    return { ...place, id, fate: 'merged', reason: 'sameImageQuestionAnswer', detail, answer, record: null };
  }

  /** Two files often both begin at 1: the later id gets a number, and earlier ones never change. */
  private uniqueId(wanted: string, repairs: string[]): string {
    let id = wanted;
    for (let count = 2; this.ids.has(id); count += 1) id = `${wanted}~${count}`;
    if (id !== wanted) repairs.push('idRepeated');
    this.ids.add(id);
    return id;
  }
}

function idIn(value: Record<string, unknown> | null, field: string): string | null {
  const id = value?.[field];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

async function* batches(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow[]> {
  let batch: ReadRow[] = [];
  let bytes = 0;
  for await (const row of rows) {
    batch.push(row);
    bytes += row.bytes;
    if (batch.length < batchRows && bytes < batchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
