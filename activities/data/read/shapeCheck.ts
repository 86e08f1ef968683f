/** Looks at the first rows of a file, not at one: which shapes they have, and what has to be guessed of their columns. */
import { problem } from '../../../config/problems.js';
import { quoted, RowFault } from '../faults.js';
import { isPictureName } from '../pictures/imageSource.js';
import type { RawRecord, Row } from '../records/chat.js';
import { readRow, shapeOf } from '../records/shapes.js';
import type { FileSettings, ReadRow, RowFile } from './format.js';
import { optionNumbers, withOptionNamed } from './optionAnswers.js';
import { hiddenOptions } from './rowOptions.js';
import { wholeTableIn } from './wholeTable.js';

const lookedAt = 50;
/** Rows with pictures inside are large. */
const lookedAtBytes = 16 * 1024 * 1024;
/** A column that holds pictures does so in nearly every row. */
const nearlyAll = 0.8;

/** Columns that are likely to hold the answer, the likeliest first; what is taken from one of these is asked about. */
const answerColumns = ['answer', 'label', 'response', 'output', 'caption', 'text', 'description', 'target', 'class'];
const questionColumns = ['question', 'query', 'prompt', 'instruction'];

/**
 * The file with the shapes of its rows in `format`, and with guessed columns in `settings` and a question about them.
 * Throws `DatasetInvalid` where most rows have no known shape and their columns leave nothing to guess.
 */
export async function withShapes(file: RowFile): Promise<RowFile> {
  const { first, rows } = await peek(file.rows);
  const values = first.flatMap(({ value }) => (value ? [value] : []));
  const [only] = values;
  const table = only && first.length === 1 ? wholeTableIn(only, file.named, file.settings) : null;
  if (table) throw table;
  const shapes = countShapes(values, file.settings);
  const known = [...shapes.values()].reduce((sum, count) => sum + count, 0);
  const named = [...shapes].sort(([, one], [, other]) => other - one).map(([name]) => name);
  if (known * 2 >= values.length) {
    const format = [file.format, named.join(' and ')].filter(Boolean).join(': ');
    return withOptions({ ...file, rows, format, ...overlooked(file, values) }, values);
  }
  const guess = guessFields(values, file.settings);
  if (!guess) throw unknown(file, values);
  const { image, answer, question } = guess;
  const asks = `${file.named} is in no known format: its pictures are taken from ${quoted(image)}, its answers from ${quoted(answer)} and its questions from ${file.settings.question === null ? quoted(question) : 'the task'}. Is that meant? Set "fields" in the task to be sure.`;
  const guessed = {
    ...file,
    rows,
    format: `${file.format}: fields, guessed`,
    settings: { ...file.settings, fields: { ...file.settings.fields, ...guess } },
    questions: [...file.questions, asks],
  };
  return withOptions(guessed, values);
}

function withOptions(file: RowFile, first: Row[]): RowFile {
  const { settings, rows } = file;
  const numbers = optionNumbers(first, settings);
  const rules = { settings, numbers, questionOf: (value: Row) => questionIn(value, settings) };
  return { ...file, rows: named() };

  async function* named(): AsyncGenerator<ReadRow> {
    for await (const row of rows) yield withOptionNamed(row, rules);
  }
}

/** A known shape without any picture, beside a column of pictures that no shape knows: a person is asked. Of a group that no row has, too. */
function overlooked({ named, settings, questions }: RowFile, values: Row[]): Pick<RowFile, 'settings' | 'questions'> {
  const { image, group } = settings.fields;
  const found = [...questions];
  let fields = settings.fields;
  const [column, other] = columnsOf(values).filter((each) => holdsPictures(values, each));
  if (column !== undefined && other === undefined && !values.some((value) => showsPicture(value, settings))) {
    fields = { ...fields, image: column };
    found.push(
      `${named} has nothing under ${quoted(image)}: its pictures are taken from ${quoted(column)}. Is that meant? Set "fields" in the task to be sure.`,
    );
  }
  if (group !== undefined && values.length > 0 && !values.some((value) => group in value))
    found.push(
      `None of the first rows of ${named} has ${quoted(group)}, which fields.group names: records of one group may fall on both sides of the split. Is the name right?`,
    );
  const inText = values.map((value) => pictureInText(questionIn(value, settings))).find((each) => each !== null);
  if (inText && !values.some((value) => showsPicture(value, settings)))
    found.push(
      `${named} shows no picture, but its questions name some, such as ${quoted(inText)}: they are taken as text. Is that meant? Name the pictures in ${quoted(image)}, and put <image> where they stand.`,
    );
  const [hidden = []] = values
    .map((value) => hiddenOptions(value, questionIn(value, settings)))
    .filter((options) => options.length > 0);
  if (hidden.length > 0)
    found.push(
      `${named} has options beside its questions, which do not show them: ${hidden
        .slice(0, 4)
        .map((each) => quoted(each, 30))
        .join(', ')}. Should the model answer without having seen them? Write them into the questions.`,
    );
  return { settings: { ...settings, fields }, questions: found };
}

