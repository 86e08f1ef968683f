/** Starts a job, or adopts the one of the same key: however often and from wherever it is asked, one trainer runs. */
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { traceparentOf } from '../../config/traces.js';
import { isResumable, type JobHandle, type TrainingSpec } from '../../config/training.js';
import { type Claim, giveBackClaim, recordProcess, takeClaim } from '../processes/claims.js';
import {
  type Ending,
  logTail,
  type Spawned,
  signalProcess,
  spawnDetached,
  waitUntilGone,
} from '../processes/detached.js';
import { isLiving, type ProcessIdentity } from '../processes/identity.js';
import { beatAndWait } from '../processes/life.js';
import { unlessMissing } from '../processes/there.js';
import { trainerEnvironment } from '../processes/tools.js';
import { toPath } from '../storage/files.js';
import { noteParent } from './attemptTraces.js';
import type { TrainingDeps } from './deps.js';
import { EventLog } from './eventLog.js';
import { jobFiles, readPid, readResult, readStop } from './jobFolder.js';
import { keepSpec } from './keepSpec.js';
import { refuseFullDisk } from './space.js';
import { attemptPlace } from './spans.js';
import { stopOnCancel } from './stop.js';
import { trackerEnvironment } from './trackers.js';
import { leftBehind, trainerStanding } from './trainer.js';

export interface SubmitInput {
  spec: TrainingSpec;
  /** URI of the job folder. */
  folder: string;
}

/** The exit code of a trainer that found the lock taken by another. */
const lockTaken = 75;
/** An interpreter behind a wrapper script tells a signal as a code above this: 137 is SIGKILL, of a machine short of memory. */
const leastSignalCode = 128;
/** Looks a second at a start, which is over in a moment. */
const startPollMilliseconds = 50;
/** How long a trainer may hold the lock without telling its pid. */
const lockPatienceSeconds = 60;

/**
 * Throws `PlanRefused` when another spec has the key, `NoSpace` when the disk is too full, and `TrainingFailed` when the
 * trainer ends before it has said anything.
 */
export async function submitTraining(deps: TrainingDeps, input: SubmitInput): Promise<JobHandle> {
  await keepSpec(toPath(input.folder), input.spec);
  return stopOnCancel(deps, toPath(input.folder), () => startOrAdopt(deps, input));
}

async function startOrAdopt(deps: TrainingDeps, { spec, folder }: SubmitInput): Promise<JobHandle> {
  const job = toPath(folder);
  const handle = (attempt: number, adopted: boolean): JobHandle => ({ key: spec.key, folder, attempt, adopted });
  for (;;) {
    const standing = await trainerStanding(job);
    const done = standing.kind === 'living' ? null : await finishedAttempt(job);
    if (done !== null) return handle(done, true);
    if (standing.kind === 'living') {
      const attempt = await untilKnown(deps, job, standing.attempt, standing.process);
      if (attempt !== null) return handle(attempt, true);
    } else if (standing.kind === 'claimed') {
      await beatAndWait(deps, startPollMilliseconds);
    } else {
      const started = await startAttempt(deps, job, { spec, attempt: standing.next });
      if (started !== null) return handle(started.attempt, started.adopted);
    }
  }
}

/** The attempt that finished the job, null when it isn't finished. What a cancelled run or a spent budget stopped is taken up again. */
async function finishedAttempt(job: string): Promise<number | null> {
  const result = await readResult(job);
  if (result === null) return null;
  const stop = await readStop(job);
  if (!result.stopped || !isResumable(stop?.why)) return result.attempts;
  const files = jobFiles(job);
  await mkdir(path.join(job, 'attempts'), { recursive: true });
  await unlessMissing(rename(files.result, path.join(job, 'attempts', `${result.attempts}.result.json`)));
  return null;
}

interface Start {
  spec: TrainingSpec;
  attempt: number;
}

/** null when somebody else was quicker, or when the trainer ended for one who was. */
async function startAttempt(
  deps: TrainingDeps,
  job: string,
  { spec, attempt }: Start,
): Promise<{ attempt: number; adopted: boolean } | null> {
  await refuseFullDisk(deps, job, spec);
  const claim = await takeClaim(job, attempt);
  if (claim === null) return null;
  const spawned = await spawnTrainer(deps, job, { claim, spec });
  const about = { folder: job, trainerAttempt: attempt, pid: spawned.process.pid, trainerLog: jobFiles(job).log };
  deps.log.info('Trainer started.', about);
  const known = await untilKnown(deps, job, attempt, spawned.process);
  if (known !== null) return { attempt: known, adopted: false };
  const ending = await spawned.ended;
  if (ending.code === lockTaken) {
    const other = await untilHolderKnown(deps, job);
    return other === null ? null : { attempt: other, adopted: true };
  }
  await refuseSilentEnding(job, attempt, ending);
  return { attempt, adopted: false };
}

