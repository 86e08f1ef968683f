/** What lies in a job folder, by the training contract. Reads it; decides nothing. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Checkpoint, TrainingResult, TrainingSpec } from '../../config/training.js';
import { readAs, readIfThere, unlessDamaged, unlessMissing, unlessNoFile } from '../processes/there.js';
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

export const readSpec = (folder: string) => readAs(TrainingSpec, jobFiles(folder).spec);
export const readResult = (folder: string) => readAs(TrainingResult, jobFiles(folder).result);
export const readPid = (folder: string) => readAs(PidFile, jobFiles(folder).pid);

/** A trainer ends by the file's being there, whatever is in it; somebody may have made it by hand. */
export async function readStop(folder: string): Promise<StopRequest | null> {
  const byHand: StopRequest = { how: 'checkpoint', why: 'stop.json was put there by hand.' };
  return unlessDamaged(readIfThere(jobFiles(folder).stop).then(StopRequest.nullable().parse), byHand);
}

/**
 * The checkpoints that are whole, by the step that their marks say: those with `whole.json`, which is written last. A larger
 * number proves nothing: a kill during a save leaves its folder behind. One that says it is another job's was copied here.
 */
export async function wholeCheckpoints(folder: string): Promise<Checkpoint[]> {
  const { checkpoints } = jobFiles(folder);
  const entries = (await unlessMissing(readdir(checkpoints, { withFileTypes: true }))) ?? [];
  const folders = entries.filter((entry) => !entry.isFile());
  const steps = folders.map(({ name }) => /^checkpoint-(\d+)$/.exec(name)?.[1]).filter((step) => step !== undefined);
  const key = await keyOf(folder);
  const found = await Promise.all(
    steps.map(async (step) => {
      const checkpoint = path.join(checkpoints, `checkpoint-${step}`);
      const mark = await heldMark(checkpoint);
      const isOurs = key === null || (mark?.key ?? key) === key;
      return mark === null || !isOurs ? null : { step: mark.step ?? Number(step), uri: toUri(checkpoint) };
    }),
  );
  return found.filter((checkpoint) => checkpoint !== null).sort((left, right) => left.step - right.step);
}

const Keyed = z.object({ key: z.string() });

async function keyOf(folder: string): Promise<string | null> {
  const found = readIfThere(jobFiles(folder).spec).then(Keyed.parse);
  return (await unlessDamaged(found, null))?.key ?? null;
}

/** What `whole.json` says: its job, its step, and the size of every file, in bytes. Trainers may leave it empty. */
const Mark = z.object({
  key: z.string().nullish(),
  step: z.int().nonnegative().optional(),
  files: z.record(z.string(), z.int().nonnegative()).default({}),
});

/** The mark of a checkpoint; null without one, with one that can't be read, and when a file has another size than it says. */
async function heldMark(checkpoint: string): Promise<z.infer<typeof Mark> | null> {
  const found = readIfThere(path.join(checkpoint, 'whole.json')).then(Mark.nullable().parse);
  const mark = await unlessDamaged(unlessNoFile(found), null);
  const files = Object.entries(mark?.files ?? {});
  const sizes = await Promise.all(files.map(([name]) => unlessNoFile(stat(path.join(checkpoint, name)))));
  return files.every(([, size], index) => sizes[index]?.size === size) ? mark : null;
}

/** Whether the mark of a checkpoint is there and holds. */
export async function isWhole(checkpoint: string): Promise<boolean> {
  return (await heldMark(checkpoint)) !== null;
}
