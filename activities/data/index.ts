/** Reading, checking, splitting and storing records: the capability behind the step `buildDataset`. */
import path from 'node:path';
import sharp from 'sharp';
import type { DatasetManifest, DatasetRef } from '../../config/records.js';
import { toPath, toUri } from '../storage/files.js';
import { buildInto } from './build/build.js';
import { buildWhole } from './build/folder.js';
import { type BuildInput, digestFiles, findMadeBefore, inputDigest, remember } from './build/madeBefore.js';
import { Reviews } from './records/reviews.js';

export interface DatasetDeps {
  /** Told about progress at most once a second. May throw to end the build: nothing half made stays behind. */
  heartbeat: (details: unknown) => void;
}

const heartbeatMilliseconds = 1000;

export function createDatasetActivities({ heartbeat }: DatasetDeps) {
  // libvips would keep opened files, stale ones too, and take every core for one picture.
  sharp.cache(false);
  sharp.concurrency(1);

  return {
    /**
     * Makes the dataset folder of a source, named by the digest of its content, and says what is in it. The same input
     * finds the folder that it made before. Throws `DatasetInvalid` when a file can't be read or has no row of use.
     */
    async buildDatasetFolder(input: BuildInput): Promise<DatasetRef> {
      const { source } = input;
      const into = path.resolve(toPath(input.into));
      const beat = progress(heartbeat, source.name);
      const files = await digestFiles(source, () => beat(0));
      const { digest: reviews } = await Reviews.read(source.reviews ?? null);
      const digest = inputDigest(input, files, reviews);
      const before = await findMadeBefore(into, digest, source.root, () => beat(0));
      if (before) return refOf(before.folder, before.manifest);
      const { folder, result } = await buildWhole(into, async (partial) => {
        const built = await buildInto(partial, input, files, beat);
        return { name: `${folderName(source.name)}-${built.manifest.digest.slice(0, 12)}`, result: built };
      });
      await remember(into, digest, folder, result.seen);
      return refOf(folder, result.manifest);
    },
  };
}
export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

function progress(heartbeat: DatasetDeps['heartbeat'], source: string): (rows: number) => void {
  let last = 0;
  return (rows) => {
    if (Date.now() - last < heartbeatMilliseconds) return;
    last = Date.now();
    heartbeat({ stage: 'data', source, rows });
  };
}

function folderName(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40) || 'data'
  );
}

function refOf(folder: string, { digest, counts, answers, notes, questions }: DatasetManifest): DatasetRef {
  const { read, used, merged, rejected, bySplit } = counts;
  const { largestShare } = answers;
  return { uri: toUri(folder), digest, read, used, merged, rejected, bySplit, largestShare, notes, questions };
}
