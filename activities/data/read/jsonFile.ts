/** Rows of JSON Lines and of JSON arrays; read as a stream. */
import { type ParseError, parse, parseTree } from 'jsonc-parser';
import { RowFault } from '../faults.js';
import type { Row } from '../records/chat.js';
import { shapeOf } from '../records/shapes.js';
import { openBytes, toUtf8 } from './bytes.js';
import type { FileFormat, Opening, ReadRow, RowFile } from './format.js';
import { parseJsonRecord } from './jsonRecord.js';
import { type JsonPiece, jsonElements, jsonLines, jsonObjects } from './jsonText.js';
import { memberElements } from './members.js';
import { rowFile } from './rowFile.js';

type Cut = (chunks: AsyncIterable<Uint8Array>, named: string) => AsyncGenerator<JsonPiece>;

export const jsonArray: FileFormat = {
  name: 'json',
  recognise({ start }) {
    const text = start.text?.trimStart() ?? '';
    if (text.startsWith('[')) return { confidence: 'sure', why: 'begins with [' };
    return isSpread(text) ? { confidence: 'sure', why: 'its first object and the first line are not the same' } : null;
  },
  open: async (opening) =>
    jsonRowFile(opening, 'json', opening.start.text?.trimStart().startsWith('{') ? jsonObjects : jsonElements),
};

const wrappers = ['data', 'records', 'examples', 'samples', 'items', 'rows', 'train'];

/** One object with the records in a list under one of its keys. */
export const wrappedArray: FileFormat = {
  name: 'json',
  recognise: (opening) => {
    const key = wrapperIn(opening);
    return key === undefined ? null : { confidence: 'likely', why: `is one object with records under "${key}"` };
  },
  async open(opening) {
    const { file, named } = opening;
    const key = wrapperIn(opening);
    if (key === undefined) return jsonArray.open(opening);
    const made = rowFile(opening, `json, under ${JSON.stringify(key)}`);
    return { ...made, rows: jsonRows(memberElements(file, named, key), named, made.notes) };
  },
};

/** The key of the list, where its elements are rows, the object is none, and nothing stands behind it. */
function wrapperIn({ start: { members, text }, settings }: Opening): string | undefined {
  if (!members || !text || shapeOf(Object.fromEntries(members), settings)) return undefined;
  const end = parseTree(text)?.length ?? text.length;
  if (text.trimStart().slice(end).trim() !== '') return undefined;
  return wrappers.find((key) => {
    const first = members.get(key);
    return typeof first === 'object' && first !== null && shapeOf(first as Row, settings) !== undefined;
  });
}

/** Whether a text begins with a whole object that takes several lines, or has another one behind it on its line. */
function isSpread(text: string): boolean {
  const first = text.startsWith('{') ? text.slice(0, parseTree(text)?.length) : '';
  const errors: ParseError[] = [];
  parse(first, errors, { allowTrailingComma: true });
  return errors.length === 0 && (first.includes('\n') || /^[ \t]*,?[ \t]*\{/.test(text.slice(first.length)));
}

export const jsonLinesFile: FileFormat = {
  name: 'jsonl',
  recognise({ start, file }) {
    if (start.text?.trimStart().startsWith('{')) return { confidence: 'sure', why: 'begins with {' };
    const named = start.text !== null && /\.(json|jsonl|ndjson)(\.\w+)?$/i.test(file);
    return named ? { confidence: 'likely', why: 'its name ends like that of a JSON file' } : null;
  },
  open: async (opening) => jsonRowFile(opening, 'jsonl', jsonLines),
};

function jsonRowFile(opening: Opening, format: string, cut: Cut): RowFile {
  const { file, named } = opening;
  const made = rowFile(opening, format);
  return { ...made, rows: jsonRows(cut(toUtf8(openBytes(file, named)), named), named, made.notes) };
}

async function* jsonRows(pieces: AsyncIterable<JsonPiece>, named: string, notes: string[]): AsyncGenerator<ReadRow> {
  for await (const piece of pieces) {
    if (piece.trailingComma) notes.push(`${named}, line ${piece.line}: a comma after the last record is overlooked.`);
    else yield* jsonRow(piece);
  }
}

/** A line that holds an array is as many rows. */
export function* jsonRow(piece: JsonPiece): Generator<ReadRow> {
  const { line, bytes } = piece;
  const row = { line, bytes: bytes.length, value: null, fault: null, repairs: [] };
  try {
    if (bytes.length === 0) throw new RowFault('jsonInvalid', `nothing between two commas at line ${line}`);
    const { value, repairs } = parseJsonRecord(piece);
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
