/** Follows a job until there is something to decide: new evaluations, bad steps, or its end. */
import { stat } from 'node:fs/promises';
import { maximumPayloadBytes } from '../../config/queues.js';
import type { JobHandle, TrainingProgress } from '../../config/training.js';
import { foldEvents } from '../../workflows/policies/progress.js';
import { signalProcess, waitUntilGone } from '../processes/detached.js';
import { beatAndWait } from '../processes/life.js';
import { toPath } from '../storage/files.js';
import type { TrainingDeps } from './deps.js';
import { EventLog, lastWord } from './eventLog.js';
import { heartbeatOf } from './heartbeat.js';
import { ItemErrors, lookedBack } from './itemErrors.js';
import { jobFiles, readResult, wholeCheckpoints } from './jobFolder.js';
import { stopOnCancel } from './stop.js';
import { Telling } from './telling.js';
import { isWorkedIn, trainerStanding } from './trainer.js';

export interface WatchInput {
  handle: JobHandle;
  /** Evaluation points that the caller knows already. */
  seen: number;
  /** Shown in the heartbeats. */
  stage: string;
  /** A living trainer that writes nothing for so long is ended. Runs that began before there was such a limit name none. */
  stalledMinutes?: number | undefined;
}

/** Time for a trainer to leave after its last word, in seconds; it may hang in its last breath. */
const leavingSeconds = 20;
/** How long a folder may be out of reach before the caller is told, in seconds. */
const unreachablePatienceSeconds = 30;
/** Bad steps that are told of even if the caller may know them: two in a row may be chance, three are not (case 49). */
const badStepsToTell = 3;

export async function watchTraining(deps: TrainingDeps, input: WatchInput): Promise<TrainingProgress> {
  const watch = new Watch(deps, input);
  const job = toPath(input.handle.folder);
  const telling = new Telling(input.handle, deps);
  return stopOnCancel(deps, job, () => follow(deps, { watch, telling }, input)).finally(() => telling.end());
}

async function follow(
  deps: TrainingDeps,
  { watch, telling }: { watch: Watch; telling: Telling },
  input: WatchInput,
): Promise<TrainingProgress> {
  const { seen, stage, stalledMinutes = Number.POSITIVE_INFINITY } = input;
  let known: TrainingProgress | null = null;
  for (;;) {
    const progress = await watch.look();
    if (progress !== null) await telling.tell(watch.log.events, watch.pid !== null);
    if (progress !== null && isNews(progress, known, seen)) {
      if (progress.state !== 'running') tellEnd(deps, input, progress);
      return progress;
    }
    if (progress !== null && watch.silentSeconds() > stalledMinutes * 60) {
      await watch.endTrainer(deps, stage);
      return { ...progress, state: 'stalled' };
    }
    known ??= progress;
    const details = progress === null ? { stage } : heartbeatOf(watch.log.events, progress, { stage, pid: watch.pid });
    await beatAndWait(deps, deps.pollMilliseconds ?? 500, details);
  }
}

function tellEnd({ log }: TrainingDeps, { handle }: WatchInput, { state, step, attempt }: TrainingProgress): void {
  const job = toPath(handle.folder);
  log.info('Trainer ended.', { folder: job, trainerAttempt: attempt, state, step, trainerLog: jobFiles(job).log });
}

function isNews(progress: TrainingProgress, known: TrainingProgress | null, seen: number): boolean {
  if (progress.state !== 'running' || progress.evaluations.length > seen) return true;
  const bad = badSteps(progress);
  return known !== null && (bad > badSteps(known) || bad >= badStepsToTell);
}

function badSteps({ badSteps }: TrainingProgress): number {
  return badSteps.notANumber.length + badSteps.noSignal.length;
}

class Watch {
  readonly log: EventLog;
  pid: number | null = null;
  private readonly job: string;
  private readonly attempt: number;
  private readonly seen: number;
  private readonly itemErrors: ItemErrors;
  private lastWordAt: number | null = null;
  private heard = { lines: -1, at: performance.now() };
  private unreachableSince: number | null = null;

