/** Builds a dataset in this process, without an engine. */
import path from 'node:path';
import { openDataset, type StoredDataset } from '../../activities/data/dataset.js';
import { createDatasetActivities } from '../../activities/data/index.js';
import { toPath, toUri } from '../../activities/storage/files.js';
import { progressLine } from '../liveProgress.js';
import { annealFolder } from '../paths.js';
import type { Shell } from '../shell.js';
import { type Buildable, findMeant } from './source.js';

/** Where runs of this project build theirs too, so that none is built twice. */
export function datasetsFolder(root: string): string {
  return path.join(annealFolder(root), 'datasets');
}

const secondsBetweenLines = 5;

/** The same source finds the folder that it made before. Throws what a run's build would. */
export async function buildDataset(shell: Shell, source: Buildable, into: string): Promise<StoredDataset> {
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: progress(shell) });
  const { uri } = await buildDatasetFolder({ ...source, into: toUri(into) });
  return openDataset(toPath(uri));
}

/** The dataset of a folder, or that of a task, built if need be. */
export async function datasetOf(shell: Shell, named: string): Promise<StoredDataset> {
  const meant = await findMeant(shell, named);
  if (meant.kind === 'dataset') return meant.dataset;
  return buildDataset(shell, meant.source, datasetsFolder(shell.root));
}

/** Says every few seconds how far a build is. */
function progress(shell: Shell): (details: unknown) => void {
  const say = seldom(shell);
  return (details) => say(() => progressLine(details));
}

/** Says every few seconds how many records were done. */
export function recordsProgress(shell: Shell, what: string, done: string): (records: number) => void {
  const say = seldom(shell);
  return (records) => say(() => `${what} ${records} ${done}`);
}

function seldom(shell: Shell): (line: () => string | null) => void {
  let last = Date.now();
  return (line) => {
    if (Date.now() - last < secondsBetweenLines * 1000) return;
    last = Date.now();
    const text = line();
    if (text !== null) shell.talk(text);
  };
}
