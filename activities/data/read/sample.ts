/** One sample of several files that share a stem, a picture and what is said of it, as a row's value. */
import path from 'node:path';
import { quoted, RowFault } from '../faults.js';
import { type CarriedPicture, isPictureName } from '../pictures/imageSource.js';
import type { FileSettings } from './format.js';
import { parseJsonRecord } from './jsonRecord.js';
import { areYoloBoxes } from './yolo.js';

/** A file of a sample. Pictures are named by a path or carried; texts are read. */
export type SamplePart =
  | { name: string; kind: 'picture'; picture: string | CarriedPicture }
  | { name: string; kind: 'json' | 'text' | 'class'; bytes: Uint8Array };

/** What a file is for, by its suffix; null for kinds that are not read, such as arrays of NumPy. */
export function partKind(name: string): SamplePart['kind'] | null {
  if (isPictureName(name)) return 'picture';
  const suffix = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (suffix === 'json') return 'json';
  if (suffix === 'txt' || suffix === 'caption') return 'text';
  return suffix === 'cls' ? 'class' : null;
}

/** A name up to the first dot of its base name, folders included: what the files of a sample share. */
export function stemOf(name: string): string {
  const base = path.posix.basename(name);
  const dot = base.indexOf('.', 1);
  return dot < 0 ? name : name.slice(0, name.length - base.length + dot);
}

/** Names that differ from what the system puts beside files: they are not the user's. */
export function isOwnName(name: string): boolean {
  const base = path.posix.basename(name);
  return !base.startsWith('.') && !systemNames.has(base) && !name.startsWith('__MACOSX/');
}

/** Of Windows, and the thumbnails and bin of Synology's disks. */
const systemNames = new Set(['Thumbs.db', 'desktop.ini', '@eaDir', '#recycle', '__MACOSX']);

export interface SampleRules {
  settings: FileSettings;
  /** False where no picture of the whole file has a text: then none is missing. */
  textsExpected: boolean;
}

/**
 * The keys of a JSON file, the text or class as the answer where the JSON has none, and the pictures by name. The answer
 * of a picture of which nothing is said is null.
 * Throws `RowFault`: `pictureAlone`, `textAlone`, `memberRepeated`, and what the texts are refused for.
 */
export function sampleValue(stem: string, parts: SamplePart[], rules: SampleRules): Record<string, unknown> {
  const { fields, unanswered } = rules.settings;
  const sorted = [...parts].sort((one, other) => (one.name < other.name ? -1 : 1));
  const twice = sorted.find((part, index) => part.name === sorted[index - 1]?.name);
  if (twice) throw new RowFault('memberRepeated', `${quoted(twice.name)} is there twice`);
  const pictures = sorted.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []));
  const value: Record<string, unknown> = { [fields.id]: stem, ...jsonOf(sorted) };
  const named = [fields.image, 'image', 'images'].some((key) => value[key] !== undefined && value[key] !== null);
  const names = sorted.map(({ name }) => quoted(name)).join(', ');
  if (pictures.length === 0 && !named) throw new RowFault('textAlone', `${names} belongs to no picture`);
  if (pictures.length === sorted.length && rules.textsExpected && unanswered !== 'wait')
    throw new RowFault('pictureAlone', `nothing is said of ${names}`);
  if (pictures.length > 0) value[fields.image] = pictures.length === 1 ? pictures[0] : pictures;
  const answered = [fields.answer, 'messages', 'conversations', 'completion'].some((key) => value[key] !== undefined);
  const said = answered ? undefined : (textOf(sorted, 'text') ?? classOf(sorted, value));
  if (said !== undefined) value[fields.answer] = said;
  else if (pictures.length === sorted.length) value[fields.answer] = null;
  return value;
}

function jsonOf(parts: SamplePart[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const part of parts) {
    if (part.kind !== 'json') continue;
    const value = parsed(part.name, part.bytes);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new RowFault('notAnObject', `${quoted(part.name)} holds no JSON object`);
    const twice = Object.entries(value).find(
      ([key, each]) => Object.hasOwn(merged, key) && JSON.stringify(merged[key]) !== JSON.stringify(each),
    );
    if (twice)
      throw new RowFault(
        'memberRepeated',
        `${quoted(part.name)} has another ${quoted(twice[0])} than ${before(part, parts)}`,
      );
    Object.assign(merged, value);
  }
  return merged;
}

function parsed(name: string, bytes: Uint8Array): unknown {
  try {
    return parseJsonRecord({ bytes, line: 1, column: 1 }).value;
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    throw new RowFault(error.reason, `${quoted(name)}: ${error.detail}`, { cause: error });
  }
}

function textOf(parts: SamplePart[], kind: 'text' | 'class'): string | undefined {
  const texts = parts.flatMap((part) => (part.kind === kind ? [{ part, text: decoded(part.name, part.bytes) }] : []));
  const boxes = texts.find(({ text }) => areYoloBoxes(text));
  if (boxes)
    throw new RowFault('boxesOfYolo', `${quoted(boxes.part.name)} says ${quoted(boxes.text)}: class, centre and size`);
  const other = texts.find(({ text }) => text !== texts[0]?.text);
  if (other)
    throw new RowFault(
      'memberRepeated',
      `${quoted(other.part.name)} says something else than ${before(other.part, parts)}`,
    );
  return texts[0]?.text;
}

/** The part of that kind that comes first. */
function before({ kind }: SamplePart, parts: SamplePart[]): string {
  return quoted(parts.find((part) => part.kind === kind)?.name ?? '');
}

function decoded(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch (error) {
    throw new RowFault('encoding', `${quoted(name)} is not UTF-8`, { cause: error });
  }
}

/** A class by its name in the JSON's list `classes`, or as it is written. */
function classOf(parts: SamplePart[], { classes }: Record<string, unknown>): string | undefined {
  const written = textOf(parts, 'class');
  if (written === undefined || !Array.isArray(classes) || !/^\d+$/.test(written)) return written;
  const name: unknown = classes[Number(written)];
  if (typeof name === 'string') return name;
  throw new RowFault('classUnknown', `the class ${written} is none of the ${classes.length} that are named`);
}
