import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { claimsOf, takeClaim } from '../../../activities/processes/claims.js';
import { identityOf } from '../../../activities/processes/identity.js';
import { endLocalProcesses } from '../../../activities/processes/living.js';
import { readIfThere } from '../../../activities/processes/there.js';
import { writeJson } from '../../../activities/storage/files.js';
import { submitTraining } from '../../../activities/training/submit.js';
import type { JobHandle } from '../../../config/training.js';
import { depsOf, eventsOf, type Job, jobOf, specOf, startedTrainers, until } from './standIn.js';

const jobs: Job[] = [];

async function newJob(...behaviour: Parameters<typeof jobOf>): Promise<Job> {
  const job = await jobOf(...behaviour);
  jobs.push(job);
  return job;
}

afterEach(async () => {
  await Promise.all(jobs.splice(0).map(({ folder }) => endLocalProcesses(folder, 'kill')));
});

const submit = (job: Job, { deps } = depsOf()) => submitTraining(deps, { spec: job.spec, folder: job.uri });

async function newSubmitter(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('submitter.ts', import.meta.url));
  const child = fork(script, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return child;
}

describe('submitTraining', () => {
  it('starts one trainer when two processes submit the same key at once, 50 times', async () => {
    const submitters = await Promise.all([newSubmitter(), newSubmitter()]);
    try {
      for (let round = 0; round < 50; round += 1) {
        const job = await newJob({ steps: 1000, secondsPerStep: 0.1 });
        const at = Date.now() + 10;
        const answers = submitters.map(async (submitter) => {
          submitter.send({ input: { spec: job.spec, folder: job.uri }, at });
          return (await once(submitter, 'message'))[0] as { handle: JobHandle };
        });
        const handles = (await Promise.all(answers)).map(({ handle }) => handle);
        expect(handles.map(({ adopted }) => adopted).sort()).toEqual([false, true]);
        expect(handles.map(({ attempt }) => attempt)).toEqual([1, 1]);
        expect(await startedTrainers(job.folder)).toHaveLength(1);
        expect(await endLocalProcesses(job.folder, 'kill')).toHaveLength(1);
      }
    } finally {
      for (const submitter of submitters) submitter.kill();
    }
  }, 60_000);

  it('takes over from a submitter that died between its claim and the start', async () => {
    const job = await newJob();
    const dead = { pid: 2 ** 22 - 1, startedAt: '1' };
    const claim = await takeClaim(job.folder, 1);
    await writeJson(path.join(job.folder, 'attempts', '1.json'), { ...claim, claimer: dead });
    expect(await submit(job)).toMatchObject({ attempt: 2, adopted: false });
    expect(await startedTrainers(job.folder)).toHaveLength(1);
  });

  it('waits for a living submitter that has the claim', async () => {
    const job = await newJob();
    await takeClaim(job.folder, 1);
    const { deps, interrupt } = depsOf();
    const waiting = submitTraining(deps, { spec: job.spec, folder: job.uri });
    await new Promise((resolve) => setTimeout(resolve, 300));
    interrupt('workerShutdown');
    await expect(waiting).rejects.toThrow('workerShutdown');
    expect(await readIfThere(path.join(job.folder, 'started.txt')).catch(() => 'there')).toBeNull();
  });

  it('adopts the trainer that runs, and the result that is there', async () => {
    const job = await newJob({ steps: 10, secondsPerStep: 0.05 });
    const first = await submit(job);
    expect(await submit(job)).toEqual({ ...first, adopted: true });
    await until(async () => (await readIfThere(path.join(job.folder, 'result.json'))) !== null);
    expect(await submit(job)).toEqual({ ...first, adopted: true });
    expect(await startedTrainers(job.folder)).toHaveLength(1);
  });

  it('resumes with the next attempt once the trainer is proven gone', async () => {
    const job = await newJob({ steps: 1000, secondsPerStep: 0.02 });
    await submit(job);
    await until(async () => (await eventsOf(job.folder)).some(({ event }) => event === 'checkpoint'));
    const [trainer] = await startedTrainers(job.folder);
    process.kill(trainer ?? 0, 'SIGKILL');
    await until(async () => (await identityOf(trainer ?? 0)) === null);
    expect(await submit(job)).toMatchObject({ attempt: 2, adopted: false });
    await until(async () => (await eventsOf(job.folder)).some(({ attempt }) => attempt === 2));
    const resumed = (await eventsOf(job.folder)).find(({ attempt }) => attempt === 2);
    expect(resumed).toMatchObject({ event: 'started' });
    expect(resumed?.event === 'started' && resumed.step).toBeGreaterThan(0);
  });

  it('never takes another process with the same id for the trainer', async () => {
    const job = await newJob({ steps: 5 });
    const claim = await takeClaim(job.folder, 1);
    const recycled = { pid: process.pid, startedAt: '1' };
    await writeJson(path.join(job.folder, 'attempts', '1.json'), { ...claim, process: recycled });
    expect(await submit(job)).toMatchObject({ attempt: 2, adopted: false });
  });

  it('refuses another spec under the same key and names the difference', async () => {
    const job = await newJob();
    await submit(job);
    const other = { ...job, spec: { ...job.spec, learningRate: 0.002 } };
    await expect(submit(other)).rejects.toMatchObject({
      problem: {
        type: 'PlanRefused',
        what: expect.stringContaining('learningRate is 0.001 there, 0.002 was asked for'),
      },
    });
    expect(specOf('/a/b')).toMatchObject({ learningRate: 0.001 });
  });

  it('refuses to start on a full disk', async () => {
    const job = await newJob();
    await expect(submit(job, depsOf({ freeBytes: async () => 499e6 }))).rejects.toMatchObject({
      problem: { type: 'NoSpace', what: expect.stringContaining('500 MB') },
    });
    expect(await claimsOf(job.folder)).toEqual([]);
  });

  it('says with the words of the log why a trainer could not begin', async () => {
    const job = await newJob({ exitWith: 3 });
    await expect(submit(job)).rejects.toMatchObject({
      problem: { type: 'TrainingFailed', what: expect.stringContaining('the library is missing') },
    });
    await expect(submit(job, depsOf({ python: '/no/such/python' }))).rejects.toMatchObject({
      problem: { type: 'TrainingFailed', what: expect.stringContaining('/no/such/python') },
    });
  });

  it('takes 137 of a wrapper for a kill, which another attempt may survive', async () => {
    const job = await newJob({ exitWith: 137 });
    expect(await submit(job)).toMatchObject({ attempt: 1, adopted: false });
  });

  it('adopts a trainer that was started by hand', async () => {
    const job = await newJob({ steps: 1000, secondsPerStep: 0.02 });
    await submit(job);
    await rm(path.join(job.folder, 'attempts'), { recursive: true });
    const [trainer = 0] = await startedTrainers(job.folder);
    try {
      expect(await submit(job)).toMatchObject({ attempt: 1, adopted: true });
      expect(await startedTrainers(job.folder)).toEqual([trainer]);
    } finally {
      process.kill(trainer, 'SIGKILL');
    }
  });

  it('leaves one trainer or none, whenever its submitter is killed', async () => {
    for (let milliseconds = 0; milliseconds < 40; milliseconds += 7) {
      const job = await newJob({ steps: 1000, secondsPerStep: 0.1 });
      const submitter = await newSubmitter();
      submitter.send({ input: { spec: job.spec, folder: job.uri }, at: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      submitter.kill('SIGKILL');
      await submit(job);
      expect(await startedTrainers(job.folder)).toHaveLength(1);
      expect(await endLocalProcesses(job.folder, 'kill')).toHaveLength(1);
    }
  }, 30_000);
});
