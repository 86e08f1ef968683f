import type { Decision } from '../../../config/decisions.js';
import { minimumGroups } from '../statistics/interval.js';
import { percent } from '../wording.js';

export interface NewData {
  /** Training records that the champion's dataset has not, and those that it has. */
  train: number;
  trainBefore: number;
  /** New test items, on which the two would meet. */
  window: number;
  /** The verdict on drift. */
  drift: string;
}

/** Is there enough new to train a challenger (methods M13)? Other pictures alone are no reason: there must be labels to learn. */
export function enoughNew(
  { train, trainBefore, window, drift }: NewData,
  { minimumNew }: { minimumNew: number },
): Decision<'train' | 'wait'> {
  const share = trainBefore > 0 ? train / trainBefore : Number.POSITIVE_INFINITY;
  const evidence = { train, trainBefore, window, share: Number.isFinite(share) ? share : null, minimumNew, drift };
  const says = `${train} new training records to the champion’s ${trainBefore}`;
  if (window < minimumGroups)
    return {
      verdict: 'wait',
      reason: `Only ${window} new test items, on ${minimumGroups} of which at least the two must meet; ${says}.`,
      evidence,
    };
  if (share >= minimumNew) return { verdict: 'train', reason: `${says}: enough for a challenger.`, evidence };
  const watch = drift === 'drifted' ? ' The new data has drifted: label more of it.' : '';
  return {
    verdict: 'wait',
    reason: `${says}: below ${percent(minimumNew)} no round is worth its training.${watch}`,
    evidence,
  };
}
