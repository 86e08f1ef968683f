/** Opens the files of a source, whatever their format: told by content, or as the task says. */
import { stat } from 'node:fs/promises';
import { problem } from '../../../config/problems.js';
import type { DataSource, SourceFile } from '../../../config/resolved.js';
import { openBytes, openPacked, unicodeOf } from './bytes.js';
import type { FileFormat, FileSettings, FileStart, Opening, RowFile } from './format.js';
import { fileFormats } from './formatList.js';
import { nameOf } from './rowFile.js';

const startBytes = 64 * 1024;

/** Throws `DatasetInvalid` for a file that can't be read, or whose structure leaves no record to tell. */
export async function openRows(source: DataSource, file: SourceFile): Promise<RowFile> {
  const opening = await openingOf(source, file);
  const format = await formatOf(opening);
  return format.open(opening);
}

/** The bytes that the digest of the input is taken over. Throws as `openRows`. */
export async function* contentsOf(source: DataSource, file: SourceFile): AsyncGenerator<Uint8Array> {
  const opening = await openingOf(source, file);
  const format = await formatOf(opening);
  yield* format.contents ? format.contents(opening) : openPacked(opening.file, opening.named);
}

/** What holds for one file: its own word, else that of the whole source. */
export function settingsOf(source: DataSource, file: SourceFile): FileSettings {
  return {
    format: file.format ?? source.format,
    fields: file.fields ?? source.fields,
    question: file.question ?? source.question,
    answer: source.answer,
    unanswered: source.unanswered,
    weight: file.weight ?? 1,
    images: file.images ?? null,
  };
}

async function openingOf(source: DataSource, file: SourceFile): Promise<Opening> {
  const named = nameOf(file.path, source.root);
  const listed = source.files.map((each) => each.path);
  const start = await startOf(file.path, named);
  return { file: file.path, named, root: source.root, settings: settingsOf(source, file), start, listed };
}

async function startOf(file: string, named: string): Promise<FileStart> {
  const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
  const bytes = isFolder ? Buffer.alloc(0) : await firstBytes(file, named);
  const text = isFolder ? null : textOf(bytes);
  return { isFolder, bytes, text };
}

async function firstBytes(file: string, named: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of openBytes(file, named)) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= startBytes) break;
  }
  return Buffer.concat(parts).subarray(0, startBytes);
}

function textOf(bytes: Buffer): string | null {
  const text = new TextDecoder(unicodeOf(bytes)).decode(bytes);
  return text.includes('\0') ? null : text;
}

async function formatOf(opening: Opening): Promise<FileFormat> {
  const wanted = opening.settings.format;
  const named = fileFormats.find(({ name }) => name === wanted);
  if (named) return named;
  for (const format of fileFormats) if (await format.recognise(opening)) return format;
  throw problem('DatasetInvalid', {
    what: 'This is neither JSON nor CSV text.',
    where: opening.named,
    todo: 'Convert the records to JSONL: one JSON object a line.',
  });
}
