/** Watches a run and tells what happens, until it ends. Only reads: leaving it does nothing to the run. */
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { problem } from '../config/problems.js';
import type { RunProgress } from '../config/progress.js';
import { askedBy } from './answers.js';
import type { Reached } from './engineClient.js';
import { isUnavailable } from './errors.js';
import { liveProgress } from './liveProgress.js';

export interface FollowOptions {
  say: (line: string) => void;
  /** Aborted when the person leaves: `follow` returns null then. */
  quit: AbortSignal;
  /** True where a question to a person ends the following (exit code 4). */
  leaveAtQuestion: boolean;
  /** Asked when the server does not answer: false where it will not come back. */
  mayComeBack: () => Promise<boolean>;
}

/** What a workflow's query `progress` says, as far as it is told here. */
export interface FollowedProgress extends Pick<RunProgress, 'run' | 'step' | 'question' | 'decisions'> {
  state: string;
  /** How far it is, beside what the heartbeats of its activities tell. */
  live?: string | null;
}

/** A run, of whichever workflow answers the query `progress`. */
export interface Followed<Result> {
  describe(): Promise<WorkflowExecutionDescription>;
  query(name: 'progress'): Promise<unknown>;
  result(): Promise<Result>;
}

export type Ending<Result> =
  | { kind: 'result'; result: Result }
  | { kind: 'waits'; progress: FollowedProgress }
  | { kind: 'failure'; error: unknown };

const pollMilliseconds = 1000;
/** How far a training or an evaluation is, is told at most so often. */
const progressSeconds = 5;

/** Tells steps, decisions, questions and training progress as they come. Null when the person left. */
export async function follow<Result>(
  engine: Reached,
  handle: Followed<Result>,
  options: FollowOptions,
): Promise<Ending<Result> | null> {
  const teller = new Teller(options.say);
  let silentSince: number | null = null;
  while (!options.quit.aborted) {
    try {
      const description = await handle.describe();
      if (silentSince !== null) options.say('The Temporal server answers again.');
      silentSince = null;
      if (description.status.name !== 'RUNNING') return await endingOf(handle, teller);
      const progress = await progressOrNull(handle);
      if (progress) teller.tell(progress);
      if (progress?.state === 'waiting' && options.leaveAtQuestion) return { kind: 'waits', progress };
      await teller.tellProgress(async () => {
        const live = await liveProgress(engine.client, description);
        const parts = [progress?.live ?? null, live?.line ?? null];
        return parts.filter((part) => part !== null).join(' Now ') || null;
      });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (silentSince === null) options.say('The Temporal server does not answer; the run goes on when it does.');
      silentSince ??= Date.now();
      if (!(await options.mayComeBack())) throw engineEnded(error);
    }
    await pause(pollMilliseconds, undefined, { signal: options.quit }).catch(() => undefined);
  }
  return null;
}

/** How a closed run ended. */
export async function endingOf<Result>(handle: Followed<Result>, teller?: Teller): Promise<Ending<Result>> {
  try {
    const result = await handle.result();
    const progress = teller ? await progressOrNull(handle) : null;
    if (progress) teller?.tell(progress);
    return { kind: 'result', result };
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return { kind: 'failure', error };
  }
}

/** A worker that is starting or busy can't answer a query yet: then there is no progress to tell, which is no error. */
async function progressOrNull(handle: Followed<unknown>): Promise<FollowedProgress | null> {
  try {
    return (await handle.query('progress')) as FollowedProgress;
  } catch (error) {
    if (isUnavailable(error) || (error as Error).name === 'QueryNotRegisteredError') return null;
    if ((error as Error).name === 'QueryRejectedError') return null;
    throw error;
  }
}

function engineEnded(cause: unknown): Error {
  return problem(
    'EngineUnavailable',
    {
      what: 'The engine has ended; the run stays where it is.',
      where: 'this folder’s engine',
      todo: 'Start it again with `anneal dev`: the run goes on by itself.',
    },
    { cause },
  );
}

/** Says what is new since it was last told. */
export class Teller {
  private readonly say: (line: string) => void;
  private step = '';
  private question: string | null = null;
  private readonly decisions = new Map<string, string>();
  private progressTold = { text: '', at: 0 };

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  tell({ run, step, question, decisions }: FollowedProgress): void {
    for (const { id, verdict, reason } of decisions) {
      if (this.decisions.get(id) === verdict) continue;
      this.decisions.set(id, verdict);
      this.say(`  ${id}: ${verdict}. ${reason}`);
    }
    if (step !== this.step) this.say(`step ${step}`);
    this.step = step;
    if (question !== null && question !== this.question) {
      const { text, lines } = askedBy(question, run);
      this.say(`  A person is asked: ${text}`);
      for (const line of lines) this.say(`  Answer: ${line}`);
    }
    this.question = question;
  }

  async tellProgress(progress: () => Promise<string | null>): Promise<void> {
    if (Date.now() - this.progressTold.at < progressSeconds * 1000) return;
    const text = await progress();
    if (text === null || text === this.progressTold.text) return;
    this.progressTold = { text, at: Date.now() };
    this.say(`  ${text}`);
  }
}
