/** Opens one file or folder by its format, for tests that look at the rows before they are records. */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FileFormat, FileSettings, Opening, ReadRow } from '../../../activities/data/read/format.js';
import { AnswerKind } from '../../../config/evaluation.js';

export interface Given {
  root?: string;
  fields?: Partial<FileSettings['fields']>;
  unanswered?: FileSettings['unanswered'];
}

export async function openingOf(file: string, { root, fields, unanswered }: Given = {}): Promise<Opening> {
  const isFolder = statSync(file).isDirectory();
  const bytes = isFolder ? Buffer.alloc(0) : (await readFile(file)).subarray(0, 65_536);
  return {
    file,
    named: path.basename(file),
    root: root ?? (isFolder ? file : path.dirname(file)),
    settings: {
      format: 'auto',
      fields: { id: 'id', image: 'image', question: 'question', answer: 'answer', ...fields },
      question: null,
      answer: AnswerKind.parse({ kind: 'text' }),
      unanswered: unanswered ?? 'declared',
      weight: 1,
      images: null,
    },
    start: { isFolder, bytes, text: null },
    listed: [file],
  };
}

export async function rowsOf(format: FileFormat, opening: Opening | Promise<Opening>): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for await (const row of (await format.open(await opening)).rows) rows.push(row);
  return rows;
}

/** The values; rows that have none are left out. */
export async function valuesOf(
  format: FileFormat,
  opening: Opening | Promise<Opening>,
): Promise<Record<string, unknown>[]> {
  return (await rowsOf(format, opening)).flatMap(({ value }) => (value === null ? [] : [value]));
}
