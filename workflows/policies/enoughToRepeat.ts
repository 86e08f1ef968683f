import type { Decision } from '../../config/decisions.js';
import type { TrainingProgress } from '../../config/training.js';
import { figure } from './wording.js';

/** R9: may the sanity run end early? Yes once the loss on the training set is low at two successive points (methods M5). */
export function enoughToRepeat(
  { evaluations, step }: Pick<TrainingProgress, 'evaluations' | 'step'>,
  limits: { set: string; loss: number },
): Decision<'continue' | 'stop'> {
  const losses = evaluations.toSorted((a, b) => a.step - b.step).map((point) => point.losses[limits.set] ?? Number.NaN);
  const [before = Number.NaN, last = Number.NaN] = losses.slice(-2);
  const known = losses.length > 1 ? last : (losses[0] ?? Number.NaN);
  const evidence = { step, loss: Number.isFinite(known) ? known : null, limit: limits.loss, points: losses.length };
  if (losses.length > 1 && before <= limits.loss && last <= limits.loss)
    return {
      verdict: 'stop',
      reason: `The loss on the training set is ${figure(last)} nats a token, at most ${limits.loss} at two points in a row.`,
      evidence,
    };
  const reason = Number.isFinite(known)
    ? `The loss on the training set is ${figure(known)} nats a token; ${limits.loss} at two points in a row is enough.`
    : 'The loss on the training set is not known yet.';
  return { verdict: 'continue', reason, evidence };
}
