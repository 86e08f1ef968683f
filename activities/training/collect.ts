/** Takes a finished job's result, and believes none of it that the files don't bear out. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { type JobHandle, TrainingResult as ResultSchema, type TrainingResult } from '../../config/training.js';
import { logTail } from '../processes/detached.js';
import type { ActivityLog } from '../processes/life.js';
import { isThere } from '../processes/there.js';
import { toPath, writeJson } from '../storage/files.js';
import { EventLog, lastWord } from './eventLog.js';
import { isWhole, jobFiles, readResult, readSpec, readStop, wholeCheckpoints } from './jobFolder.js';
import { resultFromEvents } from './resultFromEvents.js';
import { trainerStanding } from './trainer.js';
import { weightsFault } from './weights.js';

/**
 * Throws `TrainingFailed`, whatever the exit code was, with the names of what is wrong (docs/errors.md): resultOfAnotherJob,
 * noStepTrained, weightsUnchanged, eventsLost, rowsMissing, checkpointBroken, endedEarly, resumeTrainedNothing.
 */
export async function collectTraining(log: ActivityLog, { handle }: { handle: JobHandle }): Promise<TrainingResult> {
  const job = toPath(handle.folder);
  const events = new EventLog(jobFiles(job).events, log);
  await events.read();
  const result = (await readResult(job)) ?? (await salvage(job, handle, events));
  const faults = [
    result.key === handle.key ? null : `resultOfAnotherJob: it is of the job "${result.key}"`,
    result.steps === 0 ? 'noStepTrained: not one step was trained' : null,
    result.changed ? null : 'weightsUnchanged: the last weights equal those it began with',
    events.events.length > 0 ? null : 'eventsLost: events.jsonl, which tells of its steps and losses, holds nothing',
    await rowsMissing(job, result, events),
    await checkpointMissing(result),
    await endedEarly(job, result, events),
  ].filter((fault) => fault !== null);
  if (faults.length === 0) return result;
  throw problem('TrainingFailed', {
    what: `The trainer says that it has finished, but ${faults.join('; ')}.`,
    where: jobFiles(job).result,
    todo: 'Read log.txt beside it; a result like this is never passed on.',
  });
}

/** The result of a job that was asked to stop and died before it wrote one: what its checkpoints and events bear out. */
async function salvage(job: string, handle: JobHandle, { events }: EventLog): Promise<TrainingResult> {
  const [stop, checkpoints, standing] = await Promise.all([readStop(job), wholeCheckpoints(job), trainerStanding(job)]);
  const asked = stop !== null || lastWord(events, handle.attempt)?.event === 'finished';
  if (standing.kind !== 'free' || !asked || checkpoints.length === 0) {
    throw problem('TrainingFailed', {
      what: `The job "${handle.key}" has no result${standing.kind === 'free' ? '' : ' yet: its trainer still runs'}. ${await logTail(jobFiles(job).log, 800)}`,
      where: job,
      todo: 'Submit it again: another attempt goes on from its last whole checkpoint.',
    });
  }
  const result = ResultSchema.parse(resultFromEvents(handle.key, events, checkpoints));
  await writeJson(jobFiles(job).result, result);
  return result;
}

/** A record that says none has 1, as the trainer takes it. */
const Rated = z.object({ quality: z.number().default(1) });

async function rowsMissing(job: string, result: TrainingResult, { events }: EventLog): Promise<string | null> {
  const started = events.findLast((event) => event.event === 'started');
  const spec = await readSpec(job);
  if (spec === null || started === undefined || result.steps < Math.ceil(started.stepsPerEpoch)) return null;
  const { uri, limit, leastQuality = 0 } = spec.train.business;
  const records = await countRecords(toPath(uri), leastQuality);
  const sent = Math.min(records, limit ?? records);
  const { business } = result.rowsTrained;
  return business < sent ? `rowsMissing: ${business} of ${sent} business records were trained` : null;
}

/** Fewer steps than planned need somebody who asked for it; a resume must train what was left. */
async function endedEarly(job: string, { steps }: TrainingResult, { events }: EventLog): Promise<string | null> {
  const started = events.findLast((event) => event.event === 'started');
  if (started === undefined || steps === 0 || steps >= started.totalSteps || (await readStop(job)) !== null)
    return null;
  return started.step === steps
    ? `resumeTrainedNothing: it went on from step ${steps} of ${started.totalSteps} and trained no further step`
    : `endedEarly: it ended at step ${steps} of ${started.totalSteps}, though nobody asked it to stop`;
}

/** Of this quality and above; only then is a line looked into. */
async function countRecords(file: string, leastQuality: number): Promise<number> {
  let records = 0;
  for await (const line of createInterface({ input: createReadStream(file) }))
    if (line.trim() !== '' && (leastQuality === 0 || qualityIn(line) >= leastQuality)) records += 1;
  return records;
}

function qualityIn(line: string): number {
  return Rated.parse(JSON.parse(line)).quality;
}

/** Every checkpoint that the result names must be there, with a mark that holds if it has one; the last step's among them. */
async function checkpointMissing({ steps, checkpoints }: TrainingResult): Promise<string | null> {
  const sound = await Promise.all(checkpoints.map(({ uri }) => isSound(toPath(uri))));
  const missing = checkpoints.filter((_, index) => !sound[index]).map(({ step }) => step);
  if (!checkpoints.some(({ step }) => step === steps)) missing.push(steps);
  return missing.length === 0
    ? null
    : `checkpointBroken: the checkpoints of steps ${missing.join(', ')} are missing or not whole`;
}

async function isSound(checkpoint: string): Promise<boolean> {
  const marked = await isThere(path.join(checkpoint, 'whole.json'));
  if (!(marked ? await isWhole(checkpoint) : await isThere(path.join(checkpoint, 'trainer_state.json')))) return false;
  return (await weightsFault(checkpoint)) === null;
}
