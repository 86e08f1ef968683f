/** The result that a trainer would have written, from what it did write. */
import type { Checkpoint, TrainingEvent, TrainingResult } from '../../config/training.js';
import { largest, secondsOfAttempts } from '../../workflows/policies/progress.js';

type Started = Extract<TrainingEvent, { event: 'started' }>;

/**
 * `checkpoints` are the whole ones, by step, at least one: training counts up to the last of them. Distinct records are known
 * exactly after a whole epoch, and as the share of the first one before.
 */
export function resultFromEvents(key: string, events: TrainingEvent[], checkpoints: Checkpoint[]): TrainingResult {
  const steps = checkpoints.at(-1)?.step ?? 0;
  const started = events.findLast((event): event is Started => event.event === 'started');
  const samples = started?.samples ?? { business: 0, generic: 0 };
  const epochs = started ? steps / started.stepsPerEpoch : 0;
  const share = Math.min(1, epochs);
  const seconds = secondsOfAttempts(events);
  return {
    schema: 'anneal.result/1',
    key,
    steps,
    stopped: true,
    samplesSeen: Math.round(epochs * (samples.business + samples.generic)),
    rowsTrained: { business: Math.floor(samples.business * share), generic: Math.floor(samples.generic * share) },
    changed: events.some((event) => event.event === 'step' && event.step <= steps && movesWeights(event)),
    checkpoints,
    trainSeconds: seconds,
    wallSeconds: seconds,
    attempts: largest(
      events.map(({ attempt }) => attempt),
      1,
    ),
  };
}

function movesWeights({ gradNorm, learningRate }: Extract<TrainingEvent, { event: 'step' }>): boolean {
  return gradNorm !== null && gradNorm > 0 && learningRate > 0;
}
