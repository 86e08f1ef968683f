/** First pass over the rows: each is read once, checked, and held as a line of a spool until all groups are known. */
import pMap from 'p-map';
import type { Message, UnsettledRow } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import { Duplicates, type Place, questionKey } from '../checks/duplicates.js';
import { addExample, type Example, Tally } from '../checks/tally.js';
import { type Reason, RowFault } from '../faults.js';
import type { PictureModel } from '../pictures/imageTokens.js';
import { type PictureStore, pictureFileName, type StoredPicture } from '../pictures/pictureStore.js';
import type { ReadRow } from '../read/rows.js';
import { tidy } from '../records/answerText.js';
import { type Draft, type DraftQuestion, draftQuestion, withAnswer } from '../records/draft.js';
import { countTokens } from '../records/recordTokens.js';
import type { ReviewedAnswer, Reviews } from '../records/reviews.js';
import { Groups } from '../split/groups.js';
import type { LineWriter } from './lineWriter.js';

/** What is held of a row between the passes. */
export type SpooledRow = { source: string; line: number } & (
  | { fate: 'used'; id: string; reason: null; detail: string | null; answer: string; record: SpooledRecord }
  | { fate: 'merged'; id: string; reason: 'sameImageQuestionAnswer'; detail: string; answer: string; record: null }
  | {
      fate: 'rejected';
      id: string | null;
      reason: Reason;
      detail: string;
      answer: null;
      record: null;
      /** Where only the answer is at fault: what a rewriting may mend (R5). */
      unsettled: Omit<UnsettledRow, 'source' | 'line' | 'reason'> | null;
    }
);

export interface SpooledRecord {
  messages: Message[];
  images: string[];
  kind: string | null;
  /** Handle of its group. */
  group: number;
}

interface Checked {
  row: ReadRow;
  question: DraftQuestion | null;
  draft: Draft | null;
  reviewed: ReviewedAnswer | null;
  pictures: StoredPicture[];
  fault: RowFault | null;
}

/** Faults of the answer alone: question and pictures are sound. */
const answerFaults: readonly Reason[] = [
  'answerMissing',
  'answerEmpty',
  'answerNotInLabels',
  'answerNotANumber',
  'answerNotJson',
];

/** Rows that are decoded beside each other, bounded in number and in text. */
const batchRows = 64;
const batchBytes = 16 * 1024 * 1024;
const picturesAtOnce = 4;

export interface FileCount {
  read: number;
  good: number;
  /** Rejected for their answer alone. */
  unsettled: number;
  rejections: Map<Reason, Example>;
}

export interface ImportOptions {
  source: DataSource;
  /** Answers that a person accepted in place of those of the rows. */
  reviews: Reviews;
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
  async readFile(named: string, folder: string, rows: AsyncIterable<ReadRow>): Promise<FileCount> {
    const file: FileCount = { read: 0, good: 0, unsettled: 0, rejections: new Map() };
    for await (const batch of batches(rows)) {
      for (const checked of await this.checkAll(batch, folder)) {
        file.read += 1;
        const row = this.settle(checked, named, file.read);
        if (row.fate === 'rejected') addExample(file.rejections, row.reason, `line ${row.line}: ${row.detail}`);
        else file.good += 1;
        if (row.fate === 'rejected' && row.unsettled) file.unsettled += 1;
        await this.options.spool.write(row);
      }
      this.options.heartbeat(this.tally.read);
    }
    return file;
  }

  /** Waits for every row even when one fails, so that no picture is written after the folder is given up. */
  private async checkAll(batch: ReadRow[], folder: string): Promise<Checked[]> {
    try {
      const settings = { concurrency: picturesAtOnce, stopOnError: false };
      return await pMap(batch, (row) => this.check(row, folder), settings);
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  }

  private async check(row: ReadRow, folder: string): Promise<Checked> {
    const { source, reviews } = this.options;
    const checked: Checked = { row, question: null, draft: null, reviewed: null, pictures: [], fault: null };
    const { pictures } = checked;
    try {
      if (row.value === null) throw row.fault ?? new RowFault('notAnObject', 'the record is empty');
      const question = draftQuestion(row.value, source);
      checked.question = question;
      for (const image of question.images) pictures.push(await this.options.pictures.load(image, folder));
      checked.reviewed = reviews.answerFor(keyOf(question.messages, pictures), tidied(question.given));
      checked.draft = withAnswer(question, source.answer, checked.reviewed?.answer ?? null);
      this.tally.tokens(countTokens(checked.draft.messages, pictures, this.options.limits));
      return checked;
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      return { ...checked, fault: error };
    }
  }

  /** Decides a row's fate. Called in the order of the rows, so that nothing depends on which picture was ready first. */
  private settle(checked: Checked, named: string, ordinal: number): SpooledRow {
    const { row, question: asked, draft, reviewed, pictures, fault } = checked;
    const place = { source: named, line: row.line };
    if (fault || !draft) {
      const { reason, detail } = fault ?? { reason: 'notAnObject' as const, detail: 'the record is empty' };
      const id = asked?.id ?? idIn(row.value, this.options.source.fields.id);
      this.tally.reject(reason, detail, place);
      const unsettled = answerFaults.includes(reason) ? unsettledRow(checked, `${named}:${ordinal}`) : null;
      return { ...place, id, fate: 'rejected', reason, detail, answer: null, record: null, unsettled };
    }
    const repairs = [...row.repairs, ...draft.repairs, ...pictures.flatMap((picture) => picture.repairs)];
    if (reviewed) repairs.push('answerReviewed');
    const id = this.uniqueId(draft.id ?? `${named}:${ordinal}`, repairs);
    const digests = pictures.map(({ digest }) => digest);
    const question = keyOf(draft.messages.slice(0, -1), pictures);
    this.tally.repair(repairs);
    this.tally.odd(draft.oddKeys, { ...place, id });
    for (const picture of pictures) this.tally.picture(picture);
    const before = this.duplicates.add(question, draft.answer, { ...place, id });
    if (before) return this.merged(place, id, draft.answer, before, repairs);
    const oddKeys = draft.oddKeys.map((key) => `odd key ${JSON.stringify(key)}`);
    const detail = [...repairs, ...(reviewed ? [reviewNote(reviewed)] : []), ...oddKeys].join(', ') || null;
    const shared = [...(draft.group === null ? [] : [draft.group]), ...digests];
    const group = this.groups.join([shared[0] ?? question, ...shared.slice(1)]);
    const images = digests.map(pictureFileName);
    const record = { messages: draft.messages, images, kind: draft.kind, group };
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

/** The key of a question that stands without its answer. */
function keyOf(asked: Message[], pictures: StoredPicture[]): string {
  const answer: Message = { role: 'assistant', content: [] };
  return questionKey(
    [...asked, answer],
    pictures.map(({ digest }) => digest),
  );
}

function tidied(given: string | null): string | null {
  return given === null ? null : tidy(given);
}

function reviewNote({ by, purpose }: ReviewedAnswer): string {
  return `answer reviewed (${purpose}) by ${by}`;
}

/** null where a picture or the question itself can't be used. */
function unsettledRow(
  { question, pictures }: Checked,
  name: string,
): Omit<UnsettledRow, 'source' | 'line' | 'reason'> | null {
  if (question === null || pictures.length < question.images.length) return null;
  const { id, messages, given } = question;
  const images = pictures.map(({ digest }) => pictureFileName(digest));
  return { id: id ?? name, messages, images, given: tidied(given) };
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
