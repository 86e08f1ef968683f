/** Reads a training's losses from its events.jsonl, whatever was killed and resumed meanwhile. */
import type { TrainingSummary } from '../../config/report.js';
import type { TrainingEvent } from '../../config/training.js';
import { survived } from '../../workflows/policies/survived.js';
import type { ActivityLog } from '../processes/life.js';
import { toPath } from '../storage/files.js';
import { EventLog } from '../training/eventLog.js';
import type { TrainingCurve } from './details.js';

/** A training without events (not started, or removed) has the curve that its summary brings. */
export async function readCurve({ name, curve, eventsUri }: TrainingSummary, log: ActivityLog): Promise<TrainingCurve> {
  const reader = new EventLog(toPath(eventsUri), log);
  await reader.read();
  const found = curveOf(name, reader.events);
  return found.evaluations.length > 0 ? found : { ...found, evaluations: curve };
}

/** An attempt that resumes from a step makes every later one of the attempt before it void. */
export function curveOf(name: string, events: readonly TrainingEvent[]): TrainingCurve {
  const steps = new Map<number, TrainingCurve['steps'][number]>();
  const evaluations = new Map<number, TrainingCurve['evaluations'][number]>();
  let device: string | null = null;
  let stepsPerEpoch: number | null = null;
  for (const event of events) {
    if (event.event === 'started') {
      ({ device, stepsPerEpoch } = event);
      forgetAfter(event.step, steps);
      forgetAfter(event.step, evaluations);
    }
    if (event.event === 'step') steps.set(event.step, { step: event.step, epoch: event.epoch, loss: event.loss });
    if (event.event === 'evaluation') {
      const { step, epoch, losses, standardErrors, exact } = event;
      evaluations.set(step, { step, epoch, losses, standardErrors, exact });
    }
  }
  const gotOver = survived(events);
  return {
    name,
    device,
    stepsPerEpoch,
    steps: byStep(steps),
    evaluations: byStep(evaluations),
    ...(gotOver.length > 0 ? { survived: gotOver } : {}),
  };
}

function forgetAfter(step: number, points: Map<number, unknown>): void {
  for (const known of points.keys()) if (known > step) points.delete(known);
}

function byStep<Point extends { step: number }>(points: Map<number, Point>): Point[] {
  return [...points.values()].sort((left, right) => left.step - right.step);
}
