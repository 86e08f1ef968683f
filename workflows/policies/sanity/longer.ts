import type { Decision } from '../../../config/decisions.js';
import type { Evaluation } from '../../../config/evaluation.js';
import { untrustworthy } from '../scoreGate.js';

/** A set that is nearly repeated is trained on for so many times the epochs, once (methods M5). */
export const lengthening = 1.5;

/**
 * Whether the training set is worth training on for longer: its score is surely on neither side, or the loss still falls.
 * Null where it is not: it is repeated, or what is wrong has a name, or too little was asked.
 */
export function trainsLonger(judged: Decision<string>, repeated: Evaluation): Decision<'trainLonger'> | null {
  const between = judged.verdict === 'cannotTell' && untrustworthy(repeated) === null && repeated.score.mean < 1;
  if (!between && judged.verdict !== 'moreEpochs') return null;
  const { reason, evidence } = judged;
  return { verdict: 'trainLonger', reason: `${reason} It is trained on half as long again, once.`, evidence };
}
