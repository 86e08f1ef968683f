/** In which layout each method of tuning fits the GPUs that somebody has in mind (R10). */
import type { ResolvedRecipe } from '../config/resolved.js';
import type { Layout } from '../workflows/policies/parallel/memory.js';
import { type Machine, parallelPlan, usualShare } from '../workflows/policies/parallel/plan.js';

export interface MemoryPlan {
  method: 'full' | 'lora' | 'qlora';
  fits: boolean;
  layout: Layout | null;
  says: string;
}

/** For records as long as the task lets them be. Null where the sizes of the model are not known. */
export function memoryPlans({ model, settings }: ResolvedRecipe, machine: Machine): MemoryPlan[] | null {
  const { shape } = model;
  if (!shape) return null;
  const sequence = Math.min(settings.data.maximumTokens, model.contextTokens);
  const { batchSize: batch } = settings.training;
  return (['full', 'lora', 'qlora'] as const).map((method) => {
    const training = { method, trainableShare: usualShare, momentBits: 32 as const, sequence, batch };
    const { decision, planned } = parallelPlan(shape, training, machine);
    return { method, fits: planned !== null, layout: planned?.layout ?? null, says: decision.reason };
  });
}
