/** Tells metrics and traces what a watched job does: each event once, however often and from wherever the job is watched. */
import path from 'node:path';
import { z } from 'zod';
import { metrics } from '../../config/metrics.js';
import type { JobHandle, TrainingEvent } from '../../config/training.js';
import { readIfThere, unlessDamaged } from '../processes/there.js';
import { toPath, writeJson } from '../storage/files.js';
import { type Metrics, noMetrics } from '../telemetry/metrics.js';
import { parentsOf } from './attemptTraces.js';
import type { TrainingDeps } from './deps.js';
import { spansOf } from './spans.js';
import { tallyOf } from './tally.js';

/** How many events of the job were told; beside them, so that the next worker goes on from there. */
const Told = z.object({ events: z.int().nonnegative() });

/** Jobs that this process watches, and whether their trainer waits. */
const watched = new Map<string, 'trains' | 'waits'>();

type Listeners = Pick<TrainingDeps, 'log' | 'metrics' | 'traces'>;

export class Telling {
  private told: number | null = null;
  private readonly key: string;
  private readonly job: string;
  private readonly listeners: Listeners;

  constructor({ key, folder }: JobHandle, listeners: Listeners) {
    this.key = key;
    this.job = toPath(folder);
    this.listeners = listeners;
  }

  /** Tells what is new. A disk that is full or away is said in the log, and stops no training. */
  async tell(events: readonly TrainingEvent[], living: boolean): Promise<void> {
    const { metrics: counted = noMetrics, traces, log } = this.listeners;
    if (counted === noMetrics && traces === undefined) return;
    this.standing(counted, living ? events.at(-1) : undefined);
    try {
      this.told ??= await this.toldBefore(events.length);
      if (events.length <= this.told) return;
      count(counted, events, this.told);
      traces?.send(await this.newSpans(events, this.told));
      this.told = events.length;
      await writeJson(this.file, { events: this.told });
    } catch (error) {
      const about = { folder: this.job, why: String(error) };
      log.warn('What metrics and traces were told of this job can not be kept; some may be told twice.', about);
    }
  }

  /** The job is watched no more. */
  end(): void {
    if (watched.has(this.job)) this.standing(this.listeners.metrics ?? noMetrics, undefined);
  }

  /** A damaged note is taken for one of all there is: rather untold than told twice, and the new is told. */
  private async toldBefore(all: number): Promise<number> {
    const found = readIfThere(this.file).then(Told.nullable().parse);
    return ((await unlessDamaged(found, { events: all })) ?? { events: 0 }).events;
  }

  private get file(): string {
    return path.join(this.job, 'told.json');
  }

  private async newSpans(events: readonly TrainingEvent[], told: number) {
    const attempts = events.reduce((most, { attempt }) => Math.max(most, attempt), 1);
    const all = spansOf(this.key, events, await parentsOf(this.job, attempts));
    return all.filter(({ after }) => after > told).map(({ span }) => span);
  }

  private standing(counted: Metrics, last: TrainingEvent | undefined): void {
    if (last === undefined) watched.delete(this.job);
    else watched.set(this.job, last.event === 'waiting' ? 'waits' : 'trains');
    const standing = [...watched.values()];
    counted.set(metrics.trainingsRunning, standing.filter((each) => each === 'trains').length);
    counted.set(metrics.trainingsWaiting, standing.filter((each) => each === 'waits').length);
    if (last !== undefined) counted.set(metrics.trainerEventSeconds, last.time);
  }
}

function count(counted: Metrics, events: readonly TrainingEvent[], told: number): void {
  const [before, now] = [tallyOf(events.slice(0, told)), tallyOf(events)];
  counted.add(metrics.trainerSteps, now.steps - before.steps);
  counted.add(metrics.trainerSamples, now.samples - before.samples);
  counted.add(metrics.trainerAnswerTokens, now.businessTokens - before.businessTokens, { data: 'business' });
  counted.add(metrics.trainerAnswerTokens, now.genericTokens - before.genericTokens, { data: 'generic' });
  counted.add(metrics.trainerSeconds, now.seconds - before.seconds);
  for (const event of events.slice(told)) {
    if (event.event === 'failed') counted.add(metrics.trainerEnds, 1, { how: 'failed', cause: event.cause });
    if (event.event === 'finished' || event.event === 'interrupted')
      counted.add(metrics.trainerEnds, 1, { how: event.event, cause: '' });
  }
}
