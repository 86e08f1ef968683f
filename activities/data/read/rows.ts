/** Reads the rows of record files, whatever their container: JSONL, a JSON array or CSV, told by content. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import type { DataSource } from '../../../config/resolved.js';
import { RowFault } from '../faults.js';
import { openBytes, openPacked, toUtf8, unicodeOf } from './bytes.js';
import { containerFormats } from './containerFormats.js';
import { decodeCsv, readCsv } from './csvText.js';
import type { Opening, ReadRow, RowFile } from './format.js';
import { parseJsonRecord } from './jsonRecord.js';
import { type JsonPiece, jsonElements, jsonLines } from './jsonText.js';
import { nameOf } from './rowFile.js';

export type { ReadRow } from './format.js';

/** CSV is read whole, since its encoding is known only at its end. */
const maximumCsvBytes = 256 * 1024 * 1024;

/** Throws `DatasetInvalid` for a file that can't be read, or whose structure leaves no record to tell. */
export async function openRows(source: DataSource, file: string): Promise<RowFile> {
  const named = nameOf(file, source.root);
  const opening = await openingOf(source, file, named);
  for (const container of containerFormats) if (await container.recognise(opening)) return container.open(opening);
  const start = await startOf(file, named);
  const format = formatOf(start, source.format, file, named);
  if (format === 'csv') return csvFile(source, file, named);
  const pieces = (format === 'jsonl' ? jsonLines : jsonElements)(toUtf8(openBytes(file, named)), named);
  const notes: string[] = [];
  return { named, format, folder: path.dirname(file), questions: [], notes, rows: jsonRows(pieces, named, notes) };
}

async function openingOf(source: DataSource, file: string, named: string): Promise<Opening> {
  const { root, format, fields, question, answer } = source;
  const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
  const bytes = isFolder ? Buffer.alloc(0) : await startOf(file, named);
  const settings = { format, fields, question, answer, unanswered: 'declared', weight: 1, images: null } as const;
  return { file, named, root, settings, start: { isFolder, bytes, text: null }, listed: source.files };
}

/** The bytes that the digest of the input is taken over. */
export async function* contentsOf(source: DataSource, file: string): AsyncGenerator<Uint8Array> {
  const named = nameOf(file, source.root);
  const opening = await openingOf(source, file, named);
  for (const container of containerFormats)
    if (await container.recognise(opening)) {
      yield* container.contents ? container.contents(opening) : openPacked(file, named);
      return;
    }
  yield* openPacked(file, named);
}

/** The first 4 KiB, as UTF-8 text where it is text. */
async function startOf(file: string, named: string): Promise<Buffer> {
  let start = Buffer.alloc(0);
  for await (const chunk of openBytes(file, named)) {
    start = Buffer.concat([start, chunk]);
    if (start.length >= 4096) break;
  }
  const unicode = unicodeOf(start);
  const text = unicode === 'utf-8' ? start : Buffer.from(new TextDecoder(unicode).decode(start));
  return text.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? text.subarray(3) : text;
}

function formatOf(start: Buffer, wanted: DataSource['format'], file: string, named: string): 'jsonl' | 'json' | 'csv' {
  if (start.includes(0))
    throw problem('DatasetInvalid', {
      what: 'This is neither JSON nor CSV text.',
      where: named,
      todo: 'Convert the records to JSONL: one JSON object a line.',
    });
  if (wanted === 'csv') return 'csv';
  const [first = ''] = start.toString('utf8').trimStart();
  if (first === '[') return 'json';
  const asJson = wanted === 'jsonl' || first === '{' || /\.(json|jsonl|ndjson)(\.gz)?$/i.test(file);
  return asJson ? 'jsonl' : 'csv';
}

async function* jsonRows(pieces: AsyncIterable<JsonPiece>, named: string, notes: string[]): AsyncGenerator<ReadRow> {
  for await (const piece of pieces) {
    if (piece.trailingComma) notes.push(`${named}, line ${piece.line}: a comma after the last record is overlooked.`);
    else yield* jsonRow(piece);
  }
}

/** A line that holds an array is as many rows. */
function* jsonRow(piece: JsonPiece): Generator<ReadRow> {
  const { line, bytes } = piece;
  const row = { line, bytes: bytes.length, value: null, fault: null, repairs: [] };
  try {
    if (bytes.length === 0) throw new RowFault('jsonInvalid', `nothing between two commas at line ${line}`);
    const { value, trailingComma } = parseJsonRecord(piece);
    const repairs = trailingComma ? ['trailingComma'] : [];
    for (const each of Array.isArray(value) ? value : [value]) yield { ...row, ...asObject(each), repairs };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    yield { ...row, fault: error };
  }
}

function asObject(value: unknown): Pick<ReadRow, 'value' | 'fault'> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { value: value as Record<string, unknown>, fault: null };
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  return { value: null, fault: new RowFault('notAnObject', `the record is ${kind}, not an object`) };
}

async function csvFile(source: DataSource, file: string, named: string): Promise<RowFile> {
  const { image, question, answer, group, kind } = source.fields;
  const wanted = [answer, source.question === null ? question : undefined, group, kind].filter(
    (name) => name !== undefined,
  );
  const { text, encoding } = decodeCsv(await wholeText(file, named), named);
  const { separator, header, lines } = readCsv(text, [image, ...wanted], named);
  const notes = encoding === 'utf-8' ? [] : [`${named} is read as ${encoding}: save it as UTF-8 to be sure.`];
  return {
    named,
    folder: path.dirname(file),
    questions: [],
    format: `csv, ${encoding}, separated by ${JSON.stringify(separator)}`,
    notes,
    rows: rows(),
  };

  async function* rows(): AsyncGenerator<ReadRow> {
    for (const { line, cells, fault } of lines) {
      const value = fault ? null : Object.fromEntries(header.map((name, index) => [name, cells[index]]));
      yield { line, bytes: cells.reduce((sum, cell) => sum + cell.length, 0), value, fault, repairs: [] };
    }
  }
}

async function wholeText(file: string, named: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of toUtf8(openBytes(file, named))) {
    parts.push(part);
    size += part.length;
    if (size > maximumCsvBytes)
      throw problem('DatasetInvalid', {
        what: `The CSV file is longer than ${maximumCsvBytes / 1024 / 1024} MiB.`,
        where: named,
        todo: 'Split it into several files, or write it as JSONL, which is read line by line.',
      });
  }
  return Buffer.concat(parts);
}
