/** What a person names, a folder, a glob, a list, a dataset or a picture, as one picture after another. */
import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { quoted, RowFault } from '../data/faults.js';
import { imageSourceOf, isPictureName } from '../data/pictures/imageSource.js';
import { openBytes } from '../data/read/bytes.js';
import { jsonLines } from '../data/read/jsonText.js';
import { readIfThere, unlessMissing } from '../processes/there.js';
import { isGlob, readGlob } from './globs.js';

export interface ListedPicture {
  file: string;
  /** Where it was named: a list and its line, or the file itself. */
  source: string;
  line: number;
  /** Set where a list names what can't be a file here. */
  fault?: RowFault;
}

/** Every picture that these name, in no particular order. Throws InvalidInput for what is not there. */
export async function* listedPictures(named: readonly string[], root: string): AsyncGenerator<ListedPicture> {
  for (const each of named) yield* picturesOf(each, root);
}

async function* picturesOf(named: string, root: string): AsyncGenerator<ListedPicture> {
  const place = path.resolve(root, named);
  const found = await unlessMissing(stat(place));
  if (found?.isDirectory()) yield* inFolder((await isDataset(place)) ? path.join(place, 'images') : place);
  else if (found && isPictureName(place)) yield itself(place);
  else if (found) yield* inList(place);
  else if (isGlob(named)) yield* inGlob(place);
  else throw notThere(named, place);
}

function itself(file: string): ListedPicture {
  return { file, source: file, line: 1 };
}

const DatasetFolder = z.looseObject({ schema: z.string().startsWith('anneal.dataset/') });

/** Beside the pictures of a dataset there may lie others, such as those of its gallery. */
async function isDataset(folder: string): Promise<boolean> {
  return DatasetFolder.safeParse(await readIfThere(path.join(folder, 'manifest.json'))).success;
}

/** Files whose name is a picture's, below a folder; hidden ones and linked folders are passed over. */
async function* inFolder(folder: string): AsyncGenerator<ListedPicture> {
  for await (const entry of await opendir(folder, { bufferSize: 256 })) {
    if (entry.name.startsWith('.')) continue;
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* inFolder(place);
    else if (isPictureName(entry.name) && (await isFile(entry, place))) yield itself(place);
  }
}

async function isFile(entry: Dirent, place: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return (await unlessMissing(stat(place)))?.isFile() ?? false;
}

async function* inGlob(glob: string): AsyncGenerator<ListedPicture> {
  const { base, matches } = readGlob(glob);
  if ((await unlessMissing(stat(base))) === null) throw notThere(glob, base);
  for await (const picture of inFolder(base)) if (matches(path.relative(base, picture.file))) yield picture;
}

const ListLine = z.looseObject({ image: z.string().min(1) });

/** A path a line, relative to the list's folder; or JSON objects with a field "image". */
async function* inList(list: string): AsyncGenerator<ListedPicture> {
  for await (const { bytes, line } of jsonLines(openBytes(list, list), list)) {
    const text = Buffer.from(bytes).toString('utf8').trim();
    if (text === '') continue;
    const written = pathIn(text, list, line);
    const picture = { file: path.resolve(path.dirname(list), written), source: list, line };
    const fault = faultOf(written);
    yield fault ? { ...picture, fault } : picture;
  }
}

function faultOf(written: string): RowFault | null {
  try {
    const { kind } = imageSourceOf(written);
    if (kind === 'path') return null;
    if (kind === 'url') return new RowFault('imageRemote', `${quoted(written)} is an address on a network`);
    return new RowFault('imageNotFound', 'a list names files; this is a picture itself');
  } catch (error) {
    if (error instanceof RowFault) return error;
    throw error;
  }
}

function pathIn(text: string, list: string, line: number): string {
  if (!text.startsWith('{') && !text.includes('\0')) return text;
  try {
    return ListLine.parse(JSON.parse(text)).image;
  } catch (error) {
    throw problem(
      'InvalidInput',
      {
        what: 'A line is no path, and no JSON object with a field "image".',
        where: `${list}, line ${line}`,
        todo: 'Write one path a line, relative to the folder of the list.',
      },
      { cause: error },
    );
  }
}

function notThere(named: string, place: string): Error {
  return problem('InvalidInput', {
    what: `There is no "${named}".`,
    where: place,
    todo: 'Name a folder, a glob in quotes, a file with one path a line, or a dataset folder.',
  });
}
