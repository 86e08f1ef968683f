/** What a job's events add up to, for metrics. Pure. */
import type { TrainingEvent } from '../../config/training.js';
import { largest, secondsOfAttempts } from '../../workflows/policies/progress.js';

/** Whole numbers, all attempts together: what is trained again counts again. */
export interface Tally {
  steps: number;
  samples: number;
  businessTokens: number;
  genericTokens: number;
  seconds: number;
}

type Started = Extract<TrainingEvent, { event: 'started' }>;

export function tallyOf(events: readonly TrainingEvent[]): Tally {
  const sum = { steps: 0, samples: 0, businessTokens: 0, genericTokens: 0 };
  const starts = events.filter((event): event is Started => event.event === 'started');
  for (const started of starts) {
    const steps = stepsSince(started, events);
    const epochs = steps / started.stepsPerEpoch;
    sum.steps += steps;
    sum.samples += epochs * (started.samples.business + started.samples.generic);
    sum.businessTokens += epochs * (started.answerTokens?.business ?? 0);
    sum.genericTokens += epochs * (started.answerTokens?.generic ?? 0);
  }
  const { steps, samples, businessTokens, genericTokens } = sum;
  return {
    steps,
    samples: Math.round(samples),
    businessTokens: Math.round(businessTokens),
    genericTokens: Math.round(genericTokens),
    seconds: Math.round(secondsOfAttempts(events)),
  };
}

function stepsSince({ attempt, step }: Started, events: readonly TrainingEvent[]): number {
  const own = events.filter((event) => event.attempt === attempt).map((event) => event.step);
  return largest(own, step) - step;
}
