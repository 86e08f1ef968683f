/** Builds one dataset folder from its source: read, check, split, write. No model is called (R4, R7). */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import type { DatasetManifest } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import { counted, remedies } from '../faults.js';
import { PictureFiles, type SeenFile } from '../pictures/pictureFiles.js';
import { PictureStore } from '../pictures/pictureStore.js';
import { type ClipRules, withFrames } from '../read/clips.js';
import { openRows } from '../read/rows.js';
import { type FileCount, Importer } from './importer.js';
import { LineWriter } from './lineWriter.js';
import type { BuildInput, DataFile } from './madeBefore.js';
import { writeDataset } from './writeDataset.js';

export interface Built {
  manifest: DatasetManifest;
  seen: SeenFile[];
}

/** Writes the dataset into an empty folder. Throws `DatasetInvalid` when a file has no row of use. */
export async function buildInto(
  folder: string,
  input: BuildInput,
  files: DataFile[],
  heartbeat: (rows: number) => void,
): Promise<Built> {
  const { source, settings, model, seed } = input;
  const beat = () => heartbeat(importer.tally.read);
  const spool = path.join(folder, 'spool.jsonl');
  const writer = await LineWriter.open(spool);
  const pictureFiles = new PictureFiles(source.root);
  const pictures = new PictureStore({ folder, files: pictureFiles, limits: settings, heartbeat: beat });
  const limits = { model, maximumTokens: Math.min(settings.maximumTokens, model.contextTokens) };
  const importer = new Importer({ source, pictures, spool: writer, limits, heartbeat: beat });
  const clips = { files: pictureFiles, root: source.root, settings: source, maximumFrames: settings.maximumFrames };
  const read = await readFiles(importer, source, { files, clips }).finally(() => writer.close());
  const { tally, duplicates } = importer;
  const findings = { tally, duplicates, kind: source.answer, settings };
  const keepPictures = (digests: ReadonlySet<string>) => pictures.keepOnly(digests);
  const manifest = await writeDataset({
    folder,
    spool,
    importer,
    findings,
    ...read,
    settings,
    seed,
    keepPictures,
    heartbeat,
  });
  await rm(spool);
  return { manifest, seen: pictureFiles.seen() };
}

async function readFiles(
  importer: Importer,
  source: DataSource,
  { files, clips }: { files: DataFile[]; clips: ClipRules },
): Promise<{ sources: DatasetManifest['sources']; notes: string[] }> {
  const sources: DatasetManifest['sources'] = [];
  const notes: string[] = [];
  for (const { file, named, sha256 } of files) {
    const { format, rows, notes: fileNotes } = withFrames(await openRows(source, file), clips);
    const count = await importer.readFile(named, path.dirname(file), rows);
    if (count.good === 0) throw nothingGood(named, count);
    sources.push({ path: named, format, rows: count.read, sha256 });
    notes.push(...fileNotes);
  }
  return { sources, notes };
}

function nothingGood(named: string, { read, rejections }: FileCount): Error {
  const [most] = [...rejections].sort(([, one], [, other]) => other.count - one.count);
  if (!most)
    return problem('DatasetInvalid', {
      what: 'The file holds no record.',
      where: named,
      todo: 'Write one record a line: {"image": "1.png", "question": "…", "answer": "…"}.',
    });
  const [reason, { first }] = most;
  const what = `None of ${counted(read, 'record')} can be used, mostly for ${reason}.`;
  return problem('DatasetInvalid', { what, where: `${named}, ${first}`.slice(0, 500), todo: remedies[reason] });
}
