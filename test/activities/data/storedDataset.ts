/** Writes dataset folders as a build would, for tests of what reads them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import {
  type DatasetManifest,
  type LedgerRow,
  type Split,
  splitNames,
  type TaskRecord,
} from '../../../config/records.js';

export interface Stored {
  records?: Partial<Record<Split, TaskRecord[]>>;
  ledger?: LedgerRow[];
  manifest?: Partial<DatasetManifest>;
}

/** One question about one picture, and its answer. */
export function asked(
  id: string,
  changes: { question?: string; answer?: string } & Partial<TaskRecord> = {},
): TaskRecord {
  const { question = 'What is it?', answer = 'a dot', ...rest } = changes;
  const messages: TaskRecord['messages'] = [
    {
      role: 'user',
      content: [
        { type: 'image', image: 0 },
        { type: 'text', text: question },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: answer }] },
  ];
  return { id, messages, images: ['images/dot.png'], group: id, ...rest };
}

export function used(id: string, split: Split, line = 1, detail: string | null = null): LedgerRow {
  return { source: 'rows.jsonl', line, id, fate: 'used', split, reason: null, detail };
}

export function rejected(line: number, reason: string, detail = 'as it is'): LedgerRow {
  return { source: 'rows.jsonl', line, id: null, fate: 'rejected', split: null, reason, detail };
}

export async function writeStored(folder: string, { records = {}, ledger = [], manifest = {} }: Stored): Promise<void> {
  mkdirSync(path.join(folder, 'images'), { recursive: true });
  const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  for (const split of splitNames) writeFileSync(path.join(folder, `${split}.jsonl`), lines(records[split] ?? []));
  writeFileSync(path.join(folder, 'ledger.jsonl'), lines(ledger));
  const pictures = new Set(Object.values(records).flatMap((of) => of.flatMap(({ images }) => images)));
  for (const picture of pictures) await writePicture(path.join(folder, picture));
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify({ ...manifestOf(records, ledger), ...manifest }));
}

/** A picture of its own for every name. */
async function writePicture(file: string): Promise<void> {
  const [one = 0, two = 0, three = 0] = Buffer.from(path.basename(file));
  const background = { r: one, g: two, b: three };
  mkdirSync(path.dirname(file), { recursive: true });
  await sharp({ create: { width: 24, height: 16, channels: 3, background } })
    .png()
    .toFile(file);
}

function manifestOf(records: NonNullable<Stored['records']>, ledger: LedgerRow[]): DatasetManifest {
  const count = (fate: string) => ledger.filter((row) => row.fate === fate).length;
  const bySplit = Object.fromEntries(splitNames.map((name) => [name, records[name]?.length ?? 0]));
  const reasons = ledger.flatMap(({ fate, reason }) => (fate === 'rejected' && reason ? [reason] : []));
  return {
    schema: 'anneal.dataset/1',
    digest: 'd'.repeat(64),
    sources: [{ path: 'rows.jsonl', format: 'jsonl', rows: ledger.length, sha256: 's'.repeat(64) }],
    counts: {
      read: ledger.length,
      used: count('used'),
      merged: count('merged'),
      rejected: count('rejected'),
      waiting: count('waiting'),
      leftOut: count('leftOut'),
      images: 1,
      bySplit: bySplit as Record<Split, number>,
      byReason: Object.fromEntries(reasons.map((reason) => [reason, reasons.filter((each) => each === reason).length])),
      repairs: {},
      made: {},
      notMade: {},
    },
    notes: [],
    questions: [],
    answers: { distinct: 1, largestShare: 1, largest: 'a dot', once: 0 },
    tokens: { imageMaximum: 18, perImage: 18, textBytesMaximum: 40 },
  };
}
