/** metadata.jsonl or metadata.csv of a folder of pictures: a row a picture, which the field `file_name` names. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { RowFault } from '../faults.js';
import { openBytes, toUtf8 } from './bytes.js';
import { decodeCsv, readCsv } from './csvText.js';
import type { ReadRow } from './format.js';
import { parseJsonRecord } from './jsonRecord.js';
import { jsonLines } from './jsonText.js';

export const metadataNames = ['metadata.jsonl', 'metadata.csv'];
const fileName = 'file_name';

/** A table is read whole, since its encoding is known only at its end. */
const maximumCsvBytes = 256 * 1024 * 1024;

/** The rows as they stand, their lines those of the metadata file. Throws `DatasetInvalid` as readers of such files do. */
export function metadataRows(file: string, named: string): AsyncGenerator<ReadRow> {
  return file.endsWith('.csv') ? csvRows(file, named) : jsonRows(file, named);
}

/** The picture that a row names, relative to the folder of the metadata. Throws `RowFault` `imageMissing`. */
export function namedPicture(value: Record<string, unknown>): string {
  const name = value[fileName];
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw new RowFault('imageMissing', `no picture in field "${fileName}"`);
}

async function* jsonRows(file: string, named: string): AsyncGenerator<ReadRow> {
  for await (const piece of jsonLines(toUtf8(openBytes(file, named)), named)) {
    const row = { line: piece.line, bytes: piece.bytes.length, value: null, fault: null, repairs: [] };
    try {
      const { value } = parseJsonRecord(piece);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new RowFault('notAnObject', 'the record is not an object');
      yield { ...row, value: value as Record<string, unknown> };
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      yield { ...row, fault: error };
    }
  }
}

async function* csvRows(file: string, named: string): AsyncGenerator<ReadRow> {
  if ((await stat(file)).size > maximumCsvBytes)
    throw problem('DatasetInvalid', {
      what: 'The table is longer than 256 MiB.',
      where: named,
      todo: `Write it as ${path.basename(named, '.csv')}.jsonl, which is read line by line.`,
    });
  const { header, lines } = readCsv(
    decodeCsv(await readFile(file), named).text,
    { picture: fileName, wanted: [fileName], required: [fileName] },
    named,
  );
  for (const { line, cells, fault } of lines) {
    const value = fault ? null : Object.fromEntries(header.map((name, index) => [name, cells[index]]));
    yield { line, bytes: cells.reduce((sum, cell) => sum + cell.length, 0), value, fault, repairs: [] };
  }
}
