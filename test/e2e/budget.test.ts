/** A budget that is reached in the middle of a real training: what a person sees, sends, and gets. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { ReportFacts } from '../../config/report.js';
import { TrainingEvent } from '../../config/training.js';
import type { RunProgress } from '../../workflows/run/messages.js';
import { python, trainerFolder } from '../activities/tinyModel.js';
import { attemptsOf, eventsOf, stepsAgain, stepsInVain, type Training, trainingsOf } from '../faults/trainings.js';
import { type Project, startProject } from './project.js';
import { untilStep } from './training.js';
import { until } from './until.js';

jest.setTimeout(15 * 60_000);

const person = { by: 'Ada', why: 'it still learns' };
const busySeconds = 300;

/** Long enough to be stopped in the middle, and ended by nothing else. */
const recipe = {
  onQuestion: 'wait',
  sanity: { epochs: 24, enoughLoss: 0, probes: { use: false } },
  budget: { trainerHours: 10, prices: { trainerHour: 2 } },
};

describe('a budget that is reached in mid-training', () => {
  let project: Project;
  let asked: RunProgress;
  let report: ReportFacts;
  let livingTrainers: number;
  let training: Training;
  let undisturbed: TrainingEvent[];

  beforeAll(async () => {
    project = await startProject(await mkdtemp(path.join(os.tmpdir(), 'anneal-budget-')), ['bins']);
    const { client, root } = project;
    const run = await client.workflow.start('boost', {
      workflowId: 'boost-budget',
      taskQueue: 'anneal-recipe',
      args: [{ task: 'bins', recipe }],
    });
    const trainRun = 'boost-budget.sanityCheck.sanity';
    await untilStep(client, trainRun, 4, busySeconds);
    await lowerTo(run, 5);
    asked = await until('the run asks', () => progressIf(run, ({ state }) => state === 'waiting'), {
      seconds: busySeconds,
    });
    const [paused] = await trainingsOf(root);
    livingTrainers = await living(paused);
    report = await reportOf(root, asked.run);
    await run.executeUpdate('extendBudget', { args: [{ trainerHours: 10, ...person }] });
    await client.workflow.getHandle(trainRun).result();
    [training] = (await trainingsOf(root)) as [Training];
    undisturbed = await trainedAlone(training, root);
    await run.cancel();
    await run.result().catch(() => undefined);
  });
  afterAll(() => project.end());

  it('stops the trainer with a checkpoint and asks, in the query and in the report', () => {
    const [first] = eventsOf(training, 'finished');
    const started = eventsOf(training, 'started')[0];
    expect(first).toMatchObject({ stopped: true, attempt: 1 });
    expect(first?.step).toBeLessThan(started?.totalSteps ?? 0);
    expect(eventsOf(training, 'checkpoint').some(({ step }) => step === first?.step)).toBe(true);
    expect(livingTrainers).toBe(0);
    expect(asked.question).toContain('extendBudget');
    expect(asked.budget?.spent.trainerHours).toBeGreaterThanOrEqual(asked.budget?.caps.trainerHours ?? 1);
    expect(asked.budget?.spent.money).toBeCloseTo(2 * (asked.budget?.spent.trainerHours ?? 0), 9);
    expect(report).toMatchObject({ state: 'waiting', estimate: { trainRows: expect.any(Number) } });
  });

  it('goes on from that checkpoint after extendBudget, and repeats no step', () => {
    expect(attemptsOf(training)).toEqual([1, 2]);
    const [first] = eventsOf(training, 'finished');
    expect(eventsOf(training, 'started')[1]?.step).toBe(first?.step);
    expect({ again: stepsAgain(training), inVain: stepsInVain(training) }).toEqual({ again: 0, inVain: [] });
    const steps = eventsOf(training, 'step').map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, index) => index + 1));
  });

  it('has the losses of a training that nobody paused', () => {
    const lossesOf = (events: TrainingEvent[]) =>
      events.flatMap((each) => (each.event === 'step' ? [[each.step, each.loss] as const] : []));
    const pointsOf = (events: TrainingEvent[]) =>
      events.flatMap((each) => (each.event === 'evaluation' ? [[each.step, each.losses] as const] : []));
    expect(lossesOf(training.events)).toEqual(lossesOf(undisturbed));
    expect(pointsOf(training.events)).toEqual(pointsOf(undisturbed));
  });
});

async function progressIf(
  run: WorkflowHandle,
  holds: (progress: RunProgress) => boolean,
): Promise<RunProgress | undefined> {
  const progress = (await run.query('progress')) as RunProgress;
  return holds(progress) ? progress : undefined;
}

/** A cap that is reached so many seconds from now, at whatever step the training is by then. */
async function lowerTo(run: WorkflowHandle, seconds: number): Promise<void> {
  const { budget } = (await run.query('progress')) as RunProgress;
  const trainerHours = (budget?.spent.trainerHours ?? 0) + seconds / 3600;
  await run.executeUpdate('extendBudget', { args: [{ trainerHours, ...person }] });
}

/** Processes that its attempts told of and that live. */
async function living(training: Training | undefined): Promise<number> {
  const pids = training ? eventsOf(training, 'started').map(({ pid }) => pid) : [];
  return pids.filter(isLiving).length;
}

function isLiving(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function reportOf(root: string, run: string): Promise<ReportFacts> {
  const file = path.join(root, '.anneal/runs', run, 'report.json');
  return until('the report shows the question', async () => {
    const facts = ReportFacts.loose().parse(JSON.parse(await readFile(file, 'utf8')));
    return facts.state === 'waiting' ? facts : undefined;
  });
}

/** The events of the same job in a folder of its own, trained from its beginning to its end. */
async function trainedAlone({ folder }: Training, root: string): Promise<TrainingEvent[]> {
  const alone = path.join(root, 'alone');
  await mkdir(alone);
  await cp(path.join(folder, 'spec.json'), path.join(alone, 'spec.json'));
  const env = { ...process.env, PYTHONPATH: trainerFolder };
  await promisify(execFile)(python, ['-m', 'anneal_trainer', 'run', alone, '--attempt', '1'], { env });
  const lines = (await readFile(path.join(alone, 'events.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => TrainingEvent.parse(JSON.parse(line)));
}
