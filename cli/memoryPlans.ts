/** In which layout each method of tuning fits the GPUs that somebody has in mind (R10). */
import type { ResolvedRecipe } from '../config/resolved.js';
import type { TrainerCapabilities } from '../config/training.js';
import type { Layout } from '../workflows/policies/parallel/memory.js';
import { type Machine, parallelPlan, usualShare } from '../workflows/policies/parallel/plan.js';

export interface MemoryPlan {
  method: 'full' | 'lora' | 'qlora';
  fits: boolean;
  layout: Layout | null;
  says: string;
}

/** For records as long as the task lets them be, and whether this trainer could. Null where the sizes of the model are not known. */
export function memoryPlans({ model, settings, trainer }: ResolvedRecipe, machine: Machine): MemoryPlan[] | null {
  const { shape } = model;
  if (!shape) return null;
  const sequence = Math.min(settings.data.maximumTokens, model.contextTokens);
  const { batchSize: batch } = settings.training;
  return (['full', 'lora', 'qlora'] as const).map((method) => {
    const training = { method, trainableShare: usualShare, momentBits: 32 as const, sequence, batch };
    const { decision, planned } = parallelPlan(shape, training, machine);
    const layout = planned?.layout ?? null;
    const says = [decision.reason, ...beyond(trainer, method, layout)].join(' ');
    return { method, fits: planned !== null, layout, says };
  });
}

/** What the plan asks that the trainer lacks, at most a sentence; how many GPUs it sees here does not matter. */
function beyond({ name, methods, layouts }: TrainerCapabilities, method: string, layout: Layout | null): string[] {
  if (!(methods as string[]).includes(method)) return [`${name} has no ${method}: this wants another trainer.`];
  if (layout === null) return [];
  const { tensor, pipeline, expert, zero } = layout;
  const divides = tensor > layouts.maximumTensor || pipeline > layouts.maximumPipeline || expert > 1 || zero > 0;
  return divides ? [`${name} keeps a whole model on each GPU: this wants another trainer.`] : [];
}
