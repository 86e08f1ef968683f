import type { Tracker, TrainerCapabilities, TrainingSpec } from '../../config/training.js';

export interface TrainingPlan {
  method: 'full' | 'lora' | 'dpo';
  packing: boolean;
  layout: TrainingSpec['layout'];
  /** Named evaluation sets. */
  evaluationSets: number;
  /** Evaluation points of the longest training. */
  evaluations?: number;
  trackers?: readonly Tracker[];
}

/** All evaluation points of a training travel to its workflow at once, in 64 KiB. */
const mostEvaluations = 250;

/** Why a trainer cannot do a plan, one sentence each; empty when it can. Asked before submit, never found out after. */
export function planRefusals(trainer: TrainerCapabilities, plan: TrainingPlan): string[] {
  const { name, methods, layouts } = trainer;
  const reasons: string[] = [];
  if (!methods.includes(plan.method))
    reasons.push(`${name} cannot train by ${plan.method}; it can by ${methods.join(', ')}.`);
  if (plan.packing && !trainer.packing) reasons.push(`${name} cannot pack several records into one sequence.`);
  if (plan.evaluationSets > 1 && !trainer.namedEvaluationSets)
    reasons.push(`${name} evaluates one set only; the plan names ${plan.evaluationSets}.`);
  const evaluations = Math.ceil(plan.evaluations ?? 0);
  if (evaluations > mostEvaluations)
    reasons.push(
      `training.epochs times training.evaluationsPerEpoch are ${evaluations} evaluations of one training; ${mostEvaluations} can be judged together.`,
    );
  const axes: [string, number, number][] = [
    ['tensor', plan.layout.tensor, layouts.maximumTensor],
    ['pipeline', plan.layout.pipeline, layouts.maximumPipeline],
    ['data', plan.layout.data, layouts.maximumData],
  ];
  for (const [axis, wanted, most] of axes)
    if (wanted > most) reasons.push(`${name} splits ${axis}-parallel over ${most} at most; the plan wants ${wanted}.`);
  for (const tracker of plan.trackers ?? [])
    if (!trainer.trackers?.includes(tracker))
      reasons.push(`${tracker} is not installed beside ${name}: docs/trackers.md says how.`);
  return reasons;
}
