import type { ModelInfo } from '../../../config/models.js';
import type { SweepSettings } from '../../../config/sweep.js';
import type { TrainerCapabilities } from '../../../config/training.js';

/** Why settings of experts cannot be searched with this model and trainer, one sentence each; empty when they can (R10). */
export function expertRefusals(
  { activeExperts, routerLoss }: Pick<SweepSettings, 'activeExperts' | 'routerLoss'>,
  { architecture, shape }: Pick<ModelInfo, 'architecture' | 'shape'>,
  trainer: Pick<TrainerCapabilities, 'name' | 'experts'>,
): string[] {
  const searched = Object.entries({ activeExperts, routerLoss }).flatMap(([name, { length }]) =>
    length > 0 ? [`sweep.${name}`] : [],
  );
  if (searched.length === 0) return [];
  const asked = searched.join(' and ');
  const experts = shape?.experts ?? 0;
  if (experts === 0) return [`${asked} search settings of experts, and ${architecture} is no mixture of experts`];
  if (!trainer.experts) return [`${asked} search settings of experts, which ${trainer.name} does not take`];
  const most = Math.max(0, ...activeExperts);
  return most > experts
    ? [`sweep.activeExperts has ${most}, and ${architecture} has ${experts} experts in a layer`]
    : [];
}
