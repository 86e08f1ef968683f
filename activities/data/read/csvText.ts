/** A CSV text as a table: its encoding, separator and header, and which rows are doubtful. */
import { parse } from 'csv-parse/sync';
import { problem } from '../../../config/problems.js';
import { RowFault } from '../faults.js';
import { isPictureName } from '../pictures/imageSource.js';
import { tidy } from '../records/answerText.js';
import { type CsvLine, csvLines } from './csvLines.js';

export interface CsvTable {
  separator: string;
  /** Lines above the header that are no part of the table: a title, or comments of whatever wrote it. */
  above: number;
  header: string[];
  lines: Iterable<CsvLine>;
}

/** Bytes 0x80 to 0x9f; the others are as in Latin-1. Node from 20.18.3 on makes control characters of these (nodejs/node#56542). */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function fromWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes).toString('latin1');
  return latin1.replace(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80] as string);
}

/** Western text has single accented letters; most bytes of other scripts, Chinese or Cyrillic, stand four and more in a row. */
function isOtherScript(bytes: Uint8Array): boolean {
  const latin1 = Buffer.from(bytes).toString('latin1');
  const lengthOf = (pattern: RegExp) => (latin1.match(pattern) ?? []).reduce((sum, run) => sum + run.length, 0);
  return lengthOf(/[\x80-\xff]{4,}/g) * 2 > lengthOf(/[\x80-\xff]+/g);
}

/** UTF-8 where every byte fits, else Windows-1252, which spreadsheets write; its five unused bytes are refused. */
export function decodeCsv(bytes: Uint8Array, named: string): { text: string; encoding: 'utf-8' | 'windows-1252' } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
  }
  if (!bytes.some((byte) => [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte)) && !isOtherScript(bytes))
    return { text: fromWindows1252(bytes), encoding: 'windows-1252' };
  throw problem('DatasetInvalid', {
    what: 'The file is neither UTF-8 nor Windows-1252.',
    where: named,
    todo: 'Save it as UTF-8 ("CSV UTF-8" in a spreadsheet).',
  });
}

export interface WantedColumns {
  picture: string;
  /** By these the separator is found. */
  wanted: string[];
  /** Those that have to be there. */
  required: string[];
}

/** Reads a table with a header. Throws `DatasetInvalid` when a required column is missing, or one is there twice. */
export function readCsv(text: string, { picture, wanted, required }: WantedColumns, named: string): CsvTable {
  const { table, declared, above } = fromHeader(text.replace(/\r\n?/g, '\n'), wanted);
  const bytes = Buffer.from(table);
  const separator = declared ?? separatorOf(bytes, wanted);
  const header = headerOf(bytes, separator);
  checkHeader(header, required, named);
  return { separator, above, header, lines: checkedLines(bytes, separator, header, header.indexOf(picture)) };
}

const separators = [',', ';', '\t', '|'];
/** So far down a header is looked for, where the first line holds no wanted column. */
const headerWithin = 20;

/**
 * The text with blank lines in place of what stands above the header, so that lines keep their numbers: a spreadsheet's
 * `sep=;`, and lines without any wanted column before one that has two.
 */
function fromHeader(text: string, wanted: string[]): { table: string; declared: string | undefined; above: number } {
  const first = /^"?sep=([,;\t|])"?[,;\t|]*(?=\n)/i.exec(text);
  if (first) return { table: text.slice(first[0].length), declared: first[1], above: 0 };
  const lines = text.split('\n', headerWithin);
  const found = (line: string) => {
    const cells = separators.map((separator) => line.split(separator).map((cell) => tidy(cell.replaceAll('"', ''))));
    return Math.max(...cells.map((each) => wanted.filter((column) => each.includes(column)).length));
  };
  const header = lines.findIndex((line) => found(line) > 0);
  if (header < 1 || found(lines[header] ?? '') < 2) return { table: text, declared: undefined, above: 0 };
  const skipped = lines.slice(0, header);
  const table = '\n'.repeat(header) + text.slice(skipped.join('\n').length + 1);
  return { table, declared: undefined, above: skipped.filter((line) => line.trim() !== '').length };
}

/** The separator by which most wanted columns are found, then the one that makes most columns. */
function separatorOf(bytes: Buffer, wanted: string[]): string {
  const fitness = (separator: string) => {
    const header = headerOf(bytes, separator);
    return wanted.filter((column) => header.includes(column)).length * 1000 + header.length;
  };
  return separators.reduce((best, each) => (fitness(each) > fitness(best) ? each : best));
}

function headerOf(bytes: Buffer, separator: string): string[] {
  const text = bytes.toString('utf8').trimStart();
  const line = text.slice(0, text.search(/\n|$/));
  const [cells = []]: string[][] = parse(line, { delimiter: separator, relax_quotes: true });
  return cells.map(tidy);
}

function checkHeader(header: string[], wanted: string[], named: string): void {
  const missing = wanted.filter((column) => !header.includes(column));
  const twice = header.filter((column, index) => column !== '' && header.indexOf(column) !== index);
  if (missing.length === 0 && twice.length === 0) return;
  const names = (columns: string[]) =>
    columns
      .slice(0, 20)
      .map((column) => `"${column.slice(0, 40)}"`)
      .join(', ');
  throw problem('DatasetInvalid', {
    what:
      missing.length > 0
        ? `The header has no column ${names(missing)}; it has ${names(header)}.`
        : `The header names a column twice: ${names(twice)}.`,
    where: `${named}, line 1`,
    todo:
      missing.length > 0
        ? 'Set "fields" in the task to the names of your columns, such as "fields": {"image": "file"}.'
        : 'Give each column a name of its own, or remove the one that is not meant.',
  });
}

function* checkedLines(bytes: Buffer, separator: string, header: string[], picture: number): Generator<CsvLine> {
  const looksLikeRow = (text: string) => {
    const cells = text.split(separator);
    const pictures = picture < 0 ? cells : cells.slice(picture, picture + 1);
    return cells.length >= header.length && pictures.some(isPictureName);
  };
  let first = true;
  for (const line of csvLines(bytes, separator, looksLikeRow)) {
    if (!first) yield { ...line, fault: line.fault ?? doubt(line.cells, header) };
    first = false;
  }
}

function doubt(cells: string[], header: string[]): RowFault | null {
  if (cells.length === header.length && cells.every((cell, index) => tidy(cell) === header[index]))
    return new RowFault('csvHeaderRepeated', 'the header stands here again');
  if (cells.length === header.length) return null;
  return new RowFault('csvColumns', `${cells.length} values where the header has ${header.length}`);
}
