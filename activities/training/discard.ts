/** Frees the disk of what jobs left that nobody goes on from: the trials of a sweep that were not promoted. */
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../processes/there.js';
import { toPath } from '../storage/files.js';
import { jobFiles, readResult } from './jobFolder.js';

export interface DiscardInput {
  /** URIs of job folders whose trainers are gone. */
  folders: string[];
}

/**
 * Removes the checkpoints; events and items stay for the report. The result goes into `attempts/` first, since it names
 * them: a job that is asked for again after all is trained anew.
 */
export async function discardCheckpoints({ folders }: DiscardInput): Promise<void> {
  for (const folder of folders) await discard(toPath(folder));
}

async function discard(job: string): Promise<void> {
  const files = jobFiles(job);
  const result = await readResult(job);
  if (result !== null) {
    await mkdir(path.join(job, 'attempts'), { recursive: true });
    await unlessMissing(rename(files.result, path.join(job, 'attempts', `${result.attempts}.result.json`)));
  }
  await rm(files.checkpoints, { recursive: true, force: true });
}
