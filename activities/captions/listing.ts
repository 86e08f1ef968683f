/**
 * Lists pictures into windows on the disk. Each picture is known by its key, the content of file and ask, and a window
 * holds one range of keys: so equal files meet in one window, and a window finds its answers without reading all others.
 * Memory does not grow with the number of pictures: they are dealt into buckets by the beginning of their keys first.
 */

import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import type { LedgerRow } from '../../config/records.js';
import { LineWriter } from '../data/build/lineWriter.js';
import { RowFault } from '../data/faults.js';
import { noSpace, readBytes, writeWhole } from '../storage/files.js';
import { type Ask, type Key, keysOf } from './ask.js';
import { type ListedPicture, listedPictures } from './pictureLists.js';

/** One picture of a window; those of the same key follow each other. */
export const WindowLine = z.strictObject({
  key: z.string(),
  prompt: z.int(),
  file: z.string(),
  /** Absent where the file was named by itself. */
  source: z.string().optional(),
  line: z.int().optional(),
});
export type WindowLine = z.infer<typeof WindowLine>;

export interface Listed {
  pictures: number;
  windows: number;
  /** Folder that every picture lies in. */
  root: string;
}

export interface ListOptions {
  named: readonly string[];
  /** Folder that names are relative to. */
  from: string;
  ask: Ask;
  /** Where windows/ and listed.jsonl go. */
  folder: string;
  windowSize: number;
  limit: number | null;
  heartbeat: (pictures: number) => void;
}

const buckets = 256;
const filesAtOnce = 16;
/** Larger files are read in pieces. */
const maximumHeldBytes = 16 * 1024 * 1024;
/** Text that waits for its bucket, all buckets together. */
const maximumDealtCharacters = 16 * 1024 * 1024;

/** Throws InvalidInput where nothing is found, NoSpace. */
export async function listIntoWindows(options: ListOptions): Promise<Listed> {
  const { folder } = options;
  await rm(path.join(folder, 'windows'), { recursive: true, force: true });
  await rm(path.join(folder, 'buckets'), { recursive: true, force: true });
  await mkdir(path.join(folder, 'windows'), { recursive: true });
  await mkdir(path.join(folder, 'buckets'), { recursive: true });
  const ledger = await LineWriter.open(path.join(folder, 'listed.jsonl'));
  try {
    const { pictures, root } = await deal(options, ledger);
    if (pictures === 0) throw nothingFound(options);
    const windows = await cut(options, ledger);
    return { pictures, windows, root: root ?? options.from };
  } finally {
    await ledger.close();
    await rm(path.join(folder, 'buckets'), { recursive: true, force: true });
  }
}

/** First pass: every file is read once, for its digest. */
async function deal(options: ListOptions, ledger: LineWriter): Promise<{ pictures: number; root: string | null }> {
  const dealer = new Dealer(path.join(options.folder, 'buckets'));
  const keyOf = keysOf(options.ask);
  let pictures = 0;
  let root: string | null = null;
  for await (const batch of batches(listedPictures(options.named, options.from))) {
    const digests = await Promise.all(batch.map(digestOrFault));
    for (const [index, picture] of batch.entries()) {
      const digest = digests[index];
      if (typeof digest === 'string') {
        dealer.deal(lineOf(picture, keyOf(digest)));
        root = commonFolder(root, path.dirname(picture.file));
      } else if (digest) await ledger.write(notListed(picture, 'rejected', digest.reason, digest.detail));
    }
    pictures += batch.length;
    options.heartbeat(pictures);
    await dealer.writeSome();
  }
  await dealer.writeAll();
  return { pictures, root };
}

