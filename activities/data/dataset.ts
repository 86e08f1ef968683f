/** A dataset folder as it lies there: its manifest, and its records and ledger as streams. */
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { DatasetManifest, LedgerRow, type Split, TaskRecord } from '../../config/records.js';
import { unlessMissing } from '../processes/there.js';
import { readJson, readJsonLines } from '../storage/files.js';

/** What this version knows of a manifest; a newer one may say more. */
const KnownManifest = z.looseObject(DatasetManifest.shape);

export interface StoredDataset {
  folder: string;
  manifest: DatasetManifest;
  /** One at a time, in the order of the file; none where the split has no file. */
  records(split: Split): AsyncGenerator<TaskRecord>;
  ledger(): AsyncGenerator<LedgerRow>;
}

/** Throws `InvalidInput` where there is no dataset, `DatasetInvalid` where its manifest can't be read. */
export async function openDataset(folder: string): Promise<StoredDataset> {
  const file = path.join(folder, 'manifest.json');
  const manifest = await unlessMissing(readManifest(file));
  if (manifest === null) throw noDataset(folder);
  return {
    folder: path.resolve(folder),
    manifest,
    records: (split) => parsedLines(path.join(folder, `${split}.jsonl`), TaskRecord),
    ledger: () => parsedLines(path.join(folder, 'ledger.jsonl'), LedgerRow),
  };
}

async function readManifest(file: string): Promise<DatasetManifest> {
  try {
    return KnownManifest.parse(await readJson(file));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
    throw problem('DatasetInvalid', {
      what: `The manifest is not one of a dataset that this version reads: ${error.message.slice(0, 300)}`,
      where: file,
      todo: 'Build the dataset anew with `anneal data build`.',
    });
  }
}

async function* parsedLines<Line>(file: string, schema: z.ZodType<Line>): AsyncGenerator<Line> {
  let line = 0;
  try {
    for await (const value of readJsonLines(file)) {
      line += 1;
      yield schema.parse(value);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
    throw problem('DatasetInvalid', {
      what: `A line of the dataset can't be read: ${error.message.slice(0, 300)}`,
      where: `${file}, after ${line} lines`,
      todo: 'Build the dataset anew with `anneal data build`: its files are not meant to be edited.',
    });
  }
}

function noDataset(folder: string): Error {
  return problem('InvalidInput', {
    what: 'There is no dataset: the folder has no manifest.json.',
    where: folder,
    todo: 'Name a folder that `anneal data build` printed.',
  });
}
