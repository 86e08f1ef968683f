import type { Decision } from '../../config/decisions.js';
import type { PromptFailure } from './promptFailure.js';

/** Training examples by kind of failure, least and most (R6, methods M2). */
const volumes: Record<PromptFailure, { least: number; most: number }> = {
  harness: { least: 0, most: 0 },
  formatUnstable: { least: 50, most: 300 },
  formatWrong: { least: 200, most: 500 },
  partlyCovered: { least: 1000, most: 1000 },
  capabilityMissing: { least: 10_000, most: 20_000 },
  unclear: { least: 1000, most: 1000 },
};

/** R6: is there enough training data for this kind of failure? Advice: the measured learning curve overrules the table. */
export function volumeAdvice(failure: PromptFailure, trainCount: number): Decision<'enough' | 'collectMore'> {
  const { least, most } = volumes[failure];
  const evidence = { failure, trainCount, least, most };
  const range = least === most ? `about ${least}` : `${least} to ${most}`;
  if (most === 0) return { verdict: 'enough', reason: 'More data does not mend a faulty harness.', evidence };
  if (trainCount >= least)
    return {
      verdict: 'enough',
      reason: `${trainCount} training examples; this kind of failure wants ${range}.`,
      evidence,
    };
  return {
    verdict: 'collectMore',
    reason: `${trainCount} training examples are few: this kind of failure wants ${range}. The run goes on; its curve decides.`,
    evidence,
  };
}
