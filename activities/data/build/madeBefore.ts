/** Finds the dataset that the same input made before, so that nothing is decoded twice. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { PictureModel } from '../../../config/models.js';
import { problem } from '../../../config/problems.js';
import { DatasetManifest } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { readJson, readJsonLines, sha256, toPath, writeWhole } from '../../storage/files.js';
import type { PictureFiles } from '../pictures/pictureFiles.js';
import { nameIn } from '../read/rowFile.js';
import { contentsOf, type ListedSource, settingsOf } from '../read/rows.js';
import type { ListedFile } from '../read/sources.js';
import { Reviews } from '../records/reviews.js';
import { LineWriter } from './lineWriter.js';
import { exists } from './workFolder.js';

/** Changes with the rules of the import, so that a newer Anneal builds anew. */
const rules = 'anneal.data/7';

export interface BuildInput {
  source: DataSource;
  model: PictureModel & { contextTokens: number };
  settings: RecipeSettings['data'];
  seed: number;
  /** A file without a usable row is let pass where its rows lack nothing but an answer: a rewriting may give them one. */
  allowUnsettled?: boolean;
  /** Qualities whose training records are counted, for stages that train on those alone (R15). */
  leastQualities?: number[];
  /** URI of the parent folder. */
  into: string;
}

/** An input whose files have been listed. */
export type ListedInput = Omit<BuildInput, 'source'> & { source: ListedSource };

export interface DataFile {
  file: ListedFile;
  named: string;
  sha256: string;
}

/** Digest of all that shapes the dataset except the pictures: file contents, fields, settings. No path of the machine is in it. */
export async function inputDigest(input: ListedInput, files: DataFile[]): Promise<string> {
  const { source, model, settings, seed } = input;
  const kept = source.keepSplitsOf ? await manifestOf(toPath(source.keepSplitsOf)) : null;
  const { digest: reviews } = await Reviews.read(source.reviews ?? null);
  const told = [source.language, source.formats, source.augment, source.terms];
  const contents = files.map(({ file, named, sha256: digest }) => {
    const { images, ...own } = settingsOf(source, file);
    return [named, digest, own, images && nameIn(source, { ...file, path: images })];
  });
  return sha256(JSON.stringify([rules, source.name, model, settings, seed, contents, kept?.digest, reviews, told]));
}

/** Throws `DatasetInvalid` when the folder holds no dataset. */
async function manifestOf(folder: string): Promise<DatasetManifest> {
  const file = path.join(folder, 'manifest.json');
  if (await exists(file)) return DatasetManifest.parse(await readJson(file));
  throw problem('DatasetInvalid', {
    what: 'There is no dataset whose splits could be kept.',
    where: file,
    todo: 'Name the folder of an earlier build in "keepSplitsOf", or leave it out.',
  });
}

/** In an order of their own, so that the order in which sources are named changes nothing. Throws `DatasetInvalid` for a file that can't be read. */
export async function digestFiles(source: ListedSource, heartbeat: () => void): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const file of source.files) {
    const named = nameIn(source, file);
    const hash = createHash('sha256');
    for await (const chunk of contentsOf(source, file)) {
      hash.update(chunk);
      heartbeat();
    }
    files.push({ file, named, sha256: hash.digest('hex') });
  }
  const key = ({ named, sha256: digest }: DataFile) => `${named}\0${digest}`;
  return files.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** The folder made from this input, if it is whole and every picture file still holds what it held. */
export async function findMadeBefore(
  into: string,
  digest: string,
  pictures: PictureFiles,
  heartbeat: () => void,
): Promise<{ folder: string; manifest: DatasetManifest } | null> {
  if (!(await exists(memory(into, digest)))) return null;
  const folder = path.join(into, await readFile(`${memory(into, digest)}.made`, 'utf8'));
  const manifest = path.join(folder, 'manifest.json');
  const seen = readJsonLines(memory(into, digest));
  const current = (await exists(manifest)) && (await pictures.areStill(seen, heartbeat));
  await seen.return(undefined);
  return current ? { folder, manifest: DatasetManifest.parse(await readJson(manifest)) } : null;
}

/** A file for what is remembered of an input, to which the picture files that were looked for are written. */
export async function openMemory(into: string, digest: string): Promise<{ writer: LineWriter; partial: string }> {
  await mkdir(path.join(into, 'inputs'), { recursive: true });
  const partial = `${memory(into, digest)}.${randomUUID()}.partial`;
  return { writer: await LineWriter.open(partial), partial };
}

/** Remembers what an input made, in one file that is there whole or not at all. */
export async function remember(into: string, digest: string, partial: string, folder: string): Promise<void> {
  await writeWhole(`${memory(into, digest)}.made`, path.basename(folder));
  await rename(partial, memory(into, digest));
}

function memory(into: string, digest: string): string {
  return path.join(into, 'inputs', `${digest}.jsonl`);
}
