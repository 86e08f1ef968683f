/** How sure changes of loss are by item (methods M7), from the files that evaluations leave; only figures travel. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EvaluationPoint, TrainingEvent } from '../../config/training.js';
import { pairedErrorsAt } from '../../workflows/policies/statistics/pairedErrors.js';
import type { ActivityLog } from '../processes/life.js';
import { unlessNoFile } from '../processes/there.js';

/** Losses by set and record. */
const Items = z.record(z.string(), z.record(z.string(), z.number().nullable()));
type Items = z.infer<typeof Items>;

/** Points of a training that may carry errors: all of them travel at once, in 64 KiB. Later ones are judged without. */
const mostPoints = 100;
/** A verdict at a point, or at the one before it, looks at three. */
export const lookedBack = 3;

/** Keeps the items of one job that it has read; a file is written before its event and never changes. */
export class ItemErrors {
  private readonly read = new Map<string, Items | null>();
  private made: { key: string; points: EvaluationPoint[] } = { key: '', points: [] };
  private readonly job: string;
  private readonly log: ActivityLog;

  constructor(job: string, log: ActivityLog) {
    this.job = job;
    this.log = log;
  }

  /**
   * The points, with the errors of their changes on those that verdicts after the first `seen` look at; without where the
   * trainer keeps no losses of items.
   */
  async onto(points: EvaluationPoint[], events: readonly TrainingEvent[], seen: number): Promise<EvaluationPoint[]> {
    const files = filesByStep(events);
    const key = JSON.stringify([points, [...files.values()]]);
    if (key === this.made.key) return this.made.points;
    const items = await Promise.all(points.map(({ step }) => this.itemsOf(files.get(step))));
    const made = points.map((point, index) => {
      const wanted = index >= Math.max(1, seen - lookedBack) && index < mostPoints;
      const errors = wanted ? pairedErrorsAt(points, items, index) : null;
      return errors ? { ...point, pairedErrors: errors } : point;
    });
    this.made = { key, points: made };
    return made;
  }

  private async itemsOf(file: string | undefined): Promise<Items | null> {
    if (file === undefined) return null;
    const known = this.read.get(file);
    if (known !== undefined) return known;
    const text = await unlessNoFile(readFile(path.join(this.job, file), 'utf8'));
    const items = text === null ? null : this.parsed(text, file);
    this.read.set(file, items);
    return items;
  }

  /** Verdicts do without a file of another shape; training goes on. */
  private parsed(text: string, file: string): Items | null {
    const result = z.string().transform(asJson).pipe(Items).safeParse(text);
    if (result.success) return result.data;
    this.log.warn(`${file} of ${this.job} holds no losses of items.`, { why: z.prettifyError(result.error) });
    return null;
  }
}

function asJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: String(error) });
    return z.NEVER;
  }
}

/** Of each step the file of the highest attempt, as the point itself is. */
function filesByStep(events: readonly TrainingEvent[]): Map<number, string> {
  const latest = new Map<number, { attempt: number; file: string }>();
  for (const each of events)
    if (each.event === 'evaluation' && each.attempt >= (latest.get(each.step)?.attempt ?? 0))
      latest.set(each.step, { attempt: each.attempt, file: each.itemLosses });
  return new Map([...latest].map(([step, { file }]) => [step, file]));
}
