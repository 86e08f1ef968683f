/** What formats have in common whose records are put together from several arrays, of one file or of two. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { RowFault } from '../faults.js';
import type { FileStart, Opening, ReadRow } from './format.js';
import { parseJsonRecord } from './jsonRecord.js';
import type { JsonPiece } from './jsonText.js';
import { memberElements } from './members.js';

export type Id = number | string;
export type Entry = Record<string, unknown>;

export const isId = (value: unknown): value is Id => typeof value === 'number' || typeof value === 'string';

/** The first element under a key of the JSON object that the file is; an empty object where there is none. */
export function firstOf({ members }: FileStart, key: string): Entry {
  const first = members?.get(key);
  return typeof first === 'object' && first !== null ? (first as Entry) : {};
}

/** The objects of an array by which others are joined. Throws `DatasetInvalid`: a gap there would tear records apart. */
export async function* entriesOf(file: string, named: string, key: string): AsyncGenerator<Entry> {
  for await (const piece of memberElements(file, named, key)) {
    if (piece.trailingComma) continue;
    const { value, fault } = entryIn(piece);
    if (value) yield value;
    else
      throw problem('DatasetInvalid', {
        what: `An entry of "${key}" can't be read: ${fault?.detail}.`,
        where: `${named}, line ${piece.line}`,
        todo: 'Mend the JSON there: the records refer to it.',
      });
  }
}

/** One element as an object, or the fault that it is none. */
export function entryIn(piece: JsonPiece): Pick<ReadRow, 'fault'> & { value: Entry | null } {
  try {
    const { value } = parseJsonRecord(piece);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { value: value as Entry, fault: null };
    return { value: null, fault: new RowFault('notAnObject', 'the record is not an object') };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { value: null, fault: error };
  }
}

/** The elements of an array as rows, each made into a record by `make`, which may throw `RowFault`. */
export async function* rowsOf(
  { file, named }: Pick<Opening, 'file' | 'named'>,
  key: string,
  make: (entry: Entry) => Entry,
): AsyncGenerator<ReadRow> {
  for await (const piece of memberElements(file, named, key)) {
    if (piece.trailingComma) continue;
    const { value, fault } = entryIn(piece);
    yield { line: piece.line, bytes: piece.bytes.length, ...made(value, fault, make), repairs: [] };
  }
}

function made(
  entry: Entry | null,
  fault: RowFault | null,
  make: (entry: Entry) => Entry,
): Pick<ReadRow, 'value' | 'fault'> {
  if (entry === null) return { value: null, fault };
  try {
    return { value: make(entry), fault: null };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { value: null, fault: error };
  }
}

export interface Joined {
  id: Id;
  image: string;
  question: string;
  /** Null: there is none yet. */
  answer: string | null;
}

/** A record in the plain fields of the task, with what the file holds beside them. */
export function joinedRow(entry: Entry, { id, image, question, answer }: Joined, { settings }: Opening): Entry {
  const { fields } = settings;
  return {
    ...entry,
    [fields.id]: String(entry[fields.id] ?? id),
    [fields.image]: image,
    [fields.question]: question,
    [fields.answer]: answer,
  };
}

/**
 * Rule `imageFolder`: the first of these that holds the picture: where the task says, beside the file, the root, and
 * under both and the folder above the file `images`, the stem of the name, and what the file calls its subset.
 */
export async function imageFolder(opening: Opening, image: string, subset: string | null): Promise<string> {
  const { file, root, settings } = opening;
  const beside = path.dirname(file);
  if (settings.images) return settings.images;
  const names = ['', 'images', ...(subset ? [subset, path.join('images', subset)] : [])];
  const above = path.dirname(beside);
  const inside = above === root || above.startsWith(root + path.sep) ? [above] : [];
  for (const folder of new Set([beside, root, ...inside]))
    for (const name of names)
      if (await stat(path.join(folder, name, image)).catch(() => undefined)) return path.join(folder, name);
  return beside;
}

/** The subset that a name of COCO's family holds, such as val2014. */
export function subsetIn(text: string): string | null {
  return /(train|val|test|test-dev)(\d{4})/.exec(text)?.[0] ?? null;
}
