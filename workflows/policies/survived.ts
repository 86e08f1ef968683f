import type { TrainingEvent } from '../../config/training.js';

/** Sentences told; a disk may be full at every evaluation of a long training. */
const most = 20;

/**
 * What a trainer got over without help, one sentence each, in the order of the events: memory that ran out and a full disk. Said in
 * the report, for neither is visible in the losses.
 */
export function survived(events: readonly TrainingEvent[]): string[] {
  const sentences: string[] = [];
  for (const event of events) {
    if (event.event === 'memory')
      sentences.push(
        `Memory ran out with ${event.from} samples at once ${at(event.step)}; it went on with ${event.to}, gradients accumulated, so a step is the same.`,
      );
    if (event.event === 'space')
      sentences.push(`The disk was full ${at(event.step)}: no checkpoint of that step, the older ones are kept.`);
  }
  return shortened(sentences);
}

function shortened(sentences: readonly string[]): string[] {
  const more = sentences.length - most;
  return more > 0 ? [...sentences.slice(0, most), `The same happened ${more} more times.`] : [...sentences];
}

function at(step: number): string {
  return step === 0 ? 'before the first step' : `after step ${step}`;
}
