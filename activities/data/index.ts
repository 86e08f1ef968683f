/** Reading, checking, splitting and storing records: the capability behind the step `buildDataset`. */
import path from 'node:path';
import sharp from 'sharp';
import type { DatasetManifest, DatasetRef } from '../../config/records.js';
import { toPath, toUri } from '../storage/files.js';
import { type BuildStage, buildWhole } from './build/build.js';
import { type BuildInput, digestFiles, findMadeBefore, inputDigest } from './build/madeBefore.js';
import { countOfQuality } from './build/ofQuality.js';
import { Turns } from './build/turns.js';
import { findNewRecords, type NewRecords, type NewRecordsInput } from './news/newRecords.js';
import { PictureFiles } from './pictures/pictureFiles.js';
import { withFiles } from './read/rows.js';

export interface DatasetDeps {
  /** Told about progress at most once a second. May throw to end the build; the next one goes on from there. */
  heartbeat: (details: unknown) => void;
  /** Rows of a window: what a kill costs at most. */
  windowRows?: number;
}

const heartbeatMilliseconds = 1000;
/** Of all activities of this process: the builds of one input share a work folder. */
const building = new Turns();

export function createDatasetActivities({ heartbeat, windowRows }: DatasetDeps) {
  // libvips would keep opened files, stale ones too, and take every core for one picture.
  sharp.cache(false);
  sharp.concurrency(1);

  return {
    /**
     * Makes the dataset folder of a source, named by the digest of its content, and says what is in it. The same input
     * finds the folder that it made before. Throws `DatasetInvalid` when a file can't be read or has no row of use.
     */
    async buildDatasetFolder(wanted: BuildInput): Promise<DatasetRef> {
      const source = await withFiles(wanted.source);
      const input = { ...wanted, source };
      const into = path.resolve(toPath(input.into));
      const beat = progress(heartbeat, source.name);
      const files = await digestFiles(source, () => beat({ stage: 'reading', rows: 0 }));
      const digest = await inputDigest(input, files);
      const looking = () => beat({ stage: 'reading', rows: 0 });
      const make = async () => {
        const before = await findMadeBefore(into, digest, PictureFiles.of(source), looking);
        return before ?? (await buildWhole({ into, digest, input, files, windowRows, heartbeat: beat }));
      };
      const { folder, manifest } = await building.inTurn(`${into}/${digest}`, make);
      const counting = (rows: number) => beat({ stage: 'writing', rows });
      const ofQuality = await countOfQuality(folder, wanted.leastQualities ?? [], counting);
      return { ...refOf(folder, manifest), ...(ofQuality.length > 0 ? { ofQuality } : {}) };
    },

    /** What a dataset has that an earlier one has not, and whether it looks the same (methods M13). */
    findNewRecords(input: NewRecordsInput): Promise<NewRecords> {
      const beat = progress(heartbeat, input.dataset);
      return findNewRecords(input, () => beat({ stage: 'reading', rows: 0 }));
    },
  };
}
export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

function progress(heartbeat: DatasetDeps['heartbeat'], source: string): (stage: BuildStage) => void {
  let last = 0;
  return (stage) => {
    if (Date.now() - last < heartbeatMilliseconds) return;
    last = Date.now();
    heartbeat({ ...stage, stage: 'data', doing: stage.stage, source });
  };
}

function refOf(folder: string, { digest, counts, answers, notes, questions }: DatasetManifest): DatasetRef {
  const { read, used, merged, rejected, waiting, leftOut, bySplit, fine, made } = counts;
  const { largestShare } = answers;
  return {
    uri: toUri(folder),
    digest,
    read,
    used,
    merged,
    rejected,
    ...(waiting > 0 ? { waiting } : {}),
    ...(leftOut > 0 ? { leftOut } : {}),
    bySplit,
    ...(made['formatsTest'] ? { formatsTest: made['formatsTest'] } : {}),
    ...(fine === undefined ? {} : { fine }),
    largestShare,
    notes,
    questions,
  };
}
