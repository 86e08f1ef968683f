import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { endLocalProcesses, livingProcesses } from '../../../activities/processes/living.js';
import { isLockHeld } from '../../../activities/processes/lock.js';
import { readIfThere } from '../../../activities/processes/there.js';
import { createTrainingActivities } from '../../../activities/training/index.js';
import { isUnreachable } from '../../../activities/training/watch.js';
import { maximumPayloadBytes } from '../../../config/queues.js';
import { TrainingHeartbeat } from '../../../config/training.js';
import { type Behaviour, behave, depsOf, eventsOf, type Job, jobOf, startedTrainers, until } from './standIn.js';

const jobs: Job[] = [];

/** A job that was submitted, with the activities that follow it. */
async function running(behaviour: Behaviour, test = depsOf()) {
  const job = await jobOf(behaviour);
  jobs.push(job);
  const activities = createTrainingActivities(test.deps);
  const submit = () => activities.submitTraining({ spec: job.spec, folder: job.uri });
  return { ...test, job, activities, submit, handle: await submit() };
}

afterEach(async () => {
  await Promise.all(jobs.splice(0).map(({ folder }) => endLocalProcesses(folder, 'kill')));
});

const trained = async ({ folder }: Job, step: number) =>
  (await eventsOf(folder)).some((event) => event.event === 'checkpoint' && event.step >= step);

type Running = Awaited<ReturnType<typeof running>>;

/** Another submit starts a second attempt, which comes to the end. */
async function finishesAtSecond({ activities, job, submit }: Pick<Running, 'activities' | 'job' | 'submit'>) {
  await behave(job, { steps: 60, secondsPerStep: 0.001 });
  const second = await submit();
  expect(second).toMatchObject({ attempt: 2, adopted: false });
  expect(await activities.watchTraining({ handle: second, seen: 999, stage: 's' })).toMatchObject({
    state: 'finished',
    attempt: 2,
  });
  return second;
}

