import type { EvaluationPoint } from '../../../config/training.js';
import { genericAllowance, inOrder, type WatchdogLimits } from '../curve.js';
import { known } from '../wording.js';

type Limits = Pick<WatchdogLimits, 'genericBudget' | 'genericFloor'>;

/** The step after step 0 with the best validation score inside the generic budget; of ties the earlier. Null without one. */
export function bestPoint(evaluations: readonly EvaluationPoint[], limits: Limits): number | null {
  const points = inOrder(evaluations);
  const isInside = insideBudget(points, limits);
  const inside = points.filter((point) => point.step > 0 && isInside(point));
  const score = ({ exact }: EvaluationPoint) => known(exact['validation']) ?? Number.NEGATIVE_INFINITY;
  return (
    inside.reduce<EvaluationPoint | null>(
      (best, each) => (best === null || score(each) > score(best) ? each : best),
      null,
    )?.step ?? null
  );
}

/** All are inside where the generic set is not measured; where it is, one whose loss is no number is not. */
function insideBudget(points: readonly EvaluationPoint[], limits: Limits): (point: EvaluationPoint) => boolean {
  const first = points[0]?.losses['generic'];
  if (first === undefined) return () => true;
  const most = first === null ? Number.NaN : first + genericAllowance(first, limits);
  return ({ losses }) => (losses['generic'] ?? Number.NaN) <= most;
}