/** As Markdown and HTML write one. */
function pictureInText(text: string): string | null {
  const [, markdown, html] = /!\[[^\]]*\]\(([^()\s]+)\)|<img\s[^>]*src=["']([^"']+)/i.exec(text) ?? [];
  return markdown ?? html ?? null;
}

function showsPicture(value: Row, settings: FileSettings): boolean {
  const record = recordIn(value, settings);
  if (record === null) return false;
  return record.images.length > 0 || record.turns.some(({ parts }) => parts.some((part) => !('text' in part)));
}

/** What all turns before the answer say. */
function questionIn(value: Row, settings: FileSettings): string {
  const asked = recordIn(value, settings)?.turns.filter(({ role }) => role !== 'assistant') ?? [];
  return asked.flatMap(({ parts }) => parts.map((part) => ('text' in part ? part.text : ''))).join('\n');
}

function recordIn(value: Row, settings: FileSettings): RawRecord | null {
  try {
    return readRow(value, settings);
  } catch (error) {
    if (error instanceof RowFault) return null;
    throw error;
  }
}

function columnsOf(values: Row[]): string[] {
  return [...new Set(values.flatMap((value) => Object.keys(value)))];
}

function holdsPictures(values: Row[], column: string): boolean {
  return holds(values, column, (value) =>
    Array.isArray(value) ? value.length > 0 && value.every(isPicture) : isPicture(value),
  );
}

function holds(values: Row[], column: string, test: (value: unknown) => boolean): boolean {
  return values.filter((value) => test(value[column])).length >= nearlyAll * values.length;
}

function countShapes(values: Row[], settings: FileSettings): Map<string, number> {
  const shapes = new Map<string, number>();
  for (const value of values) {
    const name = shapeOf(value, settings)?.name;
    if (name) shapes.set(name, (shapes.get(name) ?? 0) + 1);
  }
  return shapes;
}

/** The columns of rows in no known shape, where they leave one choice; undefined where not. */
function guessFields(
  values: Row[],
  settings: FileSettings,
): { image: string; answer: string; question: string } | undefined {
  const columns = columnsOf(values);
  const image = columns.find((column) => holdsPictures(values, column));
  const texts = columns.filter((column) => column !== image && holds(values, column, (value) => value !== undefined));
  const among = (names: string[]) =>
    names.map((name) => texts.find((text) => text.toLowerCase() === name)).find((text) => text !== undefined);
  const question = among(questionColumns) ?? settings.fields.question;
  const rest = texts.filter((text) => text !== question && text !== settings.fields.id);
  const answer = among(answerColumns) ?? (rest.length === 1 ? rest[0] : undefined);
  const asked = settings.question !== null || texts.includes(question);
  return image && answer && asked ? { image, answer, question } : undefined;
}

/** By its end, or as a data URI or base64 by its beginning: those may be megabytes long. */
function isPicture(value: unknown): boolean {
  return typeof value === 'string' && (isPictureName(value.slice(-300)) || isPictureName(value.slice(0, 300)));
}

function unknown({ named, settings }: RowFile, values: Row[]): Error {
  const keys = [...new Set(values.flatMap((value) => Object.keys(value)))].slice(0, 12).map((key) => quoted(key, 30));
  const { image, question, answer } = settings.fields;
  const picture = keys.find((key) => isPictureName(key.slice(1, -1)));
  if (picture)
    return problem('DatasetInvalid', {
      what: `The table has no header: its first line, which should name the columns, holds the picture ${picture}.`,
      where: `${named}, line 1`,
      todo: `Write a first line with the names of the columns, such as ${image},${question},${answer}.`,
    });
  return problem('DatasetInvalid', {
    what: `The rows are in no known format; their keys are ${keys.join(', ')}.`,
    where: named,
    todo: `Set "fields" to the names of your columns (now ${image}, ${question} and ${answer}), "question" to one question for all, or "format" to the one that is meant: docs/data-formats.md lists them. Where there are pictures and no answers yet, set "unanswered": "wait".`,
  });
}

async function peek(rows: AsyncIterable<ReadRow>): Promise<{ first: ReadRow[]; rows: AsyncIterable<ReadRow> }> {
  const iterator = rows[Symbol.asyncIterator]();
  const first: ReadRow[] = [];
  let bytes = 0;
  while (first.length < lookedAt && bytes < lookedAtBytes) {
    const { value, done } = await iterator.next();
    if (done) break;
    first.push(value);
    bytes += value.bytes;
  }
  return { first, rows: chained(first, iterator) };
}

async function* chained(first: ReadRow[], rest: AsyncIterator<ReadRow>): AsyncGenerator<ReadRow> {
  try {
    for (let next = first.shift(); next; next = first.shift()) yield next;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
