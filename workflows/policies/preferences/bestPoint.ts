import type { EvaluationPoint } from '../../../config/training.js';
import { genericAllowance, inOrder, type WatchdogLimits } from '../curve.js';

/** The step after step 0 with the best validation score inside the generic budget; of ties the earlier. Null without one. */
export function bestPoint(
  evaluations: readonly EvaluationPoint[],
  limits: Pick<WatchdogLimits, 'genericBudget' | 'genericFloor'>,
): number | null {
  const points = inOrder(evaluations);
  const first = points[0]?.losses['generic'];
  const most = typeof first === 'number' ? first + genericAllowance(first, limits) : Number.POSITIVE_INFINITY;
  const inside = points.filter(({ step, losses }) => step > 0 && (losses['generic'] ?? 0) <= most);
  const score = ({ exact }: EvaluationPoint) => exact['validation'] ?? Number.NEGATIVE_INFINITY;
  return (
    inside.reduce<EvaluationPoint | null>(
      (best, each) => (best === null || score(each) > score(best) ? each : best),
      null,
    )?.step ?? null
  );
}