/** Lays down the events of a trainer that has gone: evaluations of so many sets, each with the losses of three items. */
async function evaluated({ folder }: Job, { points, sets }: { points: number; sets: number }): Promise<void> {
  const names = Array.from({ length: sets }, (_, set) => `set-${set}`);
  const ofSets = <Value>(value: (set: number) => Value) =>
    Object.fromEntries(names.map((name, set) => [name, value(set)]));
  const events: object[] = [];
  await mkdir(path.join(folder, 'items'));
  for (let step = 0; step < points; step += 1) {
    const loss = (item: number, set: number) => 3 / (step + item + 1.7) + set / 7;
    const itemLosses = `items/${step}.json`;
    const items = ofSets((set) => ({ a: loss(1, set), b: loss(2, set), c: loss(3, set) }));
    await writeFile(path.join(folder, itemLosses), JSON.stringify(items));
    const figures = {
      losses: ofSets((set) => loss(2, set)),
      standardErrors: ofSets((set) => loss(1, set) / 31),
      exact: ofSets(() => 1 / 3),
    };
    events.push({ event: 'evaluation', time: step, attempt: 1, step, epoch: step / 10, itemLosses, ...figures });
  }
  events.push({ event: 'finished', time: points, attempt: 1, step: points - 1, stopped: false });
  await writeFile(path.join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

describe('watchTraining', () => {
  it('leaves the errors of judged points out where all would not fit into a payload, and no point', async () => {
    const job = await jobOf();
    jobs.push(job);
    await evaluated(job, { points: 100, sets: 9 });
    const handle = { key: job.spec.key, folder: job.uri, attempt: 1, adopted: true };
    const progress = await createTrainingActivities(depsOf().deps).watchTraining({ handle, seen: 0, stage: 's' });
    expect(Buffer.byteLength(JSON.stringify(progress))).toBeLessThan(maximumPayloadBytes);
    expect(progress.evaluations).toHaveLength(100);
    const withErrors = progress.evaluations.filter(({ pairedErrors }) => pairedErrors !== undefined);
    expect(withErrors.map(({ step }) => step)).toEqual([97, 98, 99]);
    const errors = JSON.stringify(withErrors[0]?.pairedErrors).length;
    expect(JSON.stringify(progress).length + 96 * errors).toBeGreaterThan(maximumPayloadBytes);
  });

  it('returns at new evaluations and at the end, and beats figures meanwhile', async () => {
    const { activities, handle, beats } = await running({ steps: 20, secondsPerStep: 0.05 });
    const known: number[] = [];
    let progress = await activities.watchTraining({ handle, seen: 0, stage: 'sanity' });
    for (; progress.state === 'running'; known.push(progress.evaluations.length))
      progress = await activities.watchTraining({ handle, seen: progress.evaluations.length, stage: 'sanity' });
    expect(progress).toMatchObject({
      state: 'finished',
      step: 20,
      totalSteps: 20,
      checkpoint: { step: 20 },
      failure: null,
    });
    expect(known.length).toBeGreaterThanOrEqual(4);
    const beat = TrainingHeartbeat.parse(beats.findLast((one) => TrainingHeartbeat.safeParse(one).data?.loss));
    expect(beat).toMatchObject({ stage: 'sanity', totalSteps: 20, samplesPerSecond: 100, attempt: 1 });
    expect(beat.etaSeconds).toBeLessThanOrEqual(2);
  });

  it('calls a job lost whose trainer left a child behind that holds the lock; the next attempt ends the child and goes on', async () => {
    const { activities, job, handle, submit } = await running({ steps: 1000, secondsPerStep: 0.01, orphan: true });
    await until(() => trained(job, 10));
    process.kill((await startedTrainers(job.folder))[0] ?? 0, 'SIGKILL');
    expect(await activities.watchTraining({ handle, seen: 999, stage: 's' })).toMatchObject({ state: 'lost' });
    expect(await isLockHeld(path.join(job.folder, 'lock'))).toBe(true);
    await finishesAtSecond({ activities, job, submit });
  });

  it('calls a job lost when its process is proven gone without a word; the next attempt goes on from the checkpoint', async () => {
    const { activities, job, handle, submit } = await running({ steps: 1000, secondsPerStep: 0.01 });
    await until(() => trained(job, 10));
    process.kill((await startedTrainers(job.folder))[0] ?? 0, 'SIGKILL');
    expect(await activities.watchTraining({ handle, seen: 999, stage: 's' })).toMatchObject({
      state: 'lost',
      attempt: 1,
    });
    const second = await finishesAtSecond({ activities, job, submit });
    const started = (await eventsOf(job.folder)).find((event) => event.event === 'started' && event.attempt === 2);
    expect(started?.event === 'started' ? started.step : 0).toBeGreaterThanOrEqual(10);
    expect(await activities.collectTraining({ handle: second })).toMatchObject({ steps: 60, attempts: 2 });
  });

  it('ends a trainer that lives and says nothing more; the next attempt goes on from the checkpoint (case 51)', async () => {
    const { activities, job, handle, submit } = await running({ steps: 1000, secondsPerStep: 0.01 });
    await until(() => trained(job, 10));
    const [trainer = 0] = await startedTrainers(job.folder);
    process.kill(trainer, 'SIGSTOP');
    const watch = { handle, seen: 999, stage: 's' };
    expect(await activities.watchTraining({ ...watch, stalledMinutes: 0.02 })).toMatchObject({
      state: 'stalled',
      step: expect.any(Number),
    });
    expect(await livingProcesses(job.folder)).toEqual([]);
    await behave(job, { steps: 60, secondsPerStep: 0.001 });
    const second = await submit();
    expect(second).toMatchObject({ attempt: 2, adopted: false });
    expect(await activities.watchTraining({ ...watch, handle: second, stalledMinutes: 1 })).toMatchObject({
      state: 'finished',
    });
  });

  it('tells of the trainer’s own failure with its cause', async () => {
    const { activities, handle } = await running({ failAt: 3 });
    expect(await activities.watchTraining({ handle, seen: 999, stage: 's' })).toMatchObject({
      state: 'failed',
      failure: { cause: 'memory', message: 'Out of memory.' },
    });
  });

  it('returns when steps turn bad, without waiting for an evaluation', async () => {
    const { activities, handle } = await running({
      steps: 1000,
      evaluateEvery: 900,
      nanFrom: 40,
      secondsPerStep: 0.02,
    });
    const progress = await activities.watchTraining({ handle, seen: 1, stage: 's' });
    expect(progress.state).toBe('running');
    expect(progress.badSteps.notANumber[0]).toBe(40);
  });

  it('waits for the end of half a line, and passes over a line that is no event', async () => {
    const { activities, job, handle, warnings } = await running({
      steps: 10,
      evaluateEvery: 10,
      secondsPerStep: 0.001,
    });
    await activities.watchTraining({ handle, seen: 99, stage: 's' });
    const late = {
      event: 'evaluation',
      time: 1,
      attempt: 1,
      step: 30,
      epoch: 3,
      losses: {},
      standardErrors: {},
      exact: {},
      itemLosses: 'x',
    };
    const text = JSON.stringify(late);
    await appendFile(path.join(job.folder, 'events.jsonl'), `{"event": "step", "st\n${text.slice(0, 20)}`);
    expect((await activities.watchTraining({ handle, seen: 0, stage: 's' })).evaluations).toHaveLength(2);
    expect(warnings.at(-1)).toContain('is not an event');
    await appendFile(path.join(job.folder, 'events.jsonl'), `${text.slice(20)}\n`);
    expect((await activities.watchTraining({ handle, seen: 0, stage: 's' })).evaluations).toHaveLength(3);
  });

  it('waits while the folder is out of reach, and goes on when it is back', async () => {
    const { activities, job, handle } = await running({ steps: 10, secondsPerStep: 0.01 });
    await until(async () => (await readIfThere(path.join(job.folder, 'result.json'))) !== null);
    await rename(job.folder, `${job.folder}-away`);
    const watching = activities.watchTraining({ handle, seen: 0, stage: 's' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await rename(`${job.folder}-away`, job.folder);
    expect(await watching).toMatchObject({ state: 'finished' });
    expect(['EACCES', 'EIO', 'ESTALE'].map((code) => isUnreachable({ code }))).toEqual([true, true, true]);
    expect(isUnreachable(new SyntaxError())).toBe(false);
  });

  it('resumes only from checkpoints that are whole, whatever their number (case 54)', async () => {
    const { activities, job, handle } = await running({ steps: 10, secondsPerStep: 0.001 });
    await activities.watchTraining({ handle, seen: 99, stage: 's' });
    const cut = path.join(job.folder, 'checkpoints', 'checkpoint-20');
    await Promise.all([cut, path.join(job.folder, 'checkpoints', 'checkpoint-9999999')].map((folder) => mkdir(folder)));
    await writeFile(path.join(cut, 'model.safetensors'), 'half');
    await writeFile(path.join(cut, 'whole.json'), JSON.stringify({ step: 20, files: { 'model.safetensors': 8 } }));
    expect(await activities.watchTraining({ handle, seen: 99, stage: 's' })).toMatchObject({
      checkpoint: { step: 10 },
    });
  });
});

describe('interruptions of a watch', () => {
  it.each([
    ['cancelRequested', { event: 'finished', stopped: true }],
    ['notFound', { event: 'interrupted' }],
  ] as const)('ends the trainer with a checkpoint at %s; the job may be taken up again', async (reason, word) => {
    const { activities, job, handle, interrupt } = await running({ steps: 1000, secondsPerStep: 0.01 });
    await until(() => trained(job, 5));
    const watching = activities.watchTraining({ handle, seen: 999, stage: 's' });
    interrupt(reason);
    await expect(watching).rejects.toThrow(reason);
    expect(await livingProcesses(job.folder)).toEqual([]);
    expect((await eventsOf(job.folder)).slice(-2)).toMatchObject([{ event: 'checkpoint' }, word]);
    const again = createTrainingActivities(depsOf().deps);
    const second = await again.submitTraining({ spec: job.spec, folder: job.uri });
    expect(second).toMatchObject({ attempt: 2, adopted: false });
    expect(await again.watchTraining({ handle: second, seen: 2, stage: 's' })).toMatchObject({ state: 'running' });
  });

  it.each(['workerShutdown', 'paused', 'reset', 'timedOut'] as const)(
    'leaves the trainer running at %s',
    async (reason) => {
      const { activities, job, handle, interrupt } = await running({ steps: 1000, secondsPerStep: 0.05 });
      const watching = activities.watchTraining({ handle, seen: 999, stage: 's' });
      interrupt(reason);
      await expect(watching).rejects.toThrow(reason);
      expect(await livingProcesses(job.folder)).toHaveLength(1);
    },
  );
});

describe('the end of a job', () => {
  it('is finished when it is asked to stop, and stays so when it is submitted again', async () => {
    const { activities, job, handle, submit } = await running({ steps: 1000, secondsPerStep: 0.01 });
    await until(() => trained(job, 10));
    await activities.stopTraining({ handle, how: 'checkpoint', why: 'overfit' });
    await activities.stopTraining({ handle, how: 'checkpoint', why: 'overfit' });
    expect(await activities.watchTraining({ handle, seen: 999, stage: 's' })).toMatchObject({ state: 'finished' });
    const result = await activities.collectTraining({ handle });
    expect(result).toMatchObject({ stopped: true, changed: true });
    expect(result.checkpoints.at(-1)?.step).toBe(result.steps);
    expect(await submit()).toEqual({ ...handle, adopted: true });
  });

  it('comes to a trainer that hangs, too: it is killed, and its last whole checkpoint counts', async () => {
    const test = await running({ steps: 1000, secondsPerStep: 0.01 }, depsOf({ hangsAfterSeconds: 0.3 }));
    await until(() => trained(test.job, 10));
    process.kill((await startedTrainers(test.job.folder))[0] ?? 0, 'SIGSTOP');
    await test.activities.stopTraining({ handle: test.handle, how: 'checkpoint', why: 'overfit' });
    expect(await livingProcesses(test.job.folder)).toEqual([]);
    const result = await test.activities.collectTraining({ handle: test.handle });
    expect(result.checkpoints.at(-1)?.step).toBe(result.steps);
  });

  it('comes to a trainer that hangs when the run is cancelled', async () => {
    const test = await running({ steps: 1000, secondsPerStep: 0.01 }, depsOf({ hangsAfterSeconds: 0.3 }));
    await until(() => trained(test.job, 5));
    process.kill((await startedTrainers(test.job.folder))[0] ?? 0, 'SIGSTOP');
    const watching = test.activities.watchTraining({ handle: test.handle, seen: 999, stage: 's' });
    test.interrupt('cancelRequested');
    await expect(watching).rejects.toThrow('cancelRequested');
    expect(await livingProcesses(test.job.folder)).toEqual([]);
  });

  it('is made out from events and checkpoints when a stopped trainer dies before its result', async () => {
    const { activities, job, handle } = await running({ steps: 1000, secondsPerStep: 0.01, dieBeforeResult: true });
    await until(() => trained(job, 10));
    await activities.stopTraining({ handle, how: 'checkpoint', why: 'overfit' });
    expect(await activities.watchTraining({ handle, seen: 999, stage: 's' })).toMatchObject({ state: 'finished' });
    const result = await activities.collectTraining({ handle });
    expect(result).toMatchObject({
      stopped: true,
      changed: true,
      attempts: 1,
      rowsTrained: { business: 80, generic: 0 },
    });
    expect(result.checkpoints.at(-1)?.step).toBe(result.steps);
    expect(await activities.collectTraining({ handle })).toEqual(result);
  });

  it.each([
    [{ steps: 0 }, 'not one step was trained'],
    [{ changed: false }, 'the last weights equal those it began with'],
    [{ rowsTrained: { business: 79, generic: 0 } }, '79 of 80 business records were trained'],
    [{ steps: 19 }, 'the checkpoints of steps 19 are missing or not whole'],
    [{ checkpoints: [{ step: 20, uri: 'file:///no/such/checkpoint-20' }] }, 'steps 20 are missing'],
  ])('is refused when the result says %j', async (result, fault) => {
    const { activities, handle } = await running({ steps: 20, secondsPerStep: 0.001, result });
    await activities.watchTraining({ handle, seen: 999, stage: 's' });
    await expect(activities.collectTraining({ handle })).rejects.toMatchObject({
      problem: { type: 'TrainingFailed', what: expect.stringContaining(fault) },
    });
  });

  it('leaves an interrupted job as it is: no request to stop, no result, the log at hand', async () => {
    const { activities, job, handle } = await running({ steps: 1000, secondsPerStep: 0.01 });
    await until(() => trained(job, 5));
    expect(await endLocalProcesses(path.dirname(job.folder), 'checkpoint')).toMatchObject([{ kind: 'trainer' }]);
    expect(await activities.watchTraining({ handle, seen: 999, stage: 's' })).toMatchObject({ state: 'interrupted' });
    await activities.stopTraining({ handle, how: 'checkpoint', why: 'overfit' });
    expect(await readIfThere(path.join(job.folder, 'stop.json'))).toBeNull();
    await expect(activities.collectTraining({ handle })).rejects.toMatchObject({ problem: { type: 'TrainingFailed' } });
    expect(await activities.trainingLogs({ handle })).toEqual({ tail: '' });
  });
});
