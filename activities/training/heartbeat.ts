/** What people see of a running job: the figures of its last events. */
import type { TrainingEvent, TrainingHeartbeat, TrainingProgress } from '../../config/training.js';

/** Characters of a trainer's own words: a heartbeat of megabytes would be refused, and the watch time out. */
const longestMessage = 500;

type Of<Name extends TrainingEvent['event']> = Extract<TrainingEvent, { event: Name }>;

function lastOf<Name extends TrainingEvent['event']>(events: TrainingEvent[], name: Name): Of<Name> | undefined {
  return events.findLast((event): event is Of<Name> => event.event === name);
}

export function heartbeatOf(
  events: TrainingEvent[],
  progress: TrainingProgress,
  { stage, pid }: { stage: string; pid: number | null },
): TrainingHeartbeat {
  const step = lastOf(events, 'step');
  const last = events.at(-1);
  return {
    stage,
    step: progress.step,
    totalSteps: progress.totalSteps,
    epoch: step?.epoch ?? 0,
    loss: step?.loss ?? null,
    losses: progress.evaluations.at(-1)?.losses ?? {},
    samplesPerSecond: step?.samplesPerSecond ?? null,
    etaSeconds: etaSeconds(lastOf(events, 'started'), progress, step?.samplesPerSecond ?? null),
    checkpoint: progress.checkpoint?.uri ?? null,
    pid,
    attempt: progress.attempt,
    ...(last?.event === 'waiting' ? { waiting: last.message.slice(0, longestMessage) } : {}),
  };
}

/** By the trainer's own speed, not by its clock, which may be set back. Evaluations come on top. */
function etaSeconds(
  started: Of<'started'> | undefined,
  { step, totalSteps }: TrainingProgress,
  samplesPerSecond: number | null,
): number | null {
  if (started === undefined || !samplesPerSecond) return null;
  const samplesPerStep = (started.samples.business + started.samples.generic) / started.stepsPerEpoch;
  return Math.round((Math.max(0, totalSteps - step) * samplesPerStep) / samplesPerSecond);
}
