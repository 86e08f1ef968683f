import { CancellationScope, isCancellation, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Overrule } from '../config/decisions.js';
import type { TrainingSummary } from '../config/report.js';
import { TrainRunInput, type TrainRunResult } from '../config/steps.js';
import {
  cancelledRun,
  type JobHandle,
  pausedByBudget,
  type TrainingProgress,
  type TrainingResult,
} from '../config/training.js';
import { failure } from './failures.js';
import { jobFolder, mixText } from './plan.js';
import { gpu, training } from './proxies.js';
import { Allowance } from './run/allowance.js';
import { Judge, noStop, type Stop } from './run/judge.js';
import { overruledSignal } from './run/messages.js';
import { stepInput } from './run/stepInput.js';

/** Attempts in a row that may end without a step gained before the world is called at fault. */
const fruitlessAttempts = 5;
/** Those of them that hung: a trainer that hangs will mostly hang again, and each time costs its whole patience. */
const fruitlessStalls = 2;

/** The job, by the handle of its latest attempt. */
interface Job {
  handle: JobHandle;
}

/** How a training ended. */
interface Ending extends Stop {
  progress: Pick<TrainingProgress, 'attempt' | 'step' | 'evaluations' | 'answerTokens'>;
}

const budgetStop: Stop = { ...noStop, stopped: 'All training was ended at a cap of the budget.', outOfBudget: true };
const untrained: Ending = { ...budgetStop, progress: { attempt: 0, step: 0, evaluations: [] } };

/** One training from submit to collect: watch → policy → go on or stop. The trainer outlives this workflow's workers. */
export async function trainRun(given: TrainRunInput): Promise<TrainRunResult> {
  const input = stepInput(TrainRunInput, given);
  const overrules = [...input.overrules];
  setHandler(overruledSignal, (overrule) => void overrules.push(overrule));
  const allowance = new Allowance(input);
  let seconds: number | null = null;
  try {
    if (!(await allowance.granted())) return resultOf(input, untrained, null, 0);
    const trained = await train(input, allowance, overrules);
    seconds = trained.summary.seconds;
    return trained;
  } finally {
    await allowance.ended(seconds);
  }
}

async function train(input: TrainRunInput, allowance: Allowance, overrules: Overrule[]): Promise<TrainRunResult> {
  const { spec, recipe } = input;
  const folder = jobFolder(recipe, spec);
  const started = Date.now();
  const job: Job = { handle: await gpu.submitTraining({ spec, folder }) };
  await allowance.trains();
  const ending = await follow(input, job, { allowance, overrules }).catch(async (error: unknown) => {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => stopForCancel(job));
    throw error;
  });
  const { handle } = job;
  const nothing = ending.ill !== null || (ending.outOfBudget && ending.progress.step === 0);
  const result = nothing ? null : await gpu.collectTraining({ handle });
  return resultOf(input, ending, result, (Date.now() - started) / 1000);
}

/** `seconds` by our own clock, where there is no result. */
function resultOf(
  { spec, name, recipe }: TrainRunInput,
  { progress, stopped, ill, at, outOfBudget }: Ending,
  result: TrainingResult | null,
  seconds: number,
): TrainRunResult {
  const summary: TrainingSummary = {
    name,
    learningRate: spec.learningRate,
    mix: mixText(spec.train.mix),
    samplesAnEpoch: result?.rowsTrained ?? null,
    epochs: spec.untilEpoch ?? spec.epochs,
    curve: [],
    eventsUri: `${jobFolder(recipe, spec)}/events.jsonl`,
    chosenStep: null,
    stopped: ill ?? stopped,
    seconds: result?.wallSeconds ?? seconds,
    attempts: progress.attempt,
  };
  const points = progress.evaluations.filter(({ step }) => step <= at);
  const checkpoints = (result?.checkpoints ?? []).filter(({ step }) => step <= at);
  const answerTokens = progress.answerTokens ?? null;
  const ended = { name, points, checkpoints, failed: ill, stopped, answerTokens, summary };
  return outOfBudget ? { ...ended, outOfBudget } : ended;
}

/** Watches until the job ends; a trainer that is gone without a word is submitted again and resumes. */
async function follow(
  input: TrainRunInput,
  job: Job,
  { allowance, overrules }: { allowance: Allowance; overrules: Overrule[] },
): Promise<Ending> {
  const { name, spec, recipe } = input;
  const folder = jobFolder(recipe, spec);
  const { stalledMinutes } = recipe.settings.training;
  const judge = new Judge(input, overrules);
  const submit = async () => {
    job.handle = await gpu.submitTraining({ spec, folder });
    await allowance.trains();
  };
  let stop: Stop | null = null;
  // A stop that is decided already stands; this one would have the job go on later.
  const pause = async () => {
    if (!stop) await gpu.stopTraining({ handle: job.handle, how: 'checkpoint', why: pausedByBudget });
  };
  let fruitless = 0;
  let stalls = 0;
  let reached = 0;
  for (let seen = 0; ; ) {
    const watch = training.watchTraining({ handle: job.handle, seen, stage: name, stalledMinutes });
    const progress = await allowance.watching(watch, pause);
    if (progress.state === 'failed') {
      return { ...noStop, progress, ill: `${progress.failure?.cause}: ${progress.failure?.message}` };
    }
    if (progress.state === 'unreachable') {
      await sleep('30 seconds', { summary: `${name} can't be reached; that is not a failure` });
      continue;
    }
    if (progress.state === 'lost' || progress.state === 'stalled' || progress.state === 'interrupted') {
      const gained = progress.step > reached;
      const hung = progress.state === 'stalled';
      fruitless = gained ? 0 : fruitless + 1;
      stalls = gained ? 0 : stalls + (hung ? 1 : 0);
      reached = Math.max(reached, progress.step);
      if (fruitless >= fruitlessAttempts || stalls >= fruitlessStalls) throw fruitlessFailure(name, folder, progress);
      await submit();
      continue;
    }
    const stopping = stop !== null;
    stop ??= await judge.newPoints(progress, seen);
    seen = progress.evaluations.length;
    if (!stop && allowance.paused(progress)) {
      if (!(await allowance.granted())) return { ...budgetStop, progress };
      await submit();
      continue;
    }
    if (progress.state === 'finished') return { ...(stop ?? noStop), progress };
    if (stop?.stopped && !stopping)
      await gpu.stopTraining({ handle: job.handle, how: 'checkpoint', why: stop.stopped });
  }
}

/** A cancellation that came between submit and watch must not leave a trainer behind. */
async function stopForCancel({ handle }: Job): Promise<void> {
  await gpu.stopTraining({ handle, how: 'checkpoint', why: cancelledRun });
}

function fruitlessFailure(name: string, folder: string, { state, step }: TrainingProgress) {
  if (state === 'stalled')
    return failure({
      type: 'TrainingFailed',
      what: `The trainer of ${name} stalled: it lived but said nothing more at step ${step}, ${fruitlessStalls} times without a step gained.`,
      where: `${folder}/log.txt (workflow ${workflowInfo().workflowId})`,
      todo: 'Read the end of that log. In sharded training, processes wait for each other for ever where one has records without pictures and another has not: try one process. A trainer that is only slow needs more training.stalledMinutes.',
    });
  return failure({
    type: 'TrainingFailed',
    what: `The trainer of ${name} ended ${fruitlessAttempts} times at step ${step} without a word and without a step gained.`,
    where: `${folder}/log.txt (workflow ${workflowInfo().workflowId})`,
    todo: 'Read the end of that log; the machine may be short of memory.',
  });
}
