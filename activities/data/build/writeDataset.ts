/** Third pass: splits are known, so each row goes to its file and to the ledger; then the manifest. */
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import {
  DatasetManifest,
  type LedgerRow,
  splitNames,
  type TaskRecord,
  type UnsettledRow,
} from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { sha256, writeJson } from '../../storage/files.js';
import { type Findings, notesOf, questionsOf } from '../checks/notes.js';
import { HashMap64, hash64, hash64OfHex } from '../memory/hashMap64.js';
import { pictureFileName } from '../pictures/pictureStore.js';
import type { Collected, LeftOut } from './collect.js';
import { LineWriter } from './lineWriter.js';
import type { RejectedRow, SoundRow, SpooledRow } from './spool.js';
import { spooledRows, type Windows } from './windows.js';

export interface WriteOptions {
  folder: string;
  windows: Windows;
  /** Names of the files, by index. */
  named: string[];
  collected: Collected;
  findings: Findings;
  settings: RecipeSettings['data'];
  /** Told every picture file that was looked for. */
  seen: LineWriter;
  heartbeat: (rows: number) => void;
}

/** Writes splits, ledger and manifest. Throws `Internal` when a row has got lost between the passes. */
export async function writeDataset(options: WriteOptions): Promise<DatasetManifest> {
  const { folder, windows, collected, findings } = options;
  const { images, digests, repeated } = await writeRows(options);
  const { tally, answers } = collected;
  const placed = splitNames.reduce((sum, name) => sum + tally.bySplit[name], 0);
  const rows = windows.sources.reduce((sum, source) => sum + source.rows, 0);
  if (placed !== tally.used || tally.read !== rows) throw lostRows(folder, rows, tally.read, placed);
  for (let count = 0; count < repeated; count += 1) tally.repair('idRepeated');
  const content = {
    schema: 'anneal.dataset/1' as const,
    sources: windows.sources,
    counts: {
      read: tally.read,
      used: tally.used,
      merged: tally.merged,
      rejected: tally.rejected,
      waiting: tally.waiting,
      leftOut: tally.leftOut,
      images,
      bySplit: tally.bySplit,
      byReason: Object.fromEntries([
        ...[...tally.rejections].map(([reason, { count }]) => [reason, count]),
        ...tally.leftOutFor,
      ]),
      repairs: Object.fromEntries([...tally.repairs].sort(([one], [other]) => (one < other ? -1 : 1))),
    },
    notes: [...windows.notes, ...notesOf(findings)].slice(0, 20),
    questions: [...windows.questions, ...questionsOf(findings)],
    checks: collected.checks,
    answers: answersOf(answers, tally.used + tally.merged),
    tokens: {
      imageMaximum: tally.maximum.images,
      perImage: tally.maximum.perImage,
      textBytesMaximum: tally.maximum.textBytes,
    },
  };
  const manifest = DatasetManifest.parse({ ...content, digest: sha256(JSON.stringify({ content, digests })) });
  await writeJson(path.join(folder, 'manifest.json'), manifest);
  return manifest;
}

interface Written {
  images: number;
  digests: Record<string, string>;
  repeated: number;
}

/** Every file is written under a name of its own and renamed at the end: two attempts at once don't meet in one. */
async function writeRows(options: WriteOptions): Promise<Written> {
  const { folder, windows, collected, named } = options;
  const mark = randomUUID();
  const partial = (name: string) => path.join(folder, `${name}.${mark}.partial`);
  const names = [...splitNames, 'waiting', 'unsettled', 'ledger'] as const;
  const writers = new Map<string, LineWriter>();
  for (const name of names) writers.set(name, await LineWriter.open(partial(name)));
  const rows = new RowWriter(collected, named);
  const digests: Record<string, string> = {};
  const seen = new HashMap64();
  try {
    for await (const row of spooledRows(folder, windows.names)) {
      const { ledger, record, unsettled } = rows.next(row);
      await writers.get('ledger')?.write(ledger);
      if (record) await writers.get(ledger.split ?? 'waiting')?.write(record);
      if (unsettled) await writers.get('unsettled')?.write(unsettled);
      for (const file of row.seen) {
        const key = hash64(JSON.stringify([file.path, file.beside]));
        if (seen.get(key) === -1) await options.seen.write(file);
        seen.set(key, 0);
      }
      options.heartbeat(rows.count);
    }
  } finally {
    for (const [name, writer] of writers) digests[name] = await writer.close();
  }
  for (const name of names) await rename(partial(name), path.join(folder, `${name}.jsonl`));
  await removeUnshown(folder, windows, rows);
  return { images: rows.images.size, digests, repeated: rows.repeated };
}

/** Removes the pictures that only rejected or left-out rows showed. */
async function removeUnshown(folder: string, { names }: Windows, { images }: RowWriter): Promise<void> {
  for await (const row of spooledRows(folder, names))
    for (const digest of row.reason === null ? row.pictures.map((picture) => picture.digest) : row.stored)
      if (images.get(hash64OfHex(digest)) === -1) await rm(path.join(folder, pictureFileName(digest)), { force: true });
}

const whyLeftOut: Record<LeftOut, string> = {
  joinsSplits: 'it ties records together that an earlier build put into different splits',
  weight: 'its group is not in the share that the weight of its source takes',
};

/** Makes of each row its line of the ledger and, where it is used, its record. */
class RowWriter {
  count = 0;
  repeated = 0;
  readonly images = new HashMap64();
  private readonly ids = new HashMap64();
  /** Rows taken of each file so far: a row without an id is named by its place in its own file. */
  private readonly ordinals = new Map<number, number>();
  private readonly collected: Collected;
  private readonly named: string[];

  constructor(collected: Collected, named: string[]) {
    this.collected = collected;
    this.named = named;
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
    const id = this.uniqueId(row.id ?? `${source}:${ordinal}`, repairs);
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
    return { ledger: { ...place, id, fate: 'used', split, reason: null, detail }, record };
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
  private uniqueId(wanted: string, repairs: string[]): string {
    let id = wanted;
    for (let count = 2; this.ids.get(hash64(id)) !== -1; count += 1) id = `${wanted}~${count}`;
    if (id !== wanted) {
      repairs.push('idRepeated');
      this.repeated += 1;
    }
    this.ids.set(hash64(id), 0);
    return id;
  }
}

/** Over all good rows, merged ones included: that is how often people will meet each answer. */
function answersOf(answers: Collected['answers'], good: number): DatasetManifest['answers'] {
  let largest = { answer: '', rows: 0 };
  for (const [answer, { rows }] of answers.named()) if (rows > largest.rows) largest = { answer, rows };
  return {
    distinct: answers.distinct,
    largestShare: good === 0 ? 0 : largest.rows / good,
    largest: largest.answer.slice(0, 200),
    once: answers.once,
  };
}

function lostRows(folder: string, rows: number, fates: number, placed: number): Error {
  return problem('Internal', {
    what: `The ledger does not add up: ${rows} rows read, ${fates} with a fate, ${placed} in a split.`,
    where: folder,
    todo: 'Please report this: it is a fault of Anneal, and the dataset is not used.',
  });
}
