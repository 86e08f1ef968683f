/** A trainer that takes time for each step, can be stopped with a checkpoint, and resumes there, by the training contract. */
import { setTimeout as pause } from 'node:timers/promises';
import type { TrainingProgress, TrainingSpec } from '../../config/training.js';
import { isResumable } from '../../config/training.js';
import { everythingWorks, type Script, scriptedActivities } from './scriptedActivities.js';

const totalSteps = 30;

interface Job {
  name: string;
  step: number;
  attempt: number;
  seconds: number;
  /** Why it was stopped before its end. */
  stopped: string | null;
  /** The step at which each attempt began. */
  began: number[];
  /** Every step that was trained, in order. */
  trained: number[];
}

export interface PacedScript extends Partial<Script> {
  /** Milliseconds of one step. */
  stepMilliseconds(name: string): number;
}

/** The scripted activities, with trainings that take time; `jobs` by name is what became of them. */
export function pacedActivities(script: PacedScript, calls: string[]) {
  const scripted = scriptedActivities({ ...everythingWorks, watched: 'late', ...script }, calls);
  const jobs = new Map<string, Job>();
  const jobAt = (folder: string) => jobs.get(folder) as Job;
  const done = (job: Job) => job.step >= totalSteps || job.stopped !== null;
  const result = (job: Job) => ({
    steps: job.step,
    stopped: job.step < totalSteps,
    wallSeconds: job.seconds,
    attempts: job.attempt,
  });

  async function advance(job: Job, attempt: number): Promise<void> {
    while (!done(job) && job.attempt === attempt) {
      const milliseconds = script.stepMilliseconds(job.name);
      if (milliseconds > 0) await pause(milliseconds);
      if (job.stopped !== null || job.attempt !== attempt) return;
      job.step += 1;
      job.seconds += milliseconds / 1000;
      job.trained.push(job.step);
    }
  }

  const activities = {
    ...scripted,
    submitTraining: async (input: { spec: TrainingSpec; folder: string }) => {
      const handle = await scripted.submitTraining(input);
      const known = jobs.get(input.folder);
      const name = input.spec.key.slice(input.spec.key.indexOf('/') + 1).replace(/\.[0-9a-f]{8}$/, '');
      const job = known ?? { name, step: 0, attempt: 0, seconds: 0, stopped: null, began: [], trained: [] };
      jobs.set(input.folder, job);
      if (job.step < totalSteps && (job.attempt === 0 || isResumable(job.stopped ?? undefined))) {
        job.stopped = null;
        job.attempt += 1;
        job.began.push(job.step);
        void advance(job, job.attempt);
      }
      return { ...handle, attempt: job.attempt };
    },
    watchTraining: async (input: {
      handle: { folder: string; attempt: number };
      seen: number;
    }): Promise<TrainingProgress> => {
      const job = jobAt(input.handle.folder);
      const whole = await scripted.watchTraining(input);
      const points = () => whole.evaluations.filter(({ step }) => step <= job.step);
      while (!done(job) && points().length <= input.seen) await pause(10);
      return {
        ...whole,
        state: done(job) ? 'finished' : 'running',
        attempt: job.attempt,
        step: job.step,
        totalSteps,
        evaluations: points(),
        pace: { steps: job.step, seconds: job.seconds },
      };
    },
    stopTraining: async ({ handle, why }: { handle: { folder: string }; why: string }) => {
      const job = jobAt(handle.folder);
      if (!done(job)) job.stopped = why;
      calls.push(`stop ${job.name}`);
    },
    collectTraining: async (input: { handle: { key: string; folder: string } }) => {
      const job = jobAt(input.handle.folder);
      const whole = await scripted.collectTraining(input);
      const uri = `${input.handle.folder}/checkpoints/checkpoint-${job.step}`;
      return { ...whole, ...result(job), checkpoints: [{ step: job.step, uri }] };
    },
  };
  return { activities, jobNamed: (name: string) => [...jobs.values()].find((job) => job.name === name) };
}
