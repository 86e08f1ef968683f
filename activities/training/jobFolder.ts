/** What lies in a job folder, by the training contract. Reads it; decides nothing. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Checkpoint, TrainingResult, TrainingSpec } from '../../config/training.js';
import { readIfThere, unlessMissing } from '../processes/there.js';
import { toUri } from '../storage/files.js';

/** The trainer's own word on who it is: that attempt runs. */
export const PidFile = z.object({ pid: z.int().positive(), attempt: z.int().positive() });
export type PidFile = z.infer<typeof PidFile>;

/** Written before the trainer is told to end: with it, SIGTERM means finished; without it, interrupted. */
export const StopRequest = z.object({ how: z.enum(['checkpoint', 'kill']), why: z.string() });
export type StopRequest = z.infer<typeof StopRequest>;

export function jobFiles(folder: string) {
  const file = (name: string) => path.join(folder, name);
  return {
    spec: file('spec.json'),
    events: file('events.jsonl'),
    result: file('result.json'),
    pid: file('pid.json'),
    stop: file('stop.json'),
    log: file('log.txt'),
    lock: file('lock'),
    checkpoints: file('checkpoints'),
  };
}

export async function readSpec(folder: string): Promise<TrainingSpec | null> {
  const content = await readIfThere(jobFiles(folder).spec);
  return content === null ? null : TrainingSpec.parse(content);
}

export async function readResult(folder: string): Promise<TrainingResult | null> {
  const content = await readIfThere(jobFiles(folder).result);
  return content === null ? null : TrainingResult.parse(content);
}

export async function readPid(folder: string): Promise<PidFile | null> {
  const content = await readIfThere(jobFiles(folder).pid);
  return content === null ? null : PidFile.parse(content);
}

export async function readStop(folder: string): Promise<StopRequest | null> {
  const content = await readIfThere(jobFiles(folder).stop);
  return content === null ? null : StopRequest.parse(content);
}

/**
 * The checkpoints that are whole, by step: those with `whole.json`, which is written last. A larger number proves nothing:
 * a kill during a save leaves its folder behind.
 */
export async function wholeCheckpoints(folder: string): Promise<Checkpoint[]> {
  const { checkpoints } = jobFiles(folder);
  const names = (await unlessMissing(readdir(checkpoints))) ?? [];
  const steps = names.map((name) => /^checkpoint-(\d+)$/.exec(name)?.[1]).filter((step) => step !== undefined);
  const found = await Promise.all(
    steps.map(async (step) => {
      const checkpoint = path.join(checkpoints, `checkpoint-${step}`);
      return (await isWhole(checkpoint)) ? { step: Number(step), uri: toUri(checkpoint) } : null;
    }),
  );
  return found.filter((checkpoint) => checkpoint !== null).sort((left, right) => left.step - right.step);
}

/** What `whole.json` says: the size of every file, in bytes. Trainers may leave it empty. */
const Mark = z.object({ files: z.record(z.string(), z.int().nonnegative()).default({}) });

/** False without a mark, and when a file has another size than the mark says. */
export async function isWhole(checkpoint: string): Promise<boolean> {
  const content = await readIfThere(path.join(checkpoint, 'whole.json'));
  if (content === null) return false;
  const files = Object.entries(Mark.parse(content).files);
  const sizes = await Promise.all(files.map(([name]) => unlessMissing(stat(path.join(checkpoint, name)))));
  return files.every(([, size], index) => sizes[index]?.size === size);
}