/** They would keep the lock from the new trainer; the claim, which is ours, says that none other begins meanwhile. */
async function endLeftBehind(deps: TrainingDeps, job: string): Promise<void> {
  for (const orphan of await leftBehind(job)) {
    deps.log.warn('A process that an earlier trainer left behind is ended.', { folder: job, pid: orphan.pid });
    await signalProcess(orphan, 'SIGKILL');
    await waitUntilGone(orphan, { life: deps, details: { stage: 'starting', pid: orphan.pid } });
  }
}

/** A stop that was decided still holds: the new attempt ends at its checkpoint. One that is resumable ends here. */
async function spawnTrainer(
  deps: TrainingDeps,
  job: string,
  { claim, spec: { key, trackers } }: { claim: Claim; spec: TrainingSpec },
): Promise<Spawned> {
  try {
    await endLeftBehind(deps, job);
    if (isResumable((await readStop(job))?.why)) await rm(jobFiles(job).stop, { force: true });
    return await spawnDetached(
      {
        program: deps.python,
        arguments: ['-m', 'anneal_trainer', 'run', job, '--attempt', String(claim.attempt)],
        environment: {
          ...trainerEnvironment(deps),
          ...trackerEnvironment(trackers, deps.workflowId()),
          ...(await traceEnvironment(deps, job, { key, attempt: claim.attempt })),
        },
        log: jobFiles(job).log,
      },
      (identity) => recordProcess(job, claim, identity),
    );
  } catch (error) {
    await giveBackClaim(job, claim);
    throw error;
  }
}

/** A trainer that makes spans of its own has them in the run's trace; what ours says becomes spans without its doing. */
async function traceEnvironment(
  { traces }: TrainingDeps,
  job: string,
  { key, attempt }: { key: string; attempt: number },
): Promise<Record<string, string>> {
  const parent = traces?.current() ?? null;
  if (!traces || parent === null) return {};
  await noteParent(job, attempt, parent);
  return { ...traces.environment(), TRACEPARENT: traceparentOf(attemptPlace(parent, key, attempt)) };
}

/** Waits for the trainer's own word that it runs; null when it is gone without one. */
async function untilKnown(
  deps: TrainingDeps,
  job: string,
  attempt: number,
  trainer: ProcessIdentity,
): Promise<number | null> {
  for (;;) {
    const living = await isLiving(trainer);
    const told = await readPid(job);
    if (told !== null && told.attempt >= attempt) return told.attempt;
    if (!living) return null;
    await beatAndWait(deps, startPollMilliseconds, { stage: 'starting', pid: trainer.pid });
  }
}

/** Waits until the trainer that holds the lock is known: one that was started by hand, or whose starter died. */
async function untilHolderKnown(deps: TrainingDeps, job: string): Promise<number | null> {
  const until = performance.now() + lockPatienceSeconds * 1000;
  while (performance.now() < until) {
    if ((await readResult(job)) !== null) return null;
    const standing = await trainerStanding(job);
    if (standing.kind === 'living') return standing.attempt;
    await beatAndWait(deps, 1000, { stage: 'starting' });
  }
  throw problem('Internal', {
    what: `Another trainer holds the lock of this job and has not said who it is for ${lockPatienceSeconds} s.`,
    where: jobFiles(job).lock,
    todo: 'End that process, if it is a trainer that hangs; the run tries again by itself.',
  });
}

/** Throws when the trainer went of its own accord without an event: its log says why, and another try would go the same way. */
async function refuseSilentEnding(job: string, attempt: number, ending: Ending): Promise<void> {
  const bySignal = ending.signal !== null || (ending.code ?? 0) > leastSignalCode;
  if (bySignal) return; // somebody ended it: watch finds it lost, and another attempt resumes
  const events = new EventLog(jobFiles(job).events, { info: () => undefined, warn: () => undefined });
  await events.read();
  if (events.events.some((event) => event.attempt === attempt)) return;
  throw problem('TrainingFailed', {
    what: `The trainer ended with exit code ${ending.code} before it began: ${await logTail(jobFiles(job).log, 1200)}`,
    where: jobFiles(job).log,
    todo: 'Run `anneal doctor`; it says what is missing on this machine.',
  });
}
