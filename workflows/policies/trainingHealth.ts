import type { Decision } from '../../config/decisions.js';
import type { TrainingProgress } from '../../config/training.js';

/** Does the training still learn? Stops on NaN, or where no token carries loss or nothing a gradient, over `badSteps` logged steps (R9, methods M5). */
export function trainingHealth(
  { notANumber, noSignal }: TrainingProgress['badSteps'],
  limits: { badSteps: number },
): Decision<'healthy' | 'stop'> {
  const firstNotANumber = notANumber.length > 0 ? Math.min(...notANumber) : null;
  const firstNoSignal = noSignal.length > 0 ? Math.min(...noSignal) : null;
  const evidence = {
    notANumber: notANumber.length,
    firstNotANumber,
    noSignal: noSignal.length,
    firstNoSignal,
    limit: limits.badSteps,
  };
  const stop = (reason: string) => ({ verdict: 'stop' as const, reason, evidence });
  if (firstNotANumber !== null && notANumber.length >= limits.badSteps)
    return stop(
      `Loss or gradient is NaN from step ${firstNotANumber} on (${notANumber.length} logged steps): a lower learning rate, or bad data.`,
    );
  if (firstNoSignal !== null && noSignal.length >= limits.badSteps)
    return stop(
      `No learning signal: loss 0 with a constant gradient, or a gradient of 0, from step ${firstNoSignal} on (${noSignal.length} logged steps); no token carries loss, or nothing that is trained does.`,
    );
  return { verdict: 'healthy', reason: 'Loss and gradient are numbers and move.', evidence };
}
