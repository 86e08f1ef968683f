/** Rows of CSV and TSV tables. */
import { problem } from '../../../config/problems.js';
import { counted } from '../faults.js';
import { openBytes, toUtf8 } from './bytes.js';
import { decodeCsv, readCsv, type WantedColumns } from './csvText.js';
import type { FileFormat, FileSettings, Opening, ReadRow, RowFile } from './format.js';
import { rowFile } from './rowFile.js';

/** A table is read whole, since its encoding is known only at its end. */
const maximumCsvBytes = 256 * 1024 * 1024;

export const csv: FileFormat = {
  name: 'csv',
  recognise: ({ start }) => (start.text === null ? null : { confidence: 'likely', why: 'is text, and no JSON' }),
  open: csvFile,
};

export const tsv: FileFormat = {
  name: 'tsv',
  recognise: ({ start, file }) =>
    start.text !== null && /\.(tsv|tab)(\.\w+)?$/i.test(file) ? { confidence: 'likely', why: 'its name' } : null,
  open: csvFile,
};

async function csvFile(opening: Opening): Promise<RowFile> {
  const { file, named, settings } = opening;
  const { text, encoding } = decodeCsv(await wholeText(file, named), named);
  const { separator, above, header, lines } = readCsv(text, columnsOf(settings), named);
  const made = rowFile(opening, `csv, ${encoding}, separated by ${JSON.stringify(separator)}`);
  if (encoding !== 'utf-8') made.notes.push(`${named} is read as ${encoding}: save it as UTF-8 to be sure.`);
  if (above > 0) made.notes.push(`${named}: ${counted(above, 'line')} above the header, overlooked.`);
  return { ...made, rows: rows() };

  async function* rows(): AsyncGenerator<ReadRow> {
    for (const { line, cells, fault } of lines) {
      const value = fault ? null : Object.fromEntries(header.map((name, index) => [name, cells[index]]));
      yield { line, bytes: cells.reduce((sum, cell) => sum + cell.length, 0), value, fault, repairs: [] };
    }
  }
}

/** What the task names itself has to be there; of the usual names others may be guessed. */
function columnsOf({ fields, question: general }: FileSettings): WantedColumns {
  const { image, question, answer, group, kind } = fields;
  const asked = general === null ? question : undefined;
  const wanted = [image, answer, asked, group, kind].filter((name) => name !== undefined);
  const usual = ['image', 'question', 'answer'];
  return { picture: image, wanted, required: wanted.filter((name) => !usual.includes(name)) };
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
