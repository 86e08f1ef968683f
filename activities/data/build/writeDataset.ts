/** Third pass: splits are known, so each row goes to its file and to the ledger; then the manifest. */
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { DatasetManifest, splitNames } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { sha256, writeJson } from '../../storage/files.js';
import { guessQuestions, makingNotes } from '../checks/makingNotes.js';
import { type Findings, notesOf, questionsOf } from '../checks/notes.js';
import { HashMap64, hash64, hash64OfHex } from '../memory/hashMap64.js';
import { type PictureStore, pictureFileName } from '../pictures/pictureStore.js';
import type { Collected } from './collect.js';
import { writeFineSet } from './fineSet.js';
import { LineWriter } from './lineWriter.js';
import { type Made, makeRecords, makesRecords, type Wishes } from './makeRecords.js';
import { RowWriter } from './rowWriter.js';
import { spooledRows, type Windows } from './windows.js';

/** So many are read by a person; the figures are in the counts. */
const maximumNotes = 24;

export interface WriteOptions {
  folder: string;
  windows: Windows;
  /** Names of the files, by index. */
  named: string[];
  /** How far the answers of each file can be trusted, 0 to 1. */
  trusts: number[];
  collected: Collected;
  findings: Findings;
  /** What is made of its records, and the terms that the manifest notes. */
  source: Wishes & Pick<DataSource, 'terms'>;
  settings: RecipeSettings['data'];
  /** Tokens that a record may take. */
  maximumTokens: number;
  seed: number;
  pictures: PictureStore;
  /** Told every picture file that was looked for. */
  seen: LineWriter;
  heartbeat: (rows: number) => void;
}

/** Writes splits, ledger and manifest. Throws `Internal` when a row has got lost between the passes. */
export async function writeDataset(options: WriteOptions): Promise<DatasetManifest> {
  const { folder, windows, collected, findings, settings, seed, heartbeat } = options;
  const { rows, digests, made } = await writeRecords(options);
  const { tally, answers } = collected;
  const placed = splitNames.reduce((sum, name) => sum + tally.bySplit[name], 0);
  const read = windows.sources.reduce((sum, source) => sum + source.rows, 0);
  if (placed !== tally.used || tally.read !== read) throw lostRows(folder, read, tally.read, placed);
  for (let count = 0; count < rows.repeated; count += 1) tally.repair('idRepeated');
  const fine = rows.doubted === 0 ? null : await writeFineSet(folder, { settings: settings.quality, seed, heartbeat });
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
      images: rows.images.size,
      bySplit: tally.bySplit,
      byReason: Object.fromEntries([
        ...[...tally.rejections].map(([reason, { count }]) => [reason, count]),
        ...tally.leftOutFor,
      ]),
      repairs: Object.fromEntries([...tally.repairs].sort(([one], [other]) => (one < other ? -1 : 1))),
      made: made?.made ?? {},
      notMade: made?.notMade ?? {},
      ...(fine?.count ? { fine: fine.count } : {}),
    },
    notes: [...windows.notes, ...notesOf(findings), ...makingNotes(made, fine)].slice(0, maximumNotes),
    questions: [...windows.questions, ...questionsOf(findings), ...guessQuestions(made)],
    checks: collected.checks,
    ...(options.source.terms ? { terms: options.source.terms } : {}),
    answers: answersOf(answers, tally.used + tally.merged),
    tokens: {
      imageMaximum: tally.maximum.images,
      perImage: tally.maximum.perImage,
      textBytesMaximum: Math.max(tally.maximum.textBytes, made?.textBytes ?? 0),
    },
  };
  const all = { ...digests, ...made?.digests, ...(fine?.digest ? { fine: fine.digest } : {}) };
  const digest = sha256(JSON.stringify({ content, digests: all }));
  const manifest = DatasetManifest.parse({ ...content, digest });
  await writeJson(path.join(folder, 'manifest.json'), manifest);
  return manifest;
}

interface Written {
  rows: RowWriter;
  /** Of the files before records were made of others. */
  digests: Record<string, string>;
  made: Made | null;
}

/** Every file is written under a name of its own and renamed at the end: two attempts at once don't meet in one. */
async function writeRecords(options: WriteOptions): Promise<Written> {
  const { folder, windows, source } = options;
  const mark = randomUUID();
  const partial = (name: string) => path.join(folder, `${name}.${mark}.partial`);
  const { collected, named, trusts, settings } = options;
  const rows = new RowWriter(collected, { named, trusts, costs: settings.quality.costs });
  const digests = await writeRows(options, rows, partial);
  const made = makesRecords(source) ? await make(options, rows, partial) : null;
  for (const name of rowFiles) await rename(partial(name), path.join(folder, `${name}.jsonl`));
  if (made) {
    await rename(partial('made'), path.join(folder, 'train.jsonl'));
    await rename(partial('formats-test'), path.join(folder, 'formats-test.jsonl'));
  }
  await removeUnshown(folder, windows, rows);
  return { rows, digests, made };
}

const rowFiles = [...splitNames, 'waiting', 'unsettled', 'ledger'] as const;

async function writeRows(
  { folder, windows, seen: seenFiles, heartbeat }: WriteOptions,
  rows: RowWriter,
  partial: (name: string) => string,
): Promise<Record<string, string>> {
  const writers = new Map<string, LineWriter>();
  for (const name of rowFiles) writers.set(name, await LineWriter.open(partial(name)));
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
        if (seen.get(key) === -1) await seenFiles.write(file);
        seen.set(key, 0);
      }
      heartbeat(rows.count);
    }
  } finally {
    for (const [name, writer] of writers) digests[name] = await writer.close();
  }
  return digests;
}

async function make(options: WriteOptions, rows: RowWriter, partial: (name: string) => string): Promise<Made> {
  const { folder, source, seed, pictures, heartbeat, maximumTokens } = options;
  const files = {
    train: partial('train'),
    test: partial('test'),
    madeTrain: partial('made'),
    formatsTest: partial('formats-test'),
  };
  return makeRecords(files, {
    folder,
    wishes: source,
    seed,
    textTokens: maximumTokens - options.collected.tally.maximum.images,
    freeId: (id) => rows.freeId(id),
    keep: async (picture) => {
      const { digest } = await pictures.keep(picture);
      rows.images.set(hash64OfHex(digest), 0);
      return pictureFileName(digest);
    },
    heartbeat,
  });
}

/** Removes the pictures that only rejected or left-out rows showed. */
async function removeUnshown(folder: string, { names }: Windows, { images }: RowWriter): Promise<void> {
  for await (const row of spooledRows(folder, names))
    for (const digest of row.reason === null ? row.pictures.map((picture) => picture.digest) : row.stored)
      if (images.get(hash64OfHex(digest)) === -1) await rm(path.join(folder, pictureFileName(digest)), { force: true });
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
