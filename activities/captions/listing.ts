/**
 * Lists pictures into windows on the disk. Each picture is known by its key, the content of file and ask, and a window
 * holds one range of keys: so equal files meet in one window, and a window finds its answers without reading all others.
 * Memory does not grow with the number of pictures: they are dealt into buckets by the beginning of their keys first.
 */
import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { LineWriter } from '../data/build/lineWriter.js';
import { RowFault } from '../data/faults.js';
import { orNotFound, readRegularFile } from '../data/pictures/readableFile.js';
import { writeWhole } from '../storage/files.js';
import { type Ask, type Key, keysOf } from './ask.js';
import { Buckets, WindowLine } from './buckets.js';
import { type ListedPicture, listedPictures } from './pictureLists.js';

/** A picture that is settled when it is listed: it can't be read, or there are enough without it. */
export const Settled = WindowLine.pick({ file: true, source: true, line: true }).extend({
  fate: z.enum(['rejected', 'leftOut']),
  reason: z.string(),
  detail: z.string(),
});
export type Settled = z.infer<typeof Settled>;

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

const filesAtOnce = 16;
/** Larger files are read in pieces. */
const maximumHeldBytes = 16 * 1024 * 1024;

/** Throws InvalidInput where nothing is found, NoSpace. */
export async function listIntoWindows(options: ListOptions): Promise<Listed> {
  const { folder } = options;
  await rm(path.join(folder, 'windows'), { recursive: true, force: true });
  await mkdir(path.join(folder, 'windows'), { recursive: true });
  const buckets = await Buckets.open(path.join(folder, 'buckets'));
  const ledger = await LineWriter.open(listedFile(folder));
  try {
    const { pictures, root } = await deal(options, buckets, ledger);
    if (pictures === 0) throw nothingFound(options);
    const windows = await cut(options, buckets, ledger);
    return { pictures, windows, root: root ?? options.from };
  } finally {
    await ledger.close();
    await buckets.remove();
  }
}

/** First pass: every file is read once, for its digest. */
async function deal(
  options: ListOptions,
  buckets: Buckets,
  ledger: LineWriter,
): Promise<{ pictures: number; root: string | null }> {
  const keyOf = keysOf(options.ask);
  let pictures = 0;
  let root: string | null = null;
  for await (const batch of batches(listedPictures(options.named, options.from))) {
    const digests = await Promise.all(batch.map(digestOrFault));
    for (const [index, picture] of batch.entries()) {
      const digest = digests[index];
      if (typeof digest === 'string') {
        buckets.deal(lineOf(picture, keyOf(digest)));
        root = commonFolder(root, path.dirname(picture.file));
      } else if (digest) await ledger.write(unreadable(picture, digest));
    }
    pictures += batch.length;
    options.heartbeat(pictures);
    await buckets.writeSome();
  }
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
    const { bytes } = await readRegularFile(file, maximumHeldBytes);
    return bytes === null ? await orNotFound(digestInPieces(file)) : hash('sha256', bytes, 'hex');
  } catch (error) {
    if (error instanceof RowFault) return error;
    throw error;
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

/** Second pass: buckets in order, each sorted, cut into windows that end between two keys. */
async function cut(options: ListOptions, buckets: Buckets, ledger: LineWriter): Promise<number> {
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
  for await (const bucket of buckets.sorted()) {
    for (const line of bucket) {
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

export function windowFile(folder: string, window: number): string {
  return path.join(folder, 'windows', `${window.toString().padStart(6, '0')}.jsonl`);
}

export function listedFile(folder: string): string {
  return path.join(folder, 'listed.jsonl');
}

function unreadable({ file, source, line }: ListedPicture, { reason, detail }: RowFault): Settled {
  return { file, source, line, fate: 'rejected', reason, detail };
}

function beyondLimit({ file, source, line }: WindowLine, limit: number): Settled {
  const detail = `${limit} pictures are wanted`;
  return { file, ...(source ? { source, line } : {}), fate: 'leftOut', reason: 'limit', detail };
}

function nothingFound({ named, from }: ListOptions): Error {
  return problem('InvalidInput', {
    what: `No picture was found in ${named.join(', ')}.`.slice(0, 500),
    where: from,
    todo: 'Name a folder with PNG, JPEG, WebP, GIF, TIFF or AVIF files, or a list of such files.',
  });
}
