/** Second pass: groups are known, so each row gets its split and goes to its file; then the manifest. */
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import {
  DatasetManifest,
  type LedgerRow,
  type Split,
  splitNames,
  type TaskRecord,
  type UnsettledRow,
} from '../../../config/records.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { readJsonLines, sha256, writeJson } from '../../storage/files.js';
import { type Findings, notesOf, questionsOf } from '../checks/notes.js';
import { splitOf } from '../split/split.js';
import type { Importer, SpooledRecord, SpooledRow } from './importer.js';
import { LineWriter } from './lineWriter.js';

export interface WriteOptions {
  folder: string;
  spool: string;
  importer: Importer;
  findings: Findings;
  sources: DatasetManifest['sources'];
  /** Notes on the files themselves. */
  notes: string[];
  settings: RecipeSettings['data'];
  seed: number;
  keepPictures: (digests: ReadonlySet<string>) => Promise<void>;
  heartbeat: (rows: number) => void;
}

/** Writes splits, ledger and manifest. Throws `Internal` when a row has got lost between the passes. */
export async function writeDataset(options: WriteOptions): Promise<DatasetManifest> {
  const { folder, importer, findings } = options;
  const { images, digests } = await writeRows(options);
  await options.keepPictures(images);
  const { tally } = importer;
  const placed = splitNames.reduce((sum, name) => sum + tally.bySplit[name], 0);
  const rows = options.sources.reduce((sum, source) => sum + source.rows, 0);
  if (placed !== tally.used || tally.read !== rows) throw lostRows(folder, rows, tally.read, placed);
  const content = {
    schema: 'anneal.dataset/1' as const,
    sources: options.sources,
    counts: {
      read: tally.read,
      used: tally.used,
      merged: tally.merged,
      rejected: tally.rejected,
      images: images.size,
      bySplit: tally.bySplit,
      byReason: Object.fromEntries([...tally.rejections].map(([reason, { count }]) => [reason, count])),
      repairs: Object.fromEntries(tally.repairs),
    },
    notes: [...options.notes, ...notesOf(findings)].slice(0, 20),
    questions: questionsOf(findings),
    answers: answersOf(importer),
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

async function writeRows(options: WriteOptions): Promise<{ images: Set<string>; digests: Record<string, string> }> {
  const { folder, importer, settings, seed } = options;
  const names = [...splitNames, 'ledger', 'unsettled'] as const;
  const writers = new Map<string, LineWriter>();
  for (const name of names) writers.set(name, await LineWriter.open(path.join(folder, `${name}.jsonl`)));
  const images = new Set<string>();
  const digests: Record<string, string> = {};
  try {
    let rows = 0;
    for await (const line of readJsonLines(options.spool)) {
      const row = line as SpooledRow;
      const group = row.record === null ? null : importer.groups.nameOf(row.record.group);
      const split = group === null ? null : splitOf(group, seed, settings.split);
      if (row.answer !== null) importer.tally.answer(row.answer, split);
      await writers.get('ledger')?.write(ledgerRow(row, split));
      if (row.fate === 'used' && group !== null && split)
        await writers.get(split)?.write(taskRecord(row.id, row.record, group));
      const unsettled = row.fate === 'rejected' ? row.unsettled : null;
      if (unsettled) await writers.get('unsettled')?.write(unsettledRow(row, unsettled));
      for (const image of [...(row.record?.images ?? []), ...(unsettled?.images ?? [])])
        images.add(path.basename(image, '.png'));
      rows += 1;
      options.heartbeat(rows);
    }
  } finally {
    for (const [name, writer] of writers) digests[name] = await writer.close();
  }
  return { images, digests };
}

function ledgerRow({ source, line, id, fate, reason, detail }: SpooledRow, split: Split | null): LedgerRow {
  return { source, line, id, fate, split, reason, detail };
}

function unsettledRow(
  { source, line, reason }: SpooledRow,
  unsettled: Omit<UnsettledRow, 'source' | 'line' | 'reason'>,
): UnsettledRow {
  return { source, line, reason: reason ?? 'answerMissing', ...unsettled };
}

function taskRecord(id: string, { messages, images, kind }: SpooledRecord, group: string): TaskRecord {
  return { id, messages, images, group, ...(kind === null ? {} : { kind }) };
}

/** Over all good rows, merged ones included: that is how often people will meet each answer. */
function answersOf({ tally }: Importer): DatasetManifest['answers'] {
  let largest = { answer: '', rows: 0 };
  let once = 0;
  for (const [answer, { rows }] of tally.answers) {
    if (rows > largest.rows) largest = { answer, rows };
    if (rows === 1) once += 1;
  }
  const good = tally.used + tally.merged;
  return {
    distinct: tally.answers.size,
    largestShare: good === 0 ? 0 : largest.rows / good,
    largest: largest.answer.slice(0, 200),
    once,
  };
}

function lostRows(folder: string, rows: number, fates: number, placed: number): Error {
  return problem('Internal', {
    what: `The ledger does not add up: ${rows} rows read, ${fates} with a fate, ${placed} in a split.`,
    where: folder,
    todo: 'Please report this: it is a fault of Anneal, and the dataset is not used.',
  });
}
