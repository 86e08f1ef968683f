/** The trainings of a run, read from the events of their job folders. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unlessMissing } from '../../activities/processes/there.js';
import { runsFolder } from '../../cli/paths.js';
import { TrainingEvent } from '../../config/training.js';

export interface Training {
  /** As the recipe calls it: sanity, sweep/0.001, mix/1-1, coarse, fine. */
  name: string;
  folder: string;
  events: TrainingEvent[];
}

/** All trainings of all runs of a project folder, in the order in which they began. */
export async function trainingsOf(root: string): Promise<Training[]> {
  const files = (await unlessMissing(readdir(runsFolder(root), { recursive: true }))) ?? [];
  const folders = files.filter((file) => path.basename(file) === 'events.jsonl').map((file) => path.dirname(file));
  const trainings = await Promise.all(folders.map((folder) => readTraining(path.join(runsFolder(root), folder))));
  return trainings.sort((left, right) => (left.events[0]?.time ?? 0) - (right.events[0]?.time ?? 0));
}

async function readTraining(folder: string): Promise<Training> {
  const lines = (await readFile(path.join(folder, 'events.jsonl'), 'utf8')).split('\n').slice(0, -1);
  const name = folder.replace(/^.*\/training\//, '').replace(/\.[0-9a-f]{8}$/, '');
  return { name, folder, events: lines.map((line) => TrainingEvent.parse(JSON.parse(line))) };
}

type EventOf<Name extends TrainingEvent['event']> = Extract<TrainingEvent, { event: Name }>;

export function eventsOf<Name extends TrainingEvent['event']>({ events }: Training, name: Name): EventOf<Name>[] {
  return events.filter((event): event is EventOf<Name> => event.event === name);
}

export function attemptsOf(training: Training): number[] {
  return [...new Set(training.events.map(({ attempt }) => attempt))];
}

/** The step of the last checkpoint that attempts before this one wrote. */
function checkpointBefore(training: Training, attempt: number): number {
  const earlier = eventsOf(training, 'checkpoint').filter((event) => event.attempt < attempt);
  return Math.max(0, ...earlier.map(({ step }) => step));
}

/** Steps that were trained although a whole checkpoint had them, or twice in one attempt; there must be none. */
export function stepsInVain(training: Training): string[] {
  return eventsOf(training, 'step')
    .filter(
      (event, index, all) =>
        event.step <= checkpointBefore(training, event.attempt) ||
        all.findIndex(({ step, attempt }) => step === event.step && attempt === event.attempt) !== index,
    )
    .map(({ step, attempt }) => `${training.name}: step ${step} by attempt ${attempt}`);
}

/** Steps that a later attempt trained again: what lay behind the last checkpoint when the first was killed. */
export function stepsAgain(training: Training): number {
  const steps = eventsOf(training, 'step');
  return steps.length - new Set(steps.map(({ step }) => step)).size;
}

/** A moment in a training: its trainer, the last whole checkpoint, and a step after it. */
export interface Midway {
  name: string;
  pid: number;
  checkpoint: number;
  step: number;
}

/** Waits until a training has made one step after a checkpoint: it is then between two of them. */
export async function untilMidway(root: string, name: string, minutes: number): Promise<Midway> {
  const deadline = Date.now() + minutes * 60_000;
  while (Date.now() < deadline) {
    const training = (await trainingsOf(root)).find((each) => each.name.startsWith(name));
    const last = training?.events.at(-1);
    const checkpoint = training && eventsOf(training, 'checkpoint').at(-1);
    const started = training && eventsOf(training, 'started').at(-1);
    if (last?.event === 'step' && started && checkpoint && last.step === checkpoint.step + 1)
      return { name: training.name, pid: started.pid, checkpoint: checkpoint.step, step: last.step };
    await pause(100);
  }
  throw new Error(`The training ${name} was never between two checkpoints in ${minutes} minutes.`);
}
