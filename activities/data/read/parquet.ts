/** Apache Parquet, as Hugging Face `datasets` and others write it: read in ranges of rows that fit into memory. */
import { open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { problem } from '../../../config/problems.js';
import { RowFault } from '../faults.js';
import { CarriedPicture } from '../pictures/imageSource.js';
import type { FileFormat, Opening, ReadRow, RowFile } from './format.js';
import { codecs } from './parquetCodecs.js';
import { type RowRange, rowRanges } from './parquetRanges.js';
import {
  type Column,
  columnsOf,
  elementOf,
  isPictureNode,
  parsedOrNothing,
  parsers,
  plainValue,
  withoutDecimals,
} from './parquetValues.js';
import { rowFile } from './rowFile.js';

const magic = 'PAR1';

export const parquet: FileFormat = {
  name: 'parquet',
  recognise: ({ start }) =>
    start.bytes.toString('latin1', 0, 4) === magic ? { confidence: 'sure', why: `begins with ${magic}` } : null,
  open: parquetFile,
};

async function parquetFile(opening: Opening): Promise<RowFile> {
  const file = await asyncFile(opening.file);
  const metadata = await readable(opening.named, () => parquetMetadataAsync(file, { parsers, geoparquet: false }));
  const made = rowFile(opening, 'parquet');
  return { ...made, rows: parquetRows({ opening, file, metadata, columns: columnsOf(metadata) }) };
}

interface Table {
  opening: Opening;
  file: AsyncBuffer;
  metadata: FileMetaData;
  columns: Column[];
}

/** A file opened anew for each read, so that none stays open when nobody reads on. */
async function asyncFile(file: string): Promise<AsyncBuffer> {
  const handle = await open(file);
  const { size } = await handle.stat().finally(() => handle.close());
  const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
    const reading = await open(file);
    try {
      const bytes = new Uint8Array(Math.max(0, end - start));
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await reading.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw new Error('the file has become shorter');
        filled += bytesRead;
      }
      return bytes.buffer;
    } finally {
      await reading.close();
    }
  };
  return { byteLength: size, slice };
}

async function* parquetRows(table: Table): AsyncGenerator<ReadRow> {
  const { opening, file, metadata } = table;
  const ranges = rowRanges(file, metadata, opening);
  let line = 0;
  for (;;) {
    const next = await readable(opening.named, () => ranges.next());
    if (next.done) return;
    for (const row of await readable(opening.named, () => rowsOf(table, next.value))) {
      line += 1;
      yield tableRow(row, line, table);
    }
  }
}

function rowsOf({ file }: Table, { rowStart, rowEnd, metadata, pages }: RowRange): Promise<Record<string, unknown>[]> {
  const options = {
    file,
    metadata: withoutDecimals(metadata),
    rowStart,
    rowEnd,
    parsers,
    compressors: codecs,
    utf8: false,
    geoparquet: false,
    // Not in the documentation of parquetReadObjects, but of the plan that it makes (hyparquet/src/plan.js).
    pageLocationsByGroup: [pages],
  };
  return parquetReadObjects(options);
}

function tableRow(cells: Record<string, unknown>, line: number, { columns, opening }: Table): ReadRow {
  const row = { line, bytes: 0, value: null, fault: null, repairs: [] };
  try {
    const value: Record<string, unknown> = {};
    for (const column of columns) value[column.name] = plainValue(cells[column.name], column);
    return { ...row, bytes: sizeOf(value), value: byColumns(value, columns, opening) };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { ...row, fault: error };
  }
}

/** Pictures and turns under names that nobody knows are found by what their columns are. */
function byColumns(value: Record<string, unknown>, columns: Column[], { settings }: Opening): Record<string, unknown> {
  const { image } = settings.fields;
  for (const key of ['messages', 'conversations'])
    if (typeof value[key] === 'string') value[key] = parsedOrNothing(value[key]) ?? value[key];
  const names = columns.map(({ name }) => name);
  if (![image, 'image', 'images'].some((name) => names.includes(name))) {
    const pictures = columns.filter(isPictureColumn).flatMap(({ name }) => value[name] ?? []);
    if (pictures.length > 0) value[image] = pictures.length === 1 ? pictures[0] : pictures;
  }
  const turns = columns.filter(isTurnColumn);
  if (turns.length === 1 && turns[0] && !names.includes('messages') && !names.includes('conversations'))
    value['messages'] = value[turns[0].name];
  return value;
}

function isPictureColumn({ node, feature }: Column): boolean {
  return (
    feature._type === 'Image' ||
    feature.item?._type === 'Image' ||
    isPictureNode(node) ||
    isPictureNode(elementOf(node))
  );
}

/** A list of structs with a role and a text. `prompt`, `chosen` and their like keep their own meaning. */
function isTurnColumn({ name, node }: Column): boolean {
  const keys = elementOf(node).children.map(({ element }) => element.name);
  const isTurn =
    (keys.includes('role') && keys.includes('content')) || (keys.includes('from') && keys.includes('value'));
  return isTurn && !['prompt', 'completion', 'chosen', 'rejected'].includes(name);
}

/** About what a value holds in memory, in bytes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof CarriedPicture) return value.source.kind === 'bytes' ? value.source.bytes.length : 0;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 0);
}

/** Throws `DatasetInvalid` where the file is cut, broken or encrypted. */
async function readable<Result>(named: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error) || 'problem' in error) throw error;
    const cut = error.message.includes('footer != PAR1');
    const why = cut ? 'it has no footer, so it was not written to its end' : error.message;
    const what = `The Parquet file can't be read: ${why}.`;
    const todo = 'Copy the file again, or write it anew with pyarrow.';
    throw problem('DatasetInvalid', { what, where: named, todo }, { cause: error });
  }
}