  constructor(deps: TrainingDeps, { handle, seen }: WatchInput) {
    this.seen = seen;
    this.job = toPath(handle.folder);
    this.attempt = handle.attempt;
    this.log = new EventLog(jobFiles(this.job).events, deps.log);
    this.itemErrors = new ItemErrors(this.job, deps.log);
  }

  /** Since the last line came, or since this watch began; 0 where no trainer runs on this machine. */
  silentSeconds(): number {
    const { lines } = this.log;
    if (lines !== this.heard.lines || this.pid === null) this.heard = { lines, at: performance.now() };
    return secondsSince(this.heard.at);
  }

  /** Kills a trainer that hangs: it would not heed a signal to save, and what it holds is wanted. */
  async endTrainer(deps: TrainingDeps, stage: string): Promise<void> {
    const standing = await trainerStanding(this.job);
    if (standing.kind !== 'living') return;
    deps.log.warn('The trainer says nothing any more and is ended.', { job: this.job, pid: standing.process.pid });
    await signalProcess(standing.process, 'SIGKILL');
    await waitUntilGone(standing.process, { life: deps, details: { stage, pid: standing.process.pid } });
  }

  /** null while the folder can't be read and there is still hope: that is never a failure of the job. */
  async look(): Promise<TrainingProgress | null> {
    try {
      await stat(this.job);
      const state = await this.state();
      const checkpoint = (await wholeCheckpoints(this.job)).at(-1) ?? null;
      this.unreachableSince = null;
      const figures = foldEvents(this.log.events);
      const evaluations = await this.itemErrors.onto(figures.evaluations, this.log.events, this.seen);
      const failure = state === 'failed' ? figures.failure : null;
      return small({ ...figures, evaluations, checkpoint, state, failure });
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      this.unreachableSince ??= performance.now();
      if (secondsSince(this.unreachableSince) < unreachablePatienceSeconds) return null;
      return { ...foldEvents(this.log.events), state: 'unreachable' };
    }
  }

  /** Looks for the process first and reads afterwards: once it is proven gone, what is read is all that it wrote. */
  private async state(): Promise<TrainingProgress['state']> {
    const standing = await trainerStanding(this.job);
    this.pid = standing.kind === 'living' ? standing.process.pid : null;
    await this.log.read();
    const finished = (await readResult(this.job)) !== null;
    const word = finished ? 'finished' : lastWord(this.log.events, this.attempt)?.event;
    if (standing.kind === 'free') return word ?? ((await isWorkedIn(this.job)) ? 'running' : 'lost');
    if (word === undefined) return 'running';
    this.lastWordAt ??= performance.now();
    return secondsSince(this.lastWordAt) < leavingSeconds ? 'running' : word;
  }
}

/** Of very many points, only the last ones keep their errors: what was judged before needs none. */
function small(progress: TrainingProgress): TrainingProgress {
  if (Buffer.byteLength(JSON.stringify(progress)) <= maximumPayloadBytes) return progress;
  const { evaluations } = progress;
  const thinned = evaluations.map((point, index) =>
    index < evaluations.length - lookedBack ? { ...point, pairedErrors: undefined } : point,
  );
  return { ...progress, evaluations: thinned };
}

/** The folder is out of reach: no rights, a broken disk, or a network share that is away. */
export function isUnreachable(error: unknown): boolean {
  const codes = ['EACCES', 'EPERM', 'EIO', 'ESTALE', 'ENOENT', 'ENOTCONN', 'ENODEV', 'ETIMEDOUT', 'EHOSTDOWN', 'ELOOP'];
  return codes.includes((error as NodeJS.ErrnoException)?.code ?? '');
}

function secondsSince(moment: number): number {
  return (performance.now() - moment) / 1000;
}
