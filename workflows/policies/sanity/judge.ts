import type { Decision } from '../../../config/decisions.js';
import { shiftCause } from './records.js';
import { type Trained, trainedCause } from './trained.js';

/** Whether the probes of the trained model are asked: a set that is repeated needs none. */
export function wantsProbes(score: Decision<string>): boolean {
  return score.verdict !== 'canRepeat';
}

/** What the score alone says, unless the figures name a fault (R9, methods M5). */
export function judgeTrained(score: Decision<string>, found: Trained): Decision<string> {
  if (!wantsProbes(score)) {
    // A set with pictures and answers off by one can be repeated all the same; new pictures tell.
    const shift = found.records ? shiftCause(found.records) : null;
    return shift ? joined(score, shift) : score;
  }
  const cause = trainedCause(found);
  return cause ? joined(score, cause) : { ...score, reason: `${score.reason} No probe names the cause.` };
}

/** The cause, after what the score alone says. */
function joined(score: Decision<string>, cause: Decision<string>): Decision<string> {
  return { ...cause, reason: `${score.reason} ${cause.reason}`, evidence: { ...score.evidence, ...cause.evidence } };
}
