/** What a job's events say besides the figures that policies read. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EventLog } from '../../activities/training/eventLog.js';
import type { TrainingEvent } from '../../config/training.js';

/** In the order in which they were written. */
export async function eventsOf(jobFolder: string): Promise<TrainingEvent[]> {
  const silent = { info: () => undefined, warn: () => undefined };
  const log = new EventLog(path.join(jobFolder, 'events.jsonl'), silent);
  await log.read();
  return log.events;
}

async function startedOf(jobFolder: string) {
  return (await eventsOf(jobFolder)).findLast((event) => event.event === 'started');
}

/** The device that the trainer used; null when it never began. */
export async function deviceOf(jobFolder: string): Promise<string | null> {
  return (await startedOf(jobFolder))?.device ?? null;
}

/** From the first event to the last, by the trainer's clock. */
export async function secondsOf(jobFolder: string): Promise<number> {
  const times = (await eventsOf(jobFolder)).map(({ time }) => time);
  return times.length > 0 ? Math.max(...times) - Math.min(...times) : 0;
}

/** Passes over the business data up to a step; up to the end when `step` is null. */
export async function epochsUntil(jobFolder: string, step: number | null): Promise<number> {
  const started = await startedOf(jobFolder);
  const last = Math.max(0, ...(await eventsOf(jobFolder)).map((event) => event.step));
  return started === undefined ? 0 : (step ?? last) / started.stepsPerEpoch;
}

type Evaluation = Extract<TrainingEvent, { event: 'evaluation' }>;

/** Losses of the items of one set at one evaluation, nats a token. */
export async function itemLosses(
  jobFolder: string,
  set: string,
  isMeant: (evaluation: Evaluation) => boolean,
): Promise<Map<string, number> | null> {
  const point = (await eventsOf(jobFolder)).find((event) => event.event === 'evaluation' && isMeant(event));
  if (point?.event !== 'evaluation') return null;
  const sets = JSON.parse(await readFile(path.join(jobFolder, point.itemLosses), 'utf8')) as Record<
    string,
    Record<string, number>
  >;
  return new Map(Object.entries(sets[set] ?? {}));
}
