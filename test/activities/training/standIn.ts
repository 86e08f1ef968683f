/** Jobs for the stand-in trainer: real processes that train nothing. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InterruptionDetails } from '../../../activities/processes/life.js';
import { unlessMissing } from '../../../activities/processes/there.js';
import { toUri } from '../../../activities/storage/files.js';
import type { TrainingDeps } from '../../../activities/training/deps.js';
import { type TrainingEvent, TrainingSpec } from '../../../config/training.js';
import { python } from '../tinyModel.js';

export const standInFolder = fileURLToPath(new URL('../../fixtures/standInTrainer', import.meta.url));

export interface Behaviour {
  steps?: number;
  secondsPerStep?: number;
  evaluateEvery?: number;
  exitWith?: number;
  failAt?: number;
  nanFrom?: number;
  dieBeforeResult?: boolean;
  /** A child that outlives the trainer and holds its lock. */
  orphan?: boolean;
  result?: Record<string, unknown>;
}

export interface Job {
  folder: string;
  uri: string;
  spec: TrainingSpec;
}

/** A job folder on its own disk place, with 80 business records and what the stand-in shall do. */
export async function jobOf(behaviour: Behaviour = {}): Promise<Job> {
  const root = await mkdtemp(path.join(tmpdir(), 'anneal-job-'));
  const folder = path.join(root, 'job');
  await mkdir(folder);
  const records = path.join(root, 'train.jsonl');
  await writeFile(records, '{"id":"one"}\n'.repeat(80));
  await writeFile(path.join(folder, 'behaviour.json'), JSON.stringify(behaviour));
  return { folder, uri: toUri(folder), spec: specOf(records) };
}

export function specOf(records: string, changes: Partial<TrainingSpec> = {}): TrainingSpec {
  return TrainingSpec.parse({
    schema: 'anneal.training/1',
    key: 'digits-sanity',
    model: path.join(path.dirname(records), 'model'),
    train: { business: { uri: toUri(records) }, mix: { business: 1, generic: 0 } },
    evaluate: { validation: { uri: toUri(records) } },
    learningRate: 0.001,
    epochs: 2,
    batchSize: 8,
    ...changes,
  });
}

export async function behave(job: Job, behaviour: Behaviour): Promise<void> {
  await writeFile(path.join(job.folder, 'behaviour.json'), JSON.stringify(behaviour));
}

/** Dependencies of a test, with a switch that interrupts as Temporal does. */
export function depsOf(changes: Partial<TrainingDeps> = {}) {
  const beats: unknown[] = [];
  const warnings: string[] = [];
  const controller = new AbortController();
  let details: InterruptionDetails | undefined;
  const deps: TrainingDeps = {
    python,
    trainerFolder: standInFolder,
    heartbeat: (beat) => void beats.push(beat),
    cancelled: () => controller.signal,
    cancellationDetails: () => details,
    workflowId: () => undefined,
    log: { info: () => undefined, warn: (message) => void warnings.push(message) },
    pollMilliseconds: 20,
    ...changes,
  };
  const interrupt = (reason: keyof InterruptionDetails) => {
    details = { ...uninterruptedDetails, [reason]: true };
    controller.abort(new Error(reason));
  };
  return { deps, beats, warnings, interrupt };
}

const uninterruptedDetails: InterruptionDetails = {
  notFound: false,
  cancelRequested: false,
  paused: false,
  timedOut: false,
  workerShutdown: false,
  reset: false,
};

/** Process ids of all trainers that were ever started for the job. */
export async function startedTrainers(folder: string): Promise<number[]> {
  const lines = (await readFile(path.join(folder, 'started.txt'), 'utf8')).trim().split('\n');
  return lines.map((line) => Number(line.split(' ')[0]));
}

export async function eventsOf(folder: string): Promise<TrainingEvent[]> {
  const text = (await unlessMissing(readFile(path.join(folder, 'events.jsonl'), 'utf8'))) ?? '';
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

export async function startedAttempts(folder: string) {
  return (await eventsOf(folder)).filter((event) => event.event === 'started');
}

export async function until(met: () => Promise<boolean>, seconds = 10): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await met())) {
    if (performance.now() > end) throw new Error(`It was not so within ${seconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
