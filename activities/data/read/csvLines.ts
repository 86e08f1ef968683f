/** Cuts CSV text into rows; a wrong quote costs its own line only. Knows no column. */
import { parse } from 'csv-parse/sync';
import { RowFault } from '../faults.js';

export interface CsvLine {
  /** Counts from 1; of a quoted value with line breaks the first. */
  line: number;
  cells: string[];
  fault: RowFault | null;
}

const newline = 0x0a;

/**
 * The rows with their lines, from text whose lines end with \n. A row with a wrong quote is given up at its first line
 * and reading goes on with the next, so that a stray quote takes no other row with it. `looksLikeRow` tells whether a
 * line inside a quoted value is a row of its own, which means that a quote was forgotten.
 */
export function* csvLines(
  bytes: Buffer,
  separator: string,
  looksLikeRow: (text: string) => boolean,
): Generator<CsvLine> {
  let from = 0;
  let line = 1;
  while (from < bytes.length) {
    const { rows, wrong } = parseFrom(bytes.subarray(from), separator, looksLikeRow);
    let start = from;
    for (const { cells, end } of rows) {
      const blank = blankLines(bytes, start);
      yield { line: line + blank, cells, fault: null };
      line += countLines(bytes.subarray(start, from + end));
      start = from + end;
    }
    if (wrong === undefined) return;
    const blank = blankLines(bytes, start);
    line += blank;
    yield { line, cells: [], fault: new RowFault('csvQuote', wrong) };
    const end = bytes.indexOf(newline, start + blank);
    if (end < 0) return;
    from = end + 1;
    line += 1;
  }
}

interface Parsed {
  rows: { cells: string[]; end: number }[];
  /** What is wrong with the row after the last one; undefined at the end of the text. */
  wrong: string | undefined;
}

class MissingQuote extends Error {}

function parseFrom(bytes: Buffer, separator: string, looksLikeRow: (text: string) => boolean): Parsed {
  const rows: Parsed['rows'] = [];
  try {
    parse(bytes, {
      delimiter: separator,
      record_delimiter: '\n',
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], info) => {
        if (cells.some((cell) => cell.split('\n').slice(1).some(looksLikeRow))) throw new MissingQuote();
        rows.push({ cells, end: info.bytes });
        return null;
      },
    });
    return { rows, wrong: undefined };
  } catch (error) {
    return { rows, wrong: whatIsWrong(error) };
  }
}

function whatIsWrong(error: unknown): string {
  if (error instanceof MissingQuote) return 'a quote opens here and swallows the rows below: its end is missing';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote opens here and is never closed';
  if (code.includes('QUOTE')) return 'text stands beside a quote on this line';
  throw error;
}

function blankLines(bytes: Buffer, from: number): number {
  let count = 0;
  while (bytes[from + count] === newline) count += 1;
  return count;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === newline) count += 1;
  return count;
}
