/**
 * A trainer by the training contract that comes to one step of one training and no further, until it is stopped with a
 * checkpoint and resumes there. All else takes no time, so that a test does not hang on how busy its machine is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Context, heartbeat } from '@temporalio/activity';
import { cancelledRun, isResumable, type TrainingProgress, type TrainingSpec } from '../../config/training.js';
import { everythingWorks, type Script, scriptedActivities } from './scriptedActivities.js';

const totalSteps = 30;

interface Job {
  name: string;
  step: number;
  attempt: number;
  /** Why it was stopped before its end. */
  stopped: string | null;
  /** Every step that was trained, in order. */
  trained: number[];
}

export interface Hold {
  training: string;
  at: number;
  /** What the trainer says that each step took. */
  secondsAStep: number;
}

/** The scripted activities with that trainer; `jobs` and `jobNamed` are what became of trainings, `letGo` ends the hold. */
export function heldActivities(script: Partial<Script>, hold: Hold, calls: string[]) {
  const scripted = scriptedActivities({ ...everythingWorks, ...script }, calls);
  const jobs = new Map<string, Job>();
  let holds = true;
  const jobAt = (folder: string) => jobs.get(folder) as Job;
  const secondsOf = ({ name, step }: Job) => (name === hold.training ? step * hold.secondsAStep : 0);
  const isOver = ({ step, stopped }: Job) => step === totalSteps || stopped !== null;

  /** A first attempt at the held training trains as far as it may, every other one to its end. */
  function train(job: Job): void {
    const most = holds && job.name === hold.training && job.attempt === 1 ? hold.at : totalSteps;
    while (job.step < most) job.trained.push(++job.step);
  }

  const activities = {
    ...scripted,
    submitTraining: async (input: { spec: TrainingSpec; folder: string }) => {
      const name = input.folder.replace(/^.*\/training\//, '').replace(/\.[0-9a-f]{8}$/, '');
      const job = jobs.get(input.folder) ?? { name, step: 0, attempt: 0, stopped: null, trained: [] };
      jobs.set(input.folder, job);
      if (job.attempt === 0 || isResumable(job.stopped ?? undefined)) {
        Object.assign(job, { stopped: null, attempt: job.attempt + 1 });
        train(job);
      }
      return { ...(await scripted.submitTraining(input)), attempt: job.attempt };
    },
    watchTraining: async (input: { handle: { folder: string; attempt: number }; seen: number }) => {
      const job = jobAt(input.handle.folder);
      const whole: TrainingProgress = await scripted.watchTraining(input);
      const points = () => whole.evaluations.filter(({ step }) => step <= job.step);
      const { cancelled, cancellationSignal } = Context.current();
      while (!isOver(job) && points().length <= input.seen) {
        heartbeat({ stage: job.name, step: job.step });
        await pause(20);
        if (cancellationSignal.aborted) {
          job.stopped = cancelledRun;
          return cancelled;
        }
        if (!holds) train(job);
      }
      const pace = { steps: job.step, seconds: secondsOf(job) };
      const state = isOver(job) ? 'finished' : 'running';
      return { ...whole, state, attempt: job.attempt, step: job.step, totalSteps, evaluations: points(), pace };
    },
    stopTraining: async ({ handle, why }: { handle: { folder: string }; why: string }) => {
      const job = jobAt(handle.folder);
      if (!isOver(job)) job.stopped = why;
    },
    collectTraining: async (input: { handle: { key: string; folder: string } }) => {
      const job = jobAt(input.handle.folder);
      const steps = new Set([10, 20, 30, job.step].filter((step) => step <= job.step));
      const uriOf = (step: number) => `${input.handle.folder}/checkpoints/checkpoint-${step}`;
      const checkpoints = [...steps].sort((a, b) => a - b).map((step) => ({ step, uri: uriOf(step) }));
      const whole = await scripted.collectTraining(input);
      return { ...whole, steps: job.step, stopped: job.stopped !== null, wallSeconds: secondsOf(job), checkpoints };
    },
  };
  return {
    activities,
    jobs: () => [...jobs.values()],
    jobNamed: (name: string) => [...jobs.values()].find((job) => job.name === name),
    letGo: () => {
      holds = false;
    },
  };
}
