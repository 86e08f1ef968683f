/** Finds the dataset that the same input made before, so that nothing is decoded twice. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { DatasetManifest } from '../../../config/records.js';
import type { DataSource, ResolvedRecipe } from '../../../config/resolved.js';
import type { RecipeSettings } from '../../../config/settings.js';
import { readJson, readJsonLines, sha256 } from '../../storage/files.js';
import { PictureFiles, type SeenFile } from '../pictures/pictureFiles.js';
import { nameOf } from '../read/rowFile.js';
import { contentsOf } from '../read/rows.js';
import { exists } from './folder.js';
import { LineWriter } from './lineWriter.js';

/** Changes with the rules of the import, so that a newer Anneal builds anew. */
const rules = 'anneal.data/1';

export interface BuildInput {
  source: DataSource;
  model: Pick<ResolvedRecipe['model'], 'patch' | 'merge' | 'minimumPixels' | 'maximumPixels' | 'contextTokens'>;
  settings: RecipeSettings['data'];
  seed: number;
  /** URI of the parent folder. */
  into: string;
}

export interface DataFile {
  file: string;
  named: string;
  sha256: string;
}

/** Digest of all that shapes the dataset except the pictures: file contents, fields, settings. No path of the machine is in it. */
export function inputDigest({ source, model, settings, seed }: BuildInput, files: DataFile[]): string {
  const { name, format, fields, question, answer } = source;
  const contents = files.map(({ named, sha256: digest }) => [named, digest]);
  return sha256(JSON.stringify([rules, name, format, fields, question, answer, model, settings, seed, contents]));
}

/** Throws `DatasetInvalid` for a file that can't be read. */
export async function digestFiles(source: DataSource, heartbeat: () => void): Promise<DataFile[]> {
  const files: DataFile[] = [];
  for (const file of source.files) {
    const named = nameOf(file, source.root);
    const hash = createHash('sha256');
    for await (const chunk of contentsOf(source, file)) {
      hash.update(chunk);
      heartbeat();
    }
    files.push({ file, named, sha256: hash.digest('hex') });
  }
  return files;
}

/** The first line of what is remembered of an input; the picture files that were looked for follow. */
const Made = z.strictObject({ folder: z.string() });

/** The folder made from this input, if it is whole and every picture file still holds what it held. */
export async function findMadeBefore(
  into: string,
  digest: string,
  root: string,
  heartbeat: () => void,
): Promise<{ folder: string; manifest: DatasetManifest } | null> {
  if (!(await exists(memory(into, digest)))) return null;
  const lines = readJsonLines(memory(into, digest));
  const folder = path.join(into, Made.parse((await lines.next()).value).folder);
  const manifest = path.join(folder, 'manifest.json');
  const current = (await exists(manifest)) && (await new PictureFiles(root).areStill(lines, heartbeat));
  await lines.return(undefined);
  return current ? { folder, manifest: DatasetManifest.parse(await readJson(manifest)) } : null;
}

/** Remembers what an input made, in one file that is there whole or not at all. */
export async function remember(into: string, digest: string, folder: string, seen: SeenFile[]): Promise<void> {
  await mkdir(path.join(into, 'inputs'), { recursive: true });
  const partial = `${memory(into, digest)}.${randomUUID()}.partial`;
  const writer = await LineWriter.open(partial);
  await writer.write({ folder: path.basename(folder) } satisfies z.infer<typeof Made>);
  for (const each of seen) await writer.write(each);
  await writer.close();
  await rename(partial, memory(into, digest));
}

function memory(into: string, digest: string): string {
  return path.join(into, 'inputs', `${digest}.jsonl`);
}
