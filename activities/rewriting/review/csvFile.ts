/** review.csv: what a person decides in, in a spreadsheet. Written so that spreadsheets open it, read however they saved it. */
import { readFile } from 'node:fs/promises';
import type { Change } from '../../../config/rewriting.js';
import { decodeCsv, readCsv } from '../../data/read/csvText.js';

/** The columns in their order. `decision` and `edited` are the person's; the others are for looking. */
export const csvColumns = [
  'image',
  'decision',
  'edited',
  'before',
  'after',
  'reason',
  'agreement',
  'asked',
  'purpose',
  'checks',
  'record',
  'source',
  'line',
  'id',
  'run',
] as const;
type Column = (typeof csvColumns)[number];

/** Without it a spreadsheet takes UTF-8 for the code page of its country. */
export const byteOrderMark = '\ufeff';

/** A spreadsheet runs a cell that begins so; an apostrophe before it makes it a text. */
const formulaStart = /^[=+\-@\t\r\n|%]/;

export const csvHeader = csvRow(csvColumns);

export function csvLine(change: Change): string {
  const { agreement, checks } = change;
  const cells: Record<Column, string> = {
    image: change.pictures[0] ?? '',
    decision: change.status === 'accepted' ? 'accept' : '',
    edited: '',
    before: change.before ?? '',
    after: change.after,
    reason: change.reason,
    agreement: agreement === null ? '' : `${agreement.agree} of ${agreement.of}`,
    asked: change.asked,
    purpose: change.purpose,
    checks: checks
      .filter(({ passes }) => passes === true)
      .map(({ name }) => name)
      .join(' '),
    record: change.record,
    source: change.source ?? '',
    line: change.line === null ? '' : String(change.line),
    id: change.id,
    run: change.run,
  };
  return csvRow(csvColumns.map((name) => cells[name]));
}

function csvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${defused(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** Also before an apostrophe, so that the way back is one rule: take one apostrophe away. */
export function defused(cell: string): string {
  return formulaStart.test(cell) || cell.startsWith("'") ? `'${cell}` : cell;
}

export function fused(cell: string): string {
  return cell.startsWith("'") && (formulaStart.test(cell.slice(1)) || cell.startsWith("''")) ? cell.slice(1) : cell;
}

/** What a person wrote into one line. */
export interface DecisionCell {
  /** Line of the file, for messages. */
  line: number;
  id: string;
  decision: string;
  edited: string;
  /** The proposal as the file has it; null where the column is gone. */
  after: string | null;
  run: string | null;
}

/** The columns without which a file is no review. */
const needed = ['image', 'id', 'decision', 'edited'];

/** Lines that hold a decision or an edited answer, however the file was saved, and faults by line. Throws DatasetInvalid. */
export function readDecisions(bytes: Uint8Array, named: string): { cells: DecisionCell[]; faults: string[] } {
  const text = withoutSeparatorLine(textOf(bytes, named));
  const { header, lines } = readCsv(text, { picture: 'image', wanted: needed, required: needed }, named);
  const cells: DecisionCell[] = [];
  const faults: string[] = [];
  for (const { line, cells: row, fault } of lines) {
    if (row.every((cell) => cell.trim() === '') && fault?.reason !== 'csvQuote') continue;
    if (fault) {
      faults.push(`line ${line}: ${fault.detail}`);
      continue;
    }
    const of = (name: Column) => (header.includes(name) ? fused(row[header.indexOf(name)] ?? '') : null);
    const decision = (of('decision') ?? '').trim();
    const edited = of('edited') ?? '';
    const id = (of('id') ?? '').trim();
    if (decision !== '' || edited.trim() !== '')
      cells.push({ line, id, decision, edited, after: of('after'), run: of('run')?.trim() || null });
  }
  return { cells, faults };
}

/** UTF-8 with or without its mark, UTF-16 as "Unicode text" is saved, or Windows-1252. */
function textOf(bytes: Uint8Array, named: string): string {
  const [first, second] = bytes;
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null;
  const text = wide === null ? decodeCsv(bytes, named).text : new TextDecoder(wide).decode(bytes);
  return text.replace(/^\ufeff/, '');
}

/** Excel's own first line, `sep=;`. */
function withoutSeparatorLine(text: string): string {
  return text.replace(/^sep=.\r?\n/i, '');
}

/** The rewriting that a file of decisions names; null where it names none. */
export async function runNamedIn(file: string): Promise<string | null> {
  const { cells } = readDecisions(await readFile(file), file);
  return cells.find(({ run }) => run !== null)?.run ?? null;
}