async function* batches(pictures: AsyncIterable<ListedPicture>): AsyncGenerator<ListedPicture[]> {
  let batch: ListedPicture[] = [];
  for await (const picture of pictures) {
    batch.push(picture);
    if (batch.length < filesAtOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function digestOrFault({ file, fault }: ListedPicture): Promise<string | RowFault> {
  if (fault) return fault;
  try {
    const { size } = await stat(file);
    return size > maximumHeldBytes ? await digestInPieces(file) : hash('sha256', await readBytes(file), 'hex');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(code)) throw error;
    return new RowFault('imageNotFound', `the path leads to what can't be read (${code})`, { cause: error });
  }
}

async function digestInPieces(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  return digest.digest('hex');
}

function lineOf({ file, source, line }: ListedPicture, { key, prompt }: Key): WindowLine {
  return source === file ? { key, prompt, file } : { key, prompt, file, source, line };
}

function commonFolder(before: string | null, folder: string): string {
  if (before === null) return folder;
  let common = before;
  while (folder !== common && !folder.startsWith(common.endsWith(path.sep) ? common : common + path.sep))
    common = path.dirname(common);
  return common;
}

/** Lines by the first two characters of their keys. */
class Dealer {
  private readonly folder: string;
  private readonly waiting: string[] = Array.from({ length: buckets }, () => '');
  private characters = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  deal(line: WindowLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.waiting[Number.parseInt(line.key.slice(0, 2), 16)] += text;
    this.characters += text.length;
  }

  async writeSome(): Promise<void> {
    if (this.characters > maximumDealtCharacters) await this.writeAll();
  }

  async writeAll(): Promise<void> {
    for (const [bucket, text] of this.waiting.entries()) {
      if (text === '') continue;
      const file = bucketFile(this.folder, bucket);
      await appendFile(file, text).catch((error) => {
        throw noSpace(error, file) ?? error;
      });
      this.waiting[bucket] = '';
    }
    this.characters = 0;
  }
}

function bucketFile(folder: string, bucket: number): string {
  return path.join(folder, `${bucket.toString(16).padStart(2, '0')}.jsonl`);
}

/** Second pass: buckets in order, each sorted, cut into windows that end between two keys. */
async function cut(options: ListOptions, ledger: LineWriter): Promise<number> {
  const { folder, windowSize } = options;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  let window: string[] = [];
  let windows = 0;
  let keys = 0;
  let lastKey = '';
  const flush = async () => {
    await writeWhole(windowFile(folder, windows), window.join(''));
    windows += 1;
    window = [];
  };
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    for (const line of await sortedBucket(path.join(folder, 'buckets'), bucket)) {
      if (line.key !== lastKey) {
        keys += 1;
        if (window.length >= windowSize) await flush();
      }
      lastKey = line.key;
      if (keys > limit) await ledger.write(beyondLimit(line, limit));
      else window.push(`${JSON.stringify(line)}\n`);
    }
    options.heartbeat(keys);
  }
  if (window.length > 0) await flush();
  return windows;
}

async function sortedBucket(folder: string, bucket: number): Promise<WindowLine[]> {
  const text = await readFile(bucketFile(folder, bucket), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').slice(0, -1);
  const parsed = lines.map((line) => JSON.parse(line) as WindowLine);
  return parsed.sort((one, other) => compare(placeOf(one), placeOf(other)));
}

function placeOf({ key, file, line = 0 }: WindowLine): string {
  return `${key} ${file} ${line.toString().padStart(12, '0')}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

export function windowFile(folder: string, window: number): string {
  return path.join(folder, 'windows', `${window.toString().padStart(6, '0')}.jsonl`);
}

function notListed(
  { source, line, file }: Pick<ListedPicture, 'source' | 'line' | 'file'>,
  fate: LedgerRow['fate'],
  reason: string,
  detail: string,
): LedgerRow {
  return { source, line, id: file, fate, split: null, reason, detail };
}

function beyondLimit({ source, line = 1, file }: WindowLine, limit: number): LedgerRow {
  return notListed({ source: source ?? file, line, file }, 'leftOut', 'limit', `${limit} pictures are wanted`);
}

function nothingFound({ named, from }: ListOptions): Error {
  return problem('InvalidInput', {
    what: `No picture was found in ${named.join(', ')}.`.slice(0, 500),
    where: from,
    todo: 'Name a folder with PNG, JPEG, WebP, GIF, TIFF or AVIF files, or a list of such files.',
  });
}
