/** Opens the files of a source, whatever their format: told by content, or as the task says. */
import { stat } from 'node:fs/promises';
import { type ContainerName, formats } from '../../../config/formats.js';
import { problem } from '../../../config/problems.js';
import type { DataSource, SourceFile } from '../../../config/resolved.js';
import { isLfsPointer } from '../lfsPointer.js';
import { openBytes, openPacked, unicodeOf } from './bytes.js';
import { renamed } from './columns.js';
import type { FileFormat, FileSettings, FileStart, Opening, Recognised, RowFile } from './format.js';
import { fileFormats } from './formatList.js';
import { membersOf } from './members.js';
import { nameIn } from './rowFile.js';
import { withShapes } from './shapeCheck.js';
import { type ListedFile, listFiles } from './sources.js';
import { unreadContainer } from './unreadContainer.js';

const startBytes = 64 * 1024;

/** A source whose globs, folders and registries have become the files that they mean. */
export type ListedSource = Omit<DataSource, 'files'> & { files: ListedFile[] };

/** In a fixed order, each file once. Throws `DatasetInvalid` for an entry that leads nowhere. */
export async function withFiles(source: DataSource): Promise<ListedSource> {
  const isDataset = async (folder: SourceFile) => (await formatFor(await openingOf(source, folder))) !== undefined;
  return { ...source, files: await listFiles(source, isDataset) };
}

/**
 * A file of a source that `withFiles` has listed. Throws `DatasetInvalid` for one that can't be read, or whose structure
 * leaves no record to tell.
 */
export async function openRows(source: DataSource, file: ListedFile): Promise<RowFile> {
  const opening = await openingOf(source, file);
  const { format, recognised } = await formatOf(opening);
  const opened = await format.open(opening);
  if (recognised?.confidence === 'guess') opened.questions.push(doubt(opened.named, format.name, recognised.why));
  return withShapes(file.columns ? { ...opened, rows: renamed(opened.rows, file.columns) } : opened);
}

/** The bytes that the digest of the input is taken over. Throws as `openRows`. */
export async function* contentsOf(source: DataSource, file: ListedFile): AsyncGenerator<Uint8Array> {
  if (file.columns) yield Buffer.from(JSON.stringify(file.columns));
  const opening = await openingOf(source, file);
  const { contents } = (await formatOf(opening)).format;
  yield* contents ? contents(opening) : openPacked(opening.file, opening.named);
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
    ...(file.trust === undefined ? {} : { trust: file.trust }),
    images: file.images ?? null,
  };
}

async function openingOf(source: DataSource, file: SourceFile): Promise<Opening> {
  const named = nameIn(source, file);
  const listed = source.files.map((each) => each.path);
  const start = await startOf(file.path, named);
  return {
    file: file.path,
    named,
    root: file.base?.folder ?? source.root,
    settings: settingsOf(source, file),
    start,
    listed,
  };
}

async function startOf(file: string, named: string): Promise<FileStart> {
  const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
  if (isFolder) return { isFolder, bytes: Buffer.alloc(0), text: null, members: null };
  const bytes = await firstBytes(file, named);
  if (isLfsPointer(bytes))
    throw problem('DatasetInvalid', {
      what: 'It is a pointer of Git LFS, not the file of records.',
      where: named,
      todo: 'Fetch the file with "git lfs pull", and those of the pictures too.',
    });
  const unread = unreadContainer(bytes);
  if (unread) throw problem('DatasetInvalid', { ...unread, where: named });
  const text = textOf(bytes);
  const members = text?.trimStart().startsWith('{') ? await membersOf(file, named) : null;
  return { isFolder, bytes, text, members };
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

/** Of JSON, lines that a crash has left full of NUL are faults of their own. */
function textOf(bytes: Buffer): string | null {
  const text = new TextDecoder(unicodeOf(bytes)).decode(bytes);
  const isText = !text.includes('\0') || /^\s*[[{]/.test(text);
  return isText ? text : null;
}

/** The format that the task names, else the first that recognises the file. */
async function formatFor(opening: Opening): Promise<Found | undefined> {
  const named = fileFormats.find(({ name }) => name === opening.settings.format);
  if (named) return { format: named, recognised: null };
  for (const format of fileFormats) {
    const recognised = await format.recognise(opening);
    if (recognised) return { format, recognised };
  }
  return undefined;
}

/** `recognised` is null where the task names the format. */
interface Found {
  format: FileFormat;
  recognised: Recognised | null;
}

function doubt(named: string, format: ContainerName, why: string): string {
  return `${named} is taken for ${format} (${formats[format]}), since it ${why}. Is that so? Set "format" to be sure.`;
}

async function formatOf(opening: Opening): Promise<Found> {
  const found = await formatFor(opening);
  if (found) return found;
  throw problem('DatasetInvalid', {
    what: 'This is neither JSON nor CSV text, nor a container that is known.',
    where: opening.named,
    todo: 'Convert the records to JSONL: one JSON object a line. docs/data-formats.md lists what is read.',
  });
}
