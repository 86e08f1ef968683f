/** Builds one dataset in its work folder: read in windows, look across, write. No model is called (R4, R7). */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ProblemError } from '../../../config/problems.js';
import type { DatasetManifest } from '../../../config/records.js';
import { toPath } from '../../storage/files.js';
import { quoted } from '../faults.js';
import { breathing } from '../memory/steps.js';
import { FetchedPictures } from '../pictures/fetchedPictures.js';
import { usualLimits } from '../pictures/fetchPicture.js';
import { PictureFiles } from '../pictures/pictureFiles.js';
import { PictureStore } from '../pictures/pictureStore.js';
import { settingsOf } from '../read/rows.js';
import { Reviews } from '../records/reviews.js';
import { Pins } from '../splits/pins.js';
import { Collector } from './collect.js';
import type { LineWriter } from './lineWriter.js';
import { type DataFile, type ListedInput, openMemory, remember } from './madeBefore.js';
import { readWindows, removeWindows, spooledRows } from './windows.js';
import { discard, openWorkFolder, publish } from './workFolder.js';
import { writeDataset } from './writeDataset.js';

export interface BuildStage {
  /** What is being done: rows are read, compared, written. */
  stage: 'reading' | 'comparing' | 'writing';
  rows: number;
}

interface BuildOptions {
  /** May hold what an earlier attempt left. */
  folder: string;
  input: ListedInput;
  files: DataFile[];
  /** Told every picture file that was looked for. */
  seen: LineWriter;
  heartbeat: (stage: BuildStage) => void;
  /** Rows of a window: what a kill costs at most. It changes nothing in the dataset. */
  windowRows?: number | undefined;
}

/**
 * Builds a dataset in its work folder, going on from what an earlier attempt left there, and publishes it. Throws
 * `DatasetInvalid` when a file can't be read or has no row of use: then nothing is left behind.
 */
export async function buildWhole(
  options: Omit<BuildOptions, 'folder' | 'seen'> & { into: string; digest: string },
): Promise<{ folder: string; manifest: DatasetManifest }> {
  const { into, digest, input } = options;
  const work = await openWorkFolder(into, digest);
  const memory = await openMemory(into, digest);
  try {
    const built = buildInto({ ...options, folder: work, seen: memory.writer });
    const manifest = await built.finally(() => memory.writer.close());
    const folder = path.join(into, `${folderName(input.source.name)}-${manifest.digest.slice(0, 12)}`);
    await publish(work, folder);
    // What could not be fetched today may be there tomorrow.
    if (manifest.counts.byReason['imageNotFetched']) await rm(memory.partial);
    else await remember(into, digest, memory.partial, folder);
    return { folder, manifest };
  } catch (error) {
    await rm(memory.partial, { force: true });
    if (error instanceof ProblemError && error.problem.type === 'DatasetInvalid') await discard(work);
    throw error;
  }
}

async function buildInto({
  folder,
  input,
  files,
  seen,
  heartbeat,
  windowRows,
}: BuildOptions): Promise<DatasetManifest> {
  const { source, settings, model, seed } = input;
  let rows = 0;
  const beat = (stage: BuildStage['stage']) => (count: number) => {
    rows = count;
    heartbeat({ stage, rows });
  };
  const reading = beat('reading');
  const pictureFiles = PictureFiles.of(source);
  const pictures = new PictureStore({
    folder,
    files: pictureFiles,
    web: settings.fetchImages ? webOf(input) : null,
    limits: settings,
    heartbeat: () => reading(rows),
  });
  const limits = { model, maximumTokens: Math.min(settings.maximumTokens, model.contextTokens) };
  const reviews = await Reviews.read(source.reviews ?? null);
  const { allowUnsettled = false } = input;
  const clips = { files: pictureFiles, root: source.root, maximumFrames: settings.maximumFrames };
  const checks = { pictures, limits, reviews, clips };
  const windows = await readWindows({
    folder,
    files,
    source,
    allowUnsettled,
    windowRows,
    ...checks,
    heartbeat: reading,
  });
  const named = files.map((file) => file.named);
  const weights = files.map(({ file }) => settingsOf(source, file).weight);
  const trusts = files.map(({ file }) => settingsOf(source, file).trust ?? 1);
  const pins = source.keepSplitsOf ? await Pins.read(toPath(source.keepSplitsOf), () => reading(rows)) : new Pins();
  const collector = new Collector({
    kind: source.answer,
    settings,
    seed,
    named,
    weights,
    pins,
  });
  const comparing = beat('comparing');
  let compared = 0;
  for await (const row of spooledRows(folder, windows.names)) {
    collector.add(row);
    compared += 1;
    comparing(compared);
  }
  const collected = await breathing(collector.finish(), async () => {
    comparing(compared);
    await setImmediate();
  });
  const { tally, answers, conflicts, placeOf } = collected;
  const { rows: contradicting, pairs } = conflicts.conflicts();
  const findings = {
    tally,
    answers,
    conflicts: { rows: contradicting, pairs: pairs.map((pair) => pair.map(placeOf) as [string, string]) },
    kind: source.answer,
    near: collected.near,
    checks: collected.checks,
    settings,
  };
  const writing = beat('writing');
  const manifest = await writeDataset({
    folder,
    windows: { ...windows, notes: [...windows.notes, ...reviewNotes(reviews)] },
    named,
    trusts,
    collected,
    findings,
    source,
    settings,
    maximumTokens: limits.maximumTokens,
    seed,
    pictures,
    seen,
    heartbeat: writing,
  });
  await removeWindows(folder);
  return manifest;
}

/** Decisions without a row are said: somebody may wonder where they went. */
function reviewNotes(reviews: Reviews): string[] {
  const [first, ...others] = reviews.unmet();
  if (!first) return [];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return [
    `${reviews.size} reviewed answers were read; those of record ${quoted(first.record)}${more} fit no row any more: its question, picture or answer has changed.`,
  ];
}

function webOf({ into, settings }: ListedInput): FetchedPictures {
  const limits = { ...usualLimits, allowPrivate: settings.fetchPrivate };
  return new FetchedPictures(path.join(toPath(into), 'fetched'), limits);
}

function folderName(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40) || 'data'
  );
}
