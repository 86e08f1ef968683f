/** Ends a trainer: with a checkpoint, or at once. */
import { cancelledRun, type JobHandle } from '../../config/training.js';
import { signalProcess, waitUntilGone } from '../processes/detached.js';
import { type ActivityLife, beatAndWait, classifyInterruption, uninterrupted } from '../processes/life.js';
import { toPath, writeJson } from '../storage/files.js';
import { jobFiles, type StopRequest } from './jobFolder.js';
import { trainerStanding } from './trainer.js';

export interface StopInput extends StopRequest {
  handle: JobHandle;
}

/** What ending a trainer needs. */
export interface StopDeps extends ActivityLife {
  /** A trainer that does not end for so long after it was told to hangs, in seconds; 1800 when left out. */
  hangsAfterSeconds?: number;
}

/** Returns when the trainer is gone. A job that does not run is left as it is. */
export async function stopTraining(deps: StopDeps, { handle, how, why }: StopInput): Promise<void> {
  await stopJob(deps, toPath(handle.folder), { how, why });
}

/**
 * Without a request the trainer writes its checkpoint all the same, and says that it was interrupted. One that hangs is killed
 * in the end: its last whole checkpoint is what there is.
 */
async function stopJob(life: StopDeps, job: string, request: StopRequest | null): Promise<void> {
  let standing = await trainerStanding(job);
  for (; standing.kind === 'claimed'; standing = await trainerStanding(job)) await beatAndWait(life, 50);
  if (standing.kind === 'free') return;
  // Before the signal: its presence is what tells the trainer to finish.
  if (request !== null) await writeJson(jobFiles(job).stop, request);
  await signalProcess(standing.process, request?.how === 'kill' ? 'SIGKILL' : 'SIGTERM');
  const details = { stage: 'stopping', pid: standing.process.pid };
  const patienceSeconds = life.hangsAfterSeconds ?? 1800;
  if (await waitUntilGone(standing.process, { life, patienceSeconds, details })) return;
  await signalProcess(standing.process, 'SIGKILL');
  await waitUntilGone(standing.process, { life, details });
}

/**
 * Runs the body of an activity. If it is cancelled, ends the trainer with a checkpoint before it throws. If Temporal does not
 * know the activity any more, the run is gone, or the machine slept and another attempt is under way: the trainer is then
 * interrupted, so that such an attempt resumes it. At any other interruption it is left running for the attempt that comes.
 */
export async function stopOnCancel<Result>(life: StopDeps, job: string, body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    const details = life.cancellationDetails();
    if (life.cancelled().aborted && classifyInterruption(details) === 'stop') {
      const request: StopRequest = { how: 'checkpoint', why: cancelledRun };
      await stopJob({ ...life, ...uninterrupted(life) }, job, details?.cancelRequested ? request : null);
    }
    throw error;
  }
}
